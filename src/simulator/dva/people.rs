//! The people that can log in: one for each Patient of the data.

use crate::env::Env;
use crate::simulator::dva::store::Store;
use crate::simulator::dva::world::Person;

/// Random bytes of a password.
const PASSWORD: usize = 8;

/// Random bytes of a fixed access token: 160 bits.
const TOKEN: usize = 20;

/// Resources of one's own that a sparse patient has at most: the Patient, and a payer.
const SPARSE: usize = 2;

/// The people of a data set: rich patients and, with next to nothing of their own, sparse ones. Passwords may come from a
/// source of their own.
pub(super) fn of(env: &Env, passwords: &Env, set: usize, store: &Store, suites: &[&'static str]) -> Vec<Person> {
    store
        .dossiers()
        .enumerate()
        .map(|(i, (id, dossier))| Person {
            name: name(dossier.records.read("Patient", id)).unwrap_or_else(|| id.to_owned()),
            login: id.to_owned(),
            password: passwords.token(PASSWORD),
            token: env.token(TOKEN),
            bsn: dossier.bsn.clone().unwrap_or_else(|| number(set * 100 + i)),
            set,
            patient: id.to_owned(),
            stands_for: if dossier.own > SPARSE { "rich" } else { "sparse" },
            suites: suites.to_vec(),
        })
        .collect()
}

fn name(patient: Option<&crate::fhir::Element>) -> Option<String> {
    let name = patient?.child("name")?;
    if let Some(text) = name.text("text") {
        return Some(text.to_owned());
    }
    let given = name.all("given").next().and_then(|given| given.as_text());
    let parts: Vec<&str> = given.into_iter().chain(name.text("family")).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A number that passes the eleven-test of the burgerservicenummer, from the range 99998 that is used for fictional people.
fn number(index: usize) -> String {
    let mut left = index;
    let mut body = 99_998_000_u32;
    loop {
        let digits: Vec<u32> = (0..8).rev().map(|i| body / 10_u32.pow(i) % 10).collect();
        let sum: u32 = digits.iter().zip((2..=9).rev()).map(|(digit, weight)| digit * weight).sum();
        // The last digit counts minus one: it must equal the rest of the sum.
        if sum % 11 < 10 {
            if left == 0 {
                return format!("{body}{}", sum % 11);
            }
            left -= 1;
        }
        body += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_pass_the_eleven_test_and_differ() {
        let numbers: Vec<String> = (0..300).map(number).collect();
        for number in &numbers {
            let digits: Vec<i32> = number.bytes().map(|byte| i32::from(byte - b'0')).collect();
            let sum: i32 = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, -1]).map(|(digit, weight)| digit * weight).sum();
            assert!(digits.len() == 9 && sum % 11 == 0, "{number}");
        }
        assert_eq!(numbers.iter().collect::<std::collections::BTreeSet<_>>().len(), 300);
    }
}

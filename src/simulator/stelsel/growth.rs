//! How the Zorgaanbiederslijst grows, and moves to another shape. Entry points: [`grown`] and [`newer`].

use crate::lists::model::ZalRelease;
use crate::lists::model::Zorgaanbieder;
use crate::lists::model::Zorgaanbiederslijst;

/// How many providers come.
const MORE: u32 = 100;

/// The interface version that stands in the newer shape: from 2.x only the major number.
const INTERFACE_VERSION: &str = "2";

/// The list with many providers more, which nobody is asked to collect at: they share the addresses of the last one.
pub(super) fn grown(mut list: Zorgaanbiederslijst) -> Zorgaanbiederslijst {
    let Some(last) = list.zorgaanbieders.last().cloned() else { return list };
    let more = (0..MORE).map(|i| Zorgaanbieder { naam: format!("praktijk{}@medmij", letters(i)), ..last.clone() });
    list.zorgaanbieders.extend(more);
    list
}

/// The list in its newer shape, with one provider more.
pub(super) fn newer(mut list: Zorgaanbiederslijst, newcomer: Option<&Zorgaanbieder>) -> Zorgaanbiederslijst {
    list.release = ZalRelease::Release3;
    list.zorgaanbieders.extend(newcomer.cloned());
    for provider in &mut list.zorgaanbieders {
        provider.aanbiedertype = Some("ZA".to_owned());
        for version in &mut provider.interfaceversies {
            version.id = Some(INTERFACE_VERSION.to_owned());
        }
    }
    list
}

/// A number in letters: names of providers had no digits at first.
fn letters(mut number: u32) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        text.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Severity;
    use crate::lists;
    use crate::lists::List;

    fn list() -> Zorgaanbiederslijst {
        let text = include_str!("../../../fixtures/lists/zorgaanbiederslijst-release2.xml");
        let Ok(List::Zorgaanbiederslijst(list)) = lists::parse(text.as_bytes()) else { panic!("no list") };
        list
    }

    /// As it comes out of the file, without mistakes.
    fn reread(list: Zorgaanbiederslijst) -> Zorgaanbiederslijst {
        let text = lists::write(&List::Zorgaanbiederslijst(list));
        let reading = lists::read("MedMij_Zorgaanbiederslijst.xml", text.as_bytes());
        let wrong: Vec<_> = reading.mistakes.iter().filter(|mistake| mistake.severity >= Severity::Error).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let Some(List::Zorgaanbiederslijst(list)) = reading.list else { panic!("no list") };
        list
    }

    #[test]
    fn a_list_that_grew_keeps_to_its_schema() {
        let (before, after) = (list(), reread(grown(list())));
        assert_eq!(after.zorgaanbieders.len(), before.zorgaanbieders.len() + MORE as usize);
        assert_eq!(after.zorgaanbieders[..before.zorgaanbieders.len()], before.zorgaanbieders);
    }

    #[test]
    fn the_newer_shape_can_name_a_provider_with_an_ampersand() {
        let first = list().zorgaanbieders[0].clone();
        let newcomer = Zorgaanbieder { naam: "jansen&zonen@medmij".to_owned(), ..first };
        let after = reread(newer(list(), Some(&newcomer)));
        assert_eq!(after.release, ZalRelease::Release3);
        assert_eq!(after.zorgaanbieders.last().map(|one| one.naam.as_str()), Some("jansen&zonen@medmij"));
    }
}

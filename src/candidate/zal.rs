//! The addresses of a candidate from a Zorgaanbiederslijst, in place of `[endpoints]`.
//!
//! Knows no files. Entry point: [`addresses`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Text;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::lists::model::Gegevensdienst;
use crate::lists::model::Interfaceversie;
use crate::lists::model::Zorgaanbiederslijst;
use crate::requirement::Release;
use crate::text;

/// Addresses as the list has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// AuthorizationEndpointuri.
    pub authorization: String,
    /// TokenEndpointuri.
    pub token: String,
    /// ResourceEndpointuri of each systeemrolcode.
    pub resource: BTreeMap<String, String>,
}

/// What in the candidate file is at odds with the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The part.
    pub about: About,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

/// A part of the candidate file.
#[derive(Debug, PartialEq, Eq)]
pub enum About {
    /// The list itself.
    List,
    /// The name of the provider.
    Provider,
    /// The systeemrol with this index.
    Systeemrol(usize),
}

/// The addresses of a provider for the systeemrollen that are claimed, in the interface version of a release.
///
/// # Errors
/// The provider, its interface version or a systeemrol is not in the list, or has no address or several.
pub fn addresses(
    list: &Zorgaanbiederslijst,
    provider: &str,
    release: Release,
    claimed: &[String],
) -> Result<Addresses, Vec<Trouble>> {
    let trouble = |about, message: Text, hint: Text| Trouble { about, message, hint };
    let names = || list.zorgaanbieders.iter().map(|one| one.naam.as_str());
    let Some(found) = list.zorgaanbieders.iter().find(|one| one.naam == provider) else {
        let hint = match suggestion(provider, names()) {
            Some(near) => did_you_mean(near),
            None => {
                let count = names().count();
                text!(
                    "de lijst heeft {count} zorgaanbieders; schrijf de naam zoals die daar staat",
                    "the list has {count} providers; write the name as it is there"
                )
            }
        };
        let message =
            text!("de Zorgaanbiederslijst heeft geen `{provider}`", "the Zorgaanbiederslijst has no `{provider}`");
        return Err(vec![trouble(About::Provider, message, hint)]);
    };
    let major = release.label().split('.').next().unwrap_or_default();
    let is_of = |id: &str| id == major || id.strip_prefix(major).is_some_and(|rest| rest.starts_with('.'));
    let versions: Vec<&Interfaceversie> =
        found.interfaceversies.iter().filter(|one| one.id.as_deref().is_none_or(is_of)).collect();
    if versions.is_empty() {
        let ids: Vec<&str> = found.interfaceversies.iter().filter_map(|one| one.id.as_deref()).collect();
        let ids = ids.join(", ");
        let message = text!(
            "`{provider}` heeft geen interfaceversie {major} in de Zorgaanbiederslijst",
            "`{provider}` has no interface version {major} in the Zorgaanbiederslijst"
        );
        let hint = text!("er is {ids}; een release 2.x vraagt {major}", "it has {ids}; a release 2.x needs {major}");
        return Err(vec![trouble(About::Provider, message, hint)]);
    }
    let services: Vec<&Gegevensdienst> = versions.iter().flat_map(|version| &version.gegevensdiensten).collect();
    let mut by_code: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for service in &services {
        for role in &service.systeemrollen {
            by_code.entry(&role.code).or_default().insert(&role.resource_endpoint);
            // The id stands in the place of a code that no source shows.
            if claimed.contains(&service.id) {
                by_code.entry(&service.id).or_default().insert(&role.resource_endpoint);
            }
        }
    }
    let mut wrong = Vec::new();
    for (at, code) in claimed.iter().enumerate() {
        match by_code.get(code.as_str()).map(BTreeSet::len) {
            Some(1) => {}
            Some(_) => wrong.push(trouble(
                About::Systeemrol(at),
                text!(
                    "`{provider}` heeft de systeemrol `{code}` op meer dan een ResourceEndpoint",
                    "`{provider}` has the systeemrol `{code}` at several ResourceEndpoints"
                ),
                text!(
                    "schrijf het adres dat getoetst wordt onder [endpoints], in plaats van `zal`",
                    "write the one that is to be tested under [endpoints], in place of `zal`"
                ),
            )),
            None => wrong.push(trouble(
                About::Systeemrol(at),
                text!(
                    "geen gegevensdienst van `{provider}` heeft de systeemrol `{code}` in de Zorgaanbiederslijst",
                    "no gegevensdienst of `{provider}` has the systeemrol `{code}` in the Zorgaanbiederslijst"
                ),
                match suggestion(code, by_code.keys().copied()) {
                    Some(near) => did_you_mean(near),
                    None => {
                        let all = by_code.keys().copied().collect::<Vec<_>>().join(", ");
                        text!("er is {all}", "it has {all}")
                    }
                },
            )),
        }
    }
    let is_claimed = |service: &&&Gegevensdienst| {
        claimed.contains(&service.id) || service.systeemrollen.iter().any(|role| claimed.contains(&role.code))
    };
    let ours: Vec<&&Gegevensdienst> = services.iter().filter(is_claimed).collect();
    let mut one = |name: &str, of: fn(&Gegevensdienst) -> Option<&String>| {
        let all: BTreeSet<Option<&String>> = ours.iter().map(|service| of(service)).collect();
        match all.into_iter().collect::<Vec<_>>().as_slice() {
            [Some(address)] => (*address).clone(),
            [] => String::new(),
            several => {
                let message = if several.contains(&None) {
                    text!(
                        "een gegevensdienst van `{provider}` heeft geen {name} in de Zorgaanbiederslijst",
                        "a gegevensdienst of `{provider}` has no {name} in the Zorgaanbiederslijst"
                    )
                } else {
                    text!(
                        "de gegevensdiensten van `{provider}` hebben verschillende {name}s",
                        "the gegevensdiensten of `{provider}` have different {name}s"
                    )
                };
                let hint = text!(
                    "claim de systeemrollen van één gegevensdienst, of schrijf de adressen onder [endpoints]",
                    "claim the systeemrollen of one gegevensdienst, or write the addresses under [endpoints]"
                );
                wrong.push(trouble(About::List, message, hint));
                String::new()
            }
        }
    };
    let authorization = one("AuthorizationEndpoint", |service| service.authorization_endpoint.as_ref());
    let token = one("TokenEndpoint", |service| service.token_endpoint.as_ref());
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let single = by_code.iter().filter(|(_, uris)| uris.len() == 1);
    let resource = single.flat_map(|(code, uris)| uris.iter().map(|uri| ((*code).to_owned(), (*uri).to_owned())));
    Ok(Addresses { authorization, token, resource: resource.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists;
    use crate::lists::List;

    fn list(text: &str) -> Zorgaanbiederslijst {
        match lists::parse(text.as_bytes()) {
            Ok(List::Zorgaanbiederslijst(list)) => list,
            other => panic!("{other:?}"),
        }
    }

    const SECOND: &str = include_str!("../../fixtures/lists/zorgaanbiederslijst-release2.xml");
    const THIRD: &str = include_str!("../../fixtures/lists/zorgaanbiederslijst-release3.xml");

    fn choose(text: &str, provider: &str, claimed: &[&str]) -> Result<Addresses, Vec<Trouble>> {
        let claimed: Vec<String> = claimed.iter().map(|code| (*code).to_owned()).collect();
        addresses(&list(text), provider, Release::V2_2, &claimed)
    }

    fn messages(result: Result<Addresses, Vec<Trouble>>) -> Vec<String> {
        let trouble = result.expect_err("trouble");
        trouble.iter().map(|one| format!("{:?}: {} ({})", one.about, one.message.en, one.hint.en)).collect()
    }

    #[test]
    fn both_releases_give_the_addresses() {
        for text in [SECOND, THIRD] {
            let found = choose(text, "ziekenhuisnoord@medmij", &["MM-3.0-PLB-FHIR", "MM-3.0-BZB-FHIR"]).unwrap();
            assert_eq!(found.authorization, "https://auth.toetsbank.example/authorize");
            assert_eq!(found.token, "https://dva.toetsbank.example:18444/token");
            assert_eq!(found.resource["MM-3.0-BZB-FHIR"], "https://dva.toetsbank.example:18444/bgz");
            assert_eq!(found.resource.len(), 3);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            messages(choose(SECOND, "ziekenhuisnord@medmij", &[])),
            [
                "Provider: the Zorgaanbiederslijst has no `ziekenhuisnord@medmij` (did you mean `ziekenhuisnoord@medmij`?)"
            ]
        );
        assert_eq!(
            messages(choose(SECOND, "huisartszuid@medmij", &["MM-3.0-BZB-FHIR", "LAB-1.1-LRB-FHIR"])),
            ["Systeemrol(1): no gegevensdienst of `huisartszuid@medmij` has the systeemrol `LAB-1.1-LRB-FHIR` in the \
              Zorgaanbiederslijst (it has MM-3.0-BZB-FHIR)"]
        );
        let older = THIRD.replace("<InterfaceversieId>2<", "<InterfaceversieId>1.4.0<");
        assert_eq!(
            messages(choose(&older, "huisartszuid@medmij", &["MM-3.0-BZB-FHIR"])),
            ["Provider: `huisartszuid@medmij` has no interface version 2 in the Zorgaanbiederslijst (it has 1.4.0; a \
              release 2.x needs 2)"]
        );
    }

    #[test]
    fn a_gegevensdienst_may_be_claimed_by_its_id() {
        let list = SECOND.replace("MM-3.0-BZB-FHIR", "MM-3.0-ABC-FHIR");
        let found = choose(&list, "huisartszuid@medmij", &["48"]).unwrap();
        assert_eq!(found.resource["48"], found.resource["MM-3.0-ABC-FHIR"]);
        assert!(!choose(&list, "huisartszuid@medmij", &["MM-3.0-ABC-FHIR"]).unwrap().resource.contains_key("48"));
    }

    #[test]
    fn several_addresses_are_no_address() {
        let two = SECOND.replacen("https://auth.toetsbank.example/authorize", "https://auth.toetsbank.example/a", 1);
        let both = ["MM-3.0-PLB-FHIR", "MM-3.0-BZB-FHIR"];
        let found = messages(choose(&two, "ziekenhuisnoord@medmij", &both));
        assert!(found.len() == 1 && found[0].contains("different AuthorizationEndpoints"), "{found:?}");
        assert!(choose(&two, "ziekenhuisnoord@medmij", &both[..1]).is_ok());
    }
}

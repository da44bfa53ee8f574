//! What must hold between lists that are given together: two publications of one list, and lists that name each other's content.
//!
//! The order in which they are given means nothing. Entry point: [`across`].

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::diag::Severity;
use crate::diag::Text;
use crate::lists::List;
use crate::lists::Mistake;
use crate::lists::Reading;
use crate::lists::Tree;
use crate::lists::mistake::Collector;
use crate::lists::mistake::Said;
use crate::lists::mistake::Spot;
use crate::lists::mistake::shown;
use crate::text;

/// Mistakes that only several lists together show, each with the index of the reading that it is in.
pub fn across(readings: &[Reading]) -> Vec<(usize, Mistake)> {
    let mut out = Vec::new();
    for (at, reading) in readings.iter().enumerate() {
        let mut found = Collector::new(&reading.text);
        if let (Some(list), Some(tree)) = (&reading.list, &reading.tree) {
            for other in &readings[..at] {
                if let Some(earlier) = other.list.as_ref().filter(|earlier| earlier.kind() == list.kind()) {
                    editions(reading, tree, list, other, earlier, &mut found);
                }
            }
            match list {
                List::Zorgaanbiederslijst(_) => {
                    hosts(readings, reading, tree, &mut found);
                    services(readings, reading, tree, "LIST-02", &mut found);
                }
                List::OAuthclientlist(_) => services(readings, reading, tree, "LIST-36", &mut found),
                _ => {}
            }
        }
        out.extend(found.finish().into_iter().map(|mistake| (at, mistake)));
    }
    out
}

/// Two publications of one list: the number rises with the moment.
fn editions(reading: &Reading, tree: &Tree, list: &List, other: &Reading, before: &List, found: &mut Collector) {
    let (mine, theirs) = (list.edition(), before.edition());
    let (number, its_number) = (mine.volgnummer, theirs.volgnummer);
    let name = shown(&other.name);
    let moment = |text: &str| text.parse::<Timestamp>().ok();
    let moments = moment(&mine.tijdstempel).zip(moment(&theirs.tijdstempel));
    let spot = |element: &str| {
        let span = tree.child(element).map_or(tree.span, |child| child.span);
        Spot { place: format!("{}/{element}", tree.name), span }
    };
    let against = moments.is_some_and(|(mine, theirs)| mine.cmp(&theirs) == its_number.cmp(&number) && mine != theirs);
    if number == its_number && list != before {
        let said = Said {
            expected: Text::new(
                "een hoger volgnummer bij iedere wijziging",
                "a higher sequence number with each change",
            ),
            seen: text!(
                "volgnummer {number}, dat `{name}` met andere inhoud ook heeft",
                "sequence number {number}, which `{name}` has too, with other content"
            ),
            fix: Text::new("verhoog het volgnummer met één", "raise the sequence number by one"),
        };
        found.add(&reading.text, "LIST-11", Severity::Error, "number-repeated", spot("Volgnummer"), said);
    } else if against {
        let (moment, its_moment) = (&mine.tijdstempel, &theirs.tijdstempel);
        let said = Said {
            expected: Text::new("een volgnummer dat stijgt met de tijd", "a sequence number that rises with time"),
            seen: text!(
                "nummer {number} van {moment}, en in `{name}` nummer {its_number} van {its_moment}",
                "number {number} of {moment}, and in `{name}` number {its_number} of {its_moment}"
            ),
            fix: Text::new(
                "verhoog bij publicatie het volgnummer met één",
                "raise the sequence number by one when you publish",
            ),
        };
        found.add(&reading.text, "LIST-11", Severity::Error, "number-against-time", spot("Volgnummer"), said);
    }
}

/// Hosts of the back channel that the whitelist lacks.
fn hosts(readings: &[Reading], reading: &Reading, tree: &Tree, found: &mut Collector) {
    let mut allowed = BTreeSet::new();
    let whitelists = readings.iter().filter_map(|reading| match &reading.list {
        Some(List::Whitelist(list)) => Some(list),
        _ => None,
    });
    let mut any = false;
    for list in whitelists {
        any = true;
        allowed.extend(list.hostnames.iter().map(String::as_str));
    }
    if !any {
        return;
    }
    let mut told = BTreeSet::new();
    for uri in leaves(tree, &["TokenEndpointuri", "ResourceEndpointuri", "SubscriptionEndpointuri"]) {
        let host = uri.text.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default();
        if host.is_empty() || allowed.contains(host) || !told.insert(host) {
            continue;
        }
        let host = shown(host);
        let said = Said {
            expected: Text::new("een host die op de whitelist staat", "a host that is on the whitelist"),
            seen: text!("`{host}`, die er niet op staat", "`{host}`, which is not on it"),
            fix: Text::new("zet de host op de whitelist", "put the host on the whitelist"),
        };
        let spot = Spot { place: format!("{}//{}", tree.name, uri.name), span: uri.span };
        found.add(&reading.text, "LIST-02", Severity::Warning, "host-not-whitelisted", spot, said);
    }
}

/// Services that the GNL has no name for.
fn services(readings: &[Reading], reading: &Reading, tree: &Tree, rule: &'static str, found: &mut Collector) {
    let named = readings.iter().filter_map(|reading| match &reading.list {
        Some(List::Gegevensdienstnamenlijst(list)) => Some(list),
        _ => None,
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        return;
    }
    let known: BTreeSet<&str> = named.iter().flat_map(|list| &list.namen).map(|(id, _)| id.as_str()).collect();
    let mut told = BTreeSet::new();
    for id in leaves(tree, &["GegevensdienstId"]) {
        if known.contains(id.text.as_str()) || !told.insert(id.text.as_str()) {
            continue;
        }
        let value = shown(&id.text);
        let said = Said {
            expected: Text::new(
                "een gegevensdienst die in de Gegevensdienstnamenlijst staat",
                "a gegevensdienst that is in the Gegevensdienstnamenlijst",
            ),
            seen: text!("`{value}`, die er niet in staat", "`{value}`, which is not in it"),
            fix: Text::new(
                "voeg de naam toe aan de Gegevensdienstnamenlijst",
                "add the name to the Gegevensdienstnamenlijst",
            ),
        };
        let spot = Spot { place: format!("{}//GegevensdienstId", tree.name), span: id.span };
        found.add(&reading.text, rule, Severity::Warning, "service-not-named", spot, said);
    }
}

/// All elements with one of these names.
fn leaves<'t>(tree: &'t Tree, names: &[&str]) -> Vec<&'t Tree> {
    let mut out = Vec::new();
    for child in &tree.children {
        if names.contains(&child.name) {
            out.push(child);
        }
        out.extend(leaves(child, names));
    }
    out
}

//! What must hold of one list beyond its schema: names, endpoints, hosts, codes, the name of its file.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::diag::Text;
use crate::lists::Tree;
use crate::lists::mistake::Collector;
use crate::lists::mistake::Said;
use crate::lists::mistake::Spot;
use crate::lists::mistake::shown;
use crate::lists::roles;
use crate::lists::schema;
use crate::lists::schema::Kind;
use crate::lists::schema::SCHEMAS;
use crate::lists::schema::Schema;
use crate::lists::simple;
use crate::text;

/// Most characters of a label, and of a whole name (RFC 3696, section 2; RFC 1035).
const LABEL: usize = 63;
const HOST: usize = 253;

/// A check of the text of elements with a name, in lists of some kinds.
type Check = fn(&'static Schema, &Tree) -> Option<Finding>;

/// Which checks there are, by the element whose text they look at.
static CHECKS: &[(&str, Check)] = &[
    ("Tijdstempel", without_zone),
    ("Volgnummer", large_number),
    ("Zorgaanbiedernaam", old_name),
    ("Systeemrolcode", role),
    ("Aanbiedertype", proposed_type),
    ("Hostname", host),
    ("MedMijNode", host),
];

/// What a check finds.
struct Finding {
    rule: &'static str,
    severity: Severity,
    code: &'static str,
    said: Said,
}

/// Looks over a list that was read.
pub fn check(text: &str, schema: &'static Schema, tree: &Tree, found: &mut Collector) {
    let mut path = vec![tree.name.to_owned()];
    walk(text, schema, tree, &mut path, found);
    if schema.kind == Kind::Zorgaanbiederslijst {
        for (at, provider) in tree.under(&["Zorgaanbieders", "Zorgaanbieder"]).into_iter().enumerate() {
            shared_endpoints(text, provider, at + 1, found);
        }
    }
}

/// Whether a file has a name that is fixed for a list, and that of the right one.
pub fn file_name(text: &str, name: &str, schema: &'static Schema, tree: &Tree, found: &mut Collector) {
    let Some(own) = schema.kind.file_name() else { return };
    let spot = || Spot { place: tree.name.to_owned(), span: tree.span };
    let said = |nl: &str, en: &str| Said {
        expected: text!("de naam `{own}`", "the name `{own}`"),
        seen: Text::new(nl, en),
        fix: text!("noem het bestand `{own}`", "call the file `{own}`"),
    };
    let other =
        SCHEMAS.iter().filter_map(|schema| schema.kind.file_name()).find(|fixed| *fixed == name && *fixed != own);
    let shown = shown(name);
    if other.is_some() {
        let said = said(
            &format!("de naam `{shown}`, die voor een andere lijst is"),
            &format!("the name `{shown}`, which is for another list"),
        );
        found.add(text, "LIST-10", Severity::Error, "file-name", spot(), said);
    } else if name != own && name.eq_ignore_ascii_case(own) {
        let said = said(&format!("de naam `{shown}`"), &format!("the name `{shown}`"));
        found.add(text, "LIST-10", Severity::Warning, "file-name", spot(), said);
    }
}

fn walk(text: &str, schema: &'static Schema, tree: &Tree, path: &mut Vec<String>, found: &mut Collector) {
    for (_, check) in CHECKS.iter().filter(|(name, _)| *name == tree.name && tree.children.is_empty()) {
        if let Some(Finding { rule, severity, code, said }) = check(schema, tree) {
            found.push(text, rule, severity, code, Spot { place: path.join("/"), span: tree.span }, said);
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for child in &tree.children {
        let count = counts.entry(child.name).or_default();
        *count += 1;
        let alone = *count == 1 && tree.all(child.name).nth(1).is_none();
        path.push(if alone { child.name.to_owned() } else { format!("{}[{count}]", child.name) });
        walk(text, schema, child, path, found);
        path.pop();
    }
}

/// A moment that is long enough by its fraction, and still names no time zone.
fn without_zone(_: &'static Schema, tree: &Tree) -> Option<Finding> {
    (simple::DATUM_TIJD.holds(&tree.text) && !simple::has_zone(&tree.text)).then(|| {
        let value = shown(&tree.text);
        warning(
            "LIST-23",
            "no-zone",
            Said {
                expected: Text::new("een moment met tijdzone", "a moment with a time zone"),
                seen: text!("`{value}`, dat geen tijdzone heeft", "`{value}`, which has no time zone"),
                fix: Text::new("zet `Z` of `+01:00` erachter", "put `Z` or `+01:00` behind it"),
            },
        )
    })
}

/// A number that the schema allows and programs cannot hold.
fn large_number(schema: &'static Schema, tree: &Tree) -> Option<Finding> {
    let text = simple::collapsed(&tree.text);
    (simple::POSITIEFNUMMER.holds(text) && text.parse::<u64>().is_err()).then(|| {
        let (value, most) = (shown(text), u64::MAX);
        let said = Said {
            expected: text!("hooguit {most}", "at most {most}"),
            seen: text!("`{value}`", "`{value}`"),
            fix: Text::new("nummer de publicaties vanaf 1", "number the publications from 1"),
        };
        warning(schema.rule, "number-too-large", said)
    })
}

/// A name that the grammar of today allows, and the only schema of release2 that was seen does not.
fn old_name(schema: &'static Schema, tree: &Tree) -> Option<Finding> {
    let is_new = simple::ZORGAANBIEDERNAAM.holds(&tree.text);
    let is_old = simple::OLD_NAME.holds(&tree.text) && (10..=57).contains(&tree.text.chars().count());
    (std::ptr::eq(schema, &raw const schema::ZAL_RELEASE2) && is_new && !is_old).then(|| {
        let value = shown(&tree.text);
        warning(
            "LIST-13",
            "old-name-pattern",
            Said {
                expected: Text::new(
                    "alleen letters voor `@medmij`, 10 tot 57 tekens: zo staat het in bestandsversie 5 van release2",
                    "letters only before `@medmij`, 10 to 57 characters: that is what file version 5 of release2 has",
                ),
                seen: text!("`{value}`", "`{value}`"),
                fix: Text::new(
                    "controleer of de ontvangers een later schema van release2 hebben",
                    "check that the receivers have a later schema of release2",
                ),
            },
        )
    })
}

/// A code that is not known to us. Our list of codes is not whole, so that weighs only when its form is unusual too.
fn role(_: &'static Schema, tree: &Tree) -> Option<Finding> {
    let code = &tree.text;
    if roles::gegevensdienst(code).is_some() || !simple::SYSTEEMROLCODE.holds(code) {
        return None;
    }
    let value = shown(code);
    let seen = text!(
        "de systeemrolcode `{value}`, die toetsbank niet kent",
        "the systeemrolcode `{value}`, which toetsbank does not know"
    );
    let fix = match roles::nearest(code) {
        Some(near) => text!(
            "vergelijk met de Catalogus; toetsbank kent `{near}`",
            "compare with the Catalogus; toetsbank knows `{near}`"
        ),
        None => Text::new("vergelijk met de Catalogus", "compare with the Catalogus"),
    };
    let said = Said { expected: Text::new("een code uit de Catalogus", "a code of the Catalogus"), seen, fix };
    let severity = if roles::has_usual_form(code) { Severity::Information } else { Severity::Warning };
    Some(Finding { severity, ..warning("LIST-31", "role-unknown", said) })
}

fn proposed_type(_: &'static Schema, tree: &Tree) -> Option<Finding> {
    (tree.text == "APD").then(|| {
        let said = Said {
            expected: Text::new("`ZA` of `BAZB`", "`ZA` or `BAZB`"),
            seen: Text::new("`APD`, dat alleen is voorgesteld", "`APD`, which is only proposed"),
            fix: Text::default(),
        };
        Finding { severity: Severity::Information, ..warning("LIST-16", "type-proposed", said) }
    })
}

/// A host on the whitelist that is no fully qualified domain name.
fn host(schema: &'static Schema, tree: &Tree) -> Option<Finding> {
    let host = &tree.text;
    if schema.kind != Kind::Whitelist || !simple::HOSTNAME.holds(host) {
        return None;
    }
    let mut labels = host.split('.');
    let digits = labels.next_back().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let hyphen = host.split('.').any(|label| label.ends_with('-'));
    let long = host.len() > HOST || host.split('.').any(|label| label.len() > LABEL);
    let (nl, en) = match (digits, hyphen, long) {
        (true, _, _) => (
            "het laatste deel bestaat uit cijfers, zoals in een IP-adres",
            "the last label is digits, as in an IP address",
        ),
        (_, true, _) => ("een deel eindigt op `-`", "a label ends in `-`"),
        (_, _, true) => (
            "een deel van meer dan 63 tekens, of samen meer dan 253",
            "a label of more than 63 characters, or more than 253 in all",
        ),
        _ => return None,
    };
    let said = Said {
        expected: Text::new(
            "een volledige domeinnaam (RFC 3696, deel 2)",
            "a fully qualified domain name (RFC 3696, section 2)",
        ),
        seen: Text::new(nl, en),
        fix: Text::new("zet de domeinnaam van de node op de lijst", "put the domain name of the node on the list"),
    };
    Some(Finding { severity: Severity::Error, ..warning("LIST-41", "no-domain-name", said) })
}

/// A resource endpoint of one provider that serves more than one service.
fn shared_endpoints(text: &str, provider: &Tree, number: usize, found: &mut Collector) {
    let mut services: Vec<&Tree> = provider.under(&["Gegevensdiensten", "Gegevensdienst"]);
    services.extend(provider.under(&["Interfaceversies", "Interfaceversie", "Gegevensdiensten", "Gegevensdienst"]));
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for service in services {
        let Some(id) = service.text_of(&["GegevensdienstId"]) else { continue };
        for uri in service.under(&["Systeemrollen", "Systeemrol", "ResourceEndpoint", "ResourceEndpointuri"]) {
            let other = *first.entry(&uri.text).or_insert(id);
            if other == id {
                continue;
            }
            let (id, other) = (shown(id), shown(other));
            let said = Said {
                expected: Text::new(
                    "per gegevensdienst een eigen ResourceEndpoint",
                    "a ResourceEndpoint of its own for each gegevensdienst",
                ),
                seen: text!(
                    "hetzelfde adres voor gegevensdienst {other} en {id}",
                    "the same address for gegevensdienst {other} and {id}"
                ),
                fix: Text::new(
                    "registreer voor elke gegevensdienst een ander adres",
                    "register another address for each gegevensdienst",
                ),
            };
            let place = format!("Zorgaanbiederslijst/Zorgaanbieders/Zorgaanbieder[{number}]//ResourceEndpointuri");
            found.add(text, "FLOW-36", Severity::Error, "shared-endpoint", Spot { place, span: uri.span }, said);
        }
    }
}

fn warning(rule: &'static str, code: &'static str, said: Said) -> Finding {
    Finding { rule, severity: Severity::Warning, code, said }
}

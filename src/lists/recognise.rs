//! Which schema a text claims to follow: by its root element, its namespace and, where two shapes share one, by its content.

use roxmltree::Node;

use crate::diag::Severity;
use crate::diag::Text;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::lists::mistake::Collector;
use crate::lists::mistake::Said;
use crate::lists::mistake::Spot;
use crate::lists::mistake::shown;
use crate::lists::read::tag;
use crate::lists::schema;
use crate::lists::schema::Kind;
use crate::lists::schema::SCHEMAS;
use crate::lists::schema::Schema;
use crate::text;

/// The schema of a root element; what is unknown or mixed is told.
pub fn schema(text: &str, root: Node<'_, '_>, found: &mut Collector) -> Option<&'static Schema> {
    let name = root.tag_name().name();
    let namespace = root.tag_name().namespace().unwrap_or_default();
    let spot = || Spot { place: shown(name), span: tag(text, root) };
    let Some(first) = SCHEMAS.iter().copied().find(|schema| schema.root.name == name) else {
        let fix = match suggestion(name, SCHEMAS.iter().map(|schema| schema.root.name)) {
            Some(near) => did_you_mean(near),
            None => Text::default(),
        };
        let seen = shown(name);
        let names =
            "Zorgaanbiederslijst, OAuthclientlist, Gegevensdienstnamenlijst, Whitelist, Zorgaanbiederskoppellijst";
        let said = Said {
            expected: text!("een van de lijsten: {names}", "one of the lists: {names}"),
            seen: text!("het element `{seen}`", "the element `{seen}`"),
            fix,
        };
        found.add(text, "LIST-02", Severity::Error, "not-a-list", spot(), said);
        return None;
    };
    let kind = first.kind;
    let own: Vec<&'static Schema> = schema::of(kind).filter(|schema| schema.namespace == namespace).collect();
    match (own.as_slice(), kind) {
        ([], _) => unknown(text, root, first, found),
        (_, Kind::Whitelist) => Some(whitelist(text, root, found)),
        (_, Kind::OAuthclientlist) => Some(clients(text, root, found)),
        ([one, ..], _) => Some(one),
    }
}

/// A namespace that is none of those seen: of a later release, or wrong.
fn unknown(text: &str, root: Node<'_, '_>, first: &'static Schema, found: &mut Collector) -> Option<&'static Schema> {
    let namespace = root.tag_name().namespace().unwrap_or_default();
    let known: Vec<&str> = schema::of(first.kind).map(|schema| schema.namespace).collect();
    let base = first.namespace.rsplit_once("release").map_or(first.namespace, |(base, _)| base);
    let digits = namespace.strip_prefix(base).and_then(|rest| rest.strip_prefix("release")?.strip_suffix('/'));
    let release = digits.and_then(|digits| digits.parse::<u32>().ok());
    let newest =
        known.iter().filter_map(|name| name.rsplit("release").next()?.trim_end_matches('/').parse::<u32>().ok());
    let spot = Spot { place: shown(root.tag_name().name()), span: tag(text, root) };
    if let Some(release) = release.filter(|release| Some(*release) > newest.max()) {
        let seen = text!(
            "release {release}, waarvan geen schema is gezien: de inhoud is niet getoetst",
            "release {release}, of which no schema was seen: its content was not checked"
        );
        let said = Said { expected: Text::default(), seen, fix: Text::default() };
        let later = first.kind == Kind::OAuthclientlist;
        found.add(text, if later { "LIST-18" } else { first.rule }, Severity::Warning, "release-unknown", spot, said);
        // The later shape of the OCL is known from prose.
        return later.then_some(&schema::OCL_LATER);
    }
    let listed = known.first().copied().unwrap_or_default();
    let others =
        known.iter().skip(1).filter(|name| **name != listed).map(|name| format!(", `{name}`")).collect::<String>();
    let seen = if namespace.is_empty() {
        Text::new("geen namespace", "no namespace")
    } else {
        let namespace = shown(namespace);
        text!("de namespace `{namespace}`", "the namespace `{namespace}`")
    };
    let said = Said {
        expected: text!("de namespace `{listed}`{others}", "the namespace `{listed}`{others}"),
        seen,
        fix: Text::new(
            "neem de namespace over zoals zij is, met de schuine streep aan het eind",
            "take the namespace as it is, with the slash at its end",
        ),
    };
    found.add(text, first.rule, Severity::Error, "namespace", spot, said);
    None
}

/// The shape of a whitelist: that of its first node that has one. Nodes of the other shape are told.
fn whitelist(text: &str, root: Node<'_, '_>, found: &mut Collector) -> &'static Schema {
    let nodes = root.children().filter(|node| node.tag_name().name() == "MedMijNodes");
    let nodes = nodes.flat_map(|nodes| nodes.children()).filter(|node| node.tag_name().name() == "MedMijNode");
    let mut first: Option<bool> = None;
    for node in nodes {
        let is_nested = node.children().any(|child| child.is_element());
        let has_text =
            node.children().any(|child| child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()));
        if !is_nested && !has_text {
            continue;
        }
        if *first.get_or_insert(is_nested) != is_nested {
            let said = Said {
                expected: Text::new(
                    "een lijst van één vorm: `<MedMijNode>host</MedMijNode>` (bestandsversie 2) of \
                     `<MedMijNode><Hostname>host</Hostname></MedMijNode>` (9 en later)",
                    "a list of one shape: `<MedMijNode>host</MedMijNode>` (file version 2) or \
                     `<MedMijNode><Hostname>host</Hostname></MedMijNode>` (9 and later)",
                ),
                seen: Text::new("beide vormen door elkaar", "both shapes in one list"),
                fix: Text::new("zet elke host in een `Hostname`", "put each host in a `Hostname`"),
            };
            let spot = Spot { place: "Whitelist/MedMijNodes/MedMijNode".to_owned(), span: tag(text, node) };
            found.add(text, "LIST-21", Severity::Error, "mixed-shapes", spot, said);
            break;
        }
    }
    if first == Some(false) {
        let (nl, en) = schema::WHL_FLAT.version;
        let said = Said {
            expected: Text::default(),
            seen: Text::new(nl, en),
            fix: Text::new("schrijf nieuwe lijsten in de geneste vorm", "write new lists in the nested shape"),
        };
        let spot = Spot { place: "Whitelist".to_owned(), span: tag(text, root) };
        found.add(text, "LIST-20", Severity::Information, "flat-shape", spot, said);
        return &schema::WHL_FLAT;
    }
    &schema::WHL_NESTED
}

/// The shape of an OCL: release2, unless a client has what came later.
fn clients(text: &str, root: Node<'_, '_>, found: &mut Collector) -> &'static Schema {
    let later =
        root.descendants().find(|node| matches!(node.tag_name().name(), "Interfaceversies" | "Vertegenwoordiging"));
    let Some(later) = later else { return &schema::OCL_RELEASE2 };
    let name = later.tag_name().name();
    let said = Said {
        expected: Text::new(
            "de inhoud van release2: `Hostname` en `OAuthclientOrganisatienaam`",
            "the content of release2: `Hostname` and `OAuthclientOrganisatienaam`",
        ),
        seen: text!(
            "`{name}`, van een latere vorm waarvan geen schema is gezien",
            "`{name}`, of a later shape of which no schema was seen"
        ),
        fix: Text::new("vergelijk met het schema dat nu geldt", "compare with the schema that holds now"),
    };
    let spot = Spot { place: "OAuthclientlist".to_owned(), span: tag(text, later) };
    found.add(text, "LIST-18", Severity::Warning, "later-shape", spot, said);
    &schema::OCL_LATER
}

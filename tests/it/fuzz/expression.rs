//! FHIRPath that means something, nearly means something, or nothing.

use crate::fuzz::random::Random;

const NAMES: &[&str] = &[
    "Patient",
    "Observation",
    "name",
    "given",
    "value",
    "code",
    "coding",
    "system",
    "extension",
    "url",
    "identifier",
    "component",
    "id",
    "contained",
    "entry",
    "resource",
    "reference",
    "subject",
    "`div`",
    "text",
    "birthDate",
    "period",
    "start",
    "$this",
    "$index",
    "$total",
    "%resource",
    "%context",
    "%rootResource",
    "%`vs-x`",
    "%ucum",
    "contact",
    "is",
    "as",
    "contains",
    "in",
];

const LITERALS: &[&str] = &[
    "1",
    "0",
    "-1",
    "9223372036854775807",
    "1.5",
    "0.0000000000000000000000000001",
    "99999999999999999999999999999",
    "'a'",
    "''",
    "'\\u00e9'",
    "'(a+)+$'",
    "'.*'",
    "true",
    "false",
    "{}",
    "@2026",
    "@2026-02-30",
    "@2026-01-01T10:00:00Z",
    "@T10:30",
    "@T24",
    "1 'mg'",
    "5 years",
    "10000000000 years",
    "4 days",
    "1 '10*-9'",
    "1e5",
    "{1, 2}",
];

const OPERATORS: &[&str] = &[
    "=", "!=", "~", "!~", "<", ">", "<=", ">=", "and", "or", "xor", "implies", "+", "-", "*", "/", "div", "mod", "&",
    "|", "in", "contains", "is", "as",
];

/// Names of functions with how many arguments they are given.
const FUNCTIONS: &[(&str, usize)] = &[
    ("where", 1),
    ("exists", 0),
    ("exists", 1),
    ("all", 1),
    ("select", 1),
    ("repeat", 1),
    ("ofType", 1),
    ("is", 1),
    ("as", 1),
    ("not", 0),
    ("empty", 0),
    ("count", 0),
    ("distinct", 0),
    ("isDistinct", 0),
    ("first", 0),
    ("last", 0),
    ("tail", 0),
    ("skip", 1),
    ("take", 1),
    ("single", 0),
    ("union", 1),
    ("combine", 1),
    ("intersect", 1),
    ("exclude", 1),
    ("subsetOf", 1),
    ("supersetOf", 1),
    ("iif", 2),
    ("iif", 3),
    ("toInteger", 0),
    ("toDecimal", 0),
    ("toString", 0),
    ("toDate", 0),
    ("toDateTime", 0),
    ("toTime", 0),
    ("toBoolean", 0),
    ("toQuantity", 0),
    ("toQuantity", 1),
    ("convertsToInteger", 0),
    ("convertsToQuantity", 1),
    ("indexOf", 1),
    ("substring", 1),
    ("substring", 2),
    ("startsWith", 1),
    ("endsWith", 1),
    ("contains", 1),
    ("upper", 0),
    ("lower", 0),
    ("replace", 2),
    ("matches", 1),
    ("matchesFull", 1),
    ("replaceMatches", 2),
    ("length", 0),
    ("toChars", 0),
    ("split", 1),
    ("join", 1),
    ("trim", 0),
    ("encode", 1),
    ("decode", 1),
    ("escape", 1),
    ("unescape", 1),
    ("abs", 0),
    ("ceiling", 0),
    ("exp", 0),
    ("floor", 0),
    ("ln", 0),
    ("log", 1),
    ("power", 1),
    ("round", 1),
    ("sqrt", 0),
    ("truncate", 0),
    ("children", 0),
    ("descendants", 0),
    ("trace", 1),
    ("now", 0),
    ("today", 0),
    ("timeOfDay", 0),
    ("extension", 1),
    ("hasValue", 0),
    ("getValue", 0),
    ("resolve", 0),
    ("memberOf", 1),
    ("conformsTo", 1),
    ("htmlChecks", 0),
    ("aggregate", 1),
    ("aggregate", 2),
    ("sum", 0),
    ("min", 0),
    ("max", 0),
    ("avg", 0),
    ("type", 0),
    ("sort", 0),
    ("sort", 1),
    ("lowBoundary", 0),
    ("lowBoundary", 1),
    ("highBoundary", 1),
    ("precision", 0),
    ("comparable", 1),
    ("nonsense", 1),
];

const TYPES: &[&str] =
    &["Patient", "string", "Quantity", "Coding", "System.String", "FHIR.code", "Resource", "Reference", "Nonsense"];

const SIGNS: &[&str] = &[".", "(", ")", "[", "]", "'", "//", "/*", "\\", "%", "@", "$"];

/// A piece of an expression, for changing one that is right.
pub fn piece(random: &mut Random) -> &'static str {
    let group = [NAMES, LITERALS, OPERATORS, SIGNS][random.below(4)];
    random.text(group)
}

/// An expression by the grammar, at most so many levels deep.
pub fn any(levels: usize, random: &mut Random) -> String {
    let mut text = term(levels, random);
    for _ in 0..random.below(3) {
        text.push_str(&format!(" {} ", random.text(OPERATORS)));
        text.push_str(&term(levels, random));
    }
    text
}

fn term(levels: usize, random: &mut Random) -> String {
    let mut text = match random.below(10) {
        0..=2 => random.text(LITERALS).to_owned(),
        3 if levels > 0 => format!("({})", any(levels - 1, random)),
        4 => format!("-{}", random.text(LITERALS)),
        _ => random.text(NAMES).to_owned(),
    };
    for _ in 0..random.below(4) {
        match random.below(5) {
            0 => text.push_str(&format!(".{}", random.text(NAMES))),
            1 => text.push_str(&format!("[{}]", random.below(3))),
            _ if levels > 0 => text.push_str(&call(levels - 1, random)),
            _ => text.push_str(".exists()"),
        }
    }
    text
}

fn call(levels: usize, random: &mut Random) -> String {
    let (name, count) = *random.pick(FUNCTIONS);
    let takes_type = matches!(name, "is" | "as" | "ofType");
    let mut arguments = Vec::new();
    for _ in 0..count {
        arguments.push(if takes_type { random.text(TYPES).to_owned() } else { any(levels, random) });
    }
    format!(".{name}({})", arguments.join(", "))
}

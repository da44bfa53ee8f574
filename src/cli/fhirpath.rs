//! `toetsbank fhirpath`: evaluates a FHIRPath expression on a resource and prints the result as JSON, one item a line.

use std::error::Error;
use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::cli::COULD_NOT_JUDGE;
use crate::cli::FAILED;
use crate::cli::OK;
use crate::cli::USAGE;
use crate::env::Env;
use crate::fhir::Element;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::json;
use crate::fhir::path::Context;
use crate::fhir::path::Dialect;
use crate::fhir::path::Expression;
use crate::fhir::path::Item;
use crate::fhir::path::Model;
use crate::fhir::path::PathError;
use crate::fhir::path::Temporal;
use crate::fhir::path::place_of;
use crate::fhir::xml;
use crate::packages::embedded;

/// Evaluate a FHIRPath expression on a resource.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank fhirpath --fhir r4 'Patient.name.given' patient.json")]
pub struct FhirpathArgs {
    /// The expression
    #[arg(value_name = "EXPRESSION")]
    expression: String,
    /// File with a resource, JSON or XML; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Version of FHIR
    #[arg(long, value_enum, default_value_t = FhirArgument::Stu3)]
    fhir: FhirArgument,
    /// Accept the forms outside FHIRPath that official scripts use; those used are named on standard error
    #[arg(long)]
    lenient: bool,
    /// Print the place of each element before it
    #[arg(long)]
    places: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FhirArgument {
    Stu3,
    R4,
}

/// Does what the arguments say. Exit status: 2 when expression or file cannot be read, 3 when the answer needs what is not at
/// hand, 1 when the evaluation fails otherwise.
pub fn run(args: &FhirpathArgs) -> u8 {
    let (expression, resource) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(message) => {
            eprintln!("failed to {message}");
            return USAGE;
        }
    };
    let model = embedded::definitions(match args.fhir {
        FhirArgument::Stu3 => FhirVersion::Stu3,
        FhirArgument::R4 => FhirVersion::R4,
    });
    let mut context = Context::new(model, &resource, Temporal::from_timestamp(Env::system().now()));
    if args.lenient {
        context.dialect = Dialect::Lenient;
    }
    let items = match expression.evaluate(&resource, &context) {
        Ok(items) => items,
        Err(error) => {
            eprintln!("failed to evaluate: {error}");
            let is_open = matches!(error, PathError::Undecided { .. } | PathError::Limit { .. });
            return if is_open { COULD_NOT_JUDGE } else { FAILED };
        }
    };
    for form in context.leniencies() {
        eprintln!("lenient: {}", form.name());
    }
    let mut out = io::stdout().lock();
    for item in &items {
        let place = item.node().filter(|_| args.places).and_then(|node| place_of(&resource, node.element, model));
        let line = match place {
            Some(place) => format!("{place}\t{}", to_json(item, model)),
            None => to_json(item, model),
        };
        // Who closed the pipe has read enough.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    OK
}

fn prepare(args: &FhirpathArgs) -> Result<(Expression, Element), Box<dyn Error>> {
    let expression = Expression::parse(&args.expression).map_err(|error| format!("read the expression: {error}"))?;
    let text = read(&args.file).map_err(|error| format!("read `{}`: {error}", args.file.display()))?;
    let is_xml = text.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80) == Some(&b'<');
    let parsed = if is_xml { xml::parse(&text) } else { json::parse(&text) };
    let (resource, _) = parsed.map_err(|error| format!("read `{}`: {error}", args.file.display()))?;
    Ok((expression, resource))
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return fs::read(file);
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    Ok(text)
}

fn to_json(item: &Item<'_>, model: &dyn Model) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match item {
        Item::Node(node) => json::write_element(node.element, node.kind, model),
        Item::Boolean(_) | Item::Integer(_) | Item::Decimal(_) => item.to_string(),
        Item::Quantity(quantity) => {
            format!(r#"{{"value":{},"unit":{}}}"#, quantity.value, quoted(&quantity.unit))
        }
        Item::Type(namespace, name) => format!(r#"{{"namespace":{},"name":{}}}"#, quoted(namespace), quoted(name)),
        Item::Text(_) | Item::Temporal(_) => quoted(&item.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let model = embedded::definitions(FhirVersion::R4);
        let resource = br#"{"resourceType":"Patient","active":true,"birthDate":"1980-01-02",
            "name":[{"family":"Jansen","given":["Jan","Piet"]}]}"#;
        let (resource, _) = json::parse(resource).unwrap();
        let context = Context::new(model, &resource, Temporal::from_timestamp(Env::system().now()));
        let expression = Expression::parse(text).unwrap();
        let items = expression.evaluate(&resource, &context).unwrap();
        assert_eq!(items.iter().map(|item| to_json(item, model)).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn each_item_is_one_json_value() {
        check("name", &[r#"{"family":"Jansen","given":["Jan","Piet"]}"#]);
        check("name.given", &[r#""Jan""#, r#""Piet""#]);
        check("active | 1.50 | birthDate | 'a\"b'", &["true", "1.50", r#""1980-01-02""#, r#""a\"b""#]);
        check("4 'mg'", &[r#"{"value":4,"unit":"mg"}"#]);
        check("active.type()", &[r#"{"namespace":"FHIR","name":"boolean"}"#]);
    }
}

//! A terminology file: ValueSets with an expansion and CodeSystems, as one file, a Bundle, NDJSON, a package or a folder.
//!
//! What it holds goes before what the packages say of the same canonical. Entry point: [`open_terminology`].

use std::fs;
use std::path::Path;

use crate::fhir::definitions::Layer;
use crate::fhir::definitions::PackageFacts;
use crate::fhir::json;
use crate::packages;
use crate::packages::MAX_BYTES;
use crate::packages::PackageError;

/// Opens a terminology file.
///
/// # Errors
/// What is not read, or holds no definition. NDJSON goes by its name: `.ndjson` or `.jsonl`.
pub fn open_terminology(path: &Path) -> Result<Layer, PackageError> {
    let is_ndjson = path.extension().is_some_and(|ending| ending == "ndjson" || ending == "jsonl");
    if !is_ndjson {
        return packages::open(path);
    }
    let fail = |source| PackageError::Read { path: path.to_path_buf(), source };
    if fs::metadata(path).map_err(fail)?.len() > MAX_BYTES {
        return Err(PackageError::TooLarge { path: path.to_path_buf() });
    }
    let bytes = fs::read(path).map_err(fail)?;
    let mut resources = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (resource, _) = json::parse(line).map_err(|source| PackageError::Resource {
            path: path.to_path_buf(),
            inside: format!("line {number}"),
            source,
        })?;
        resources.push(resource);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let layer = Layer::from_resources(PackageFacts::from(&*name), resources)
        .map_err(|source| PackageError::Definition { path: path.to_path_buf(), inside: name.clone(), source })?;
    if layer.is_empty() {
        return Err(PackageError::NoDefinitions { path: path.to_path_buf() });
    }
    Ok(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: Result<usize, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let seen = open_terminology(&path).map(|layer| layer.len()).map_err(|error| error.to_string());
        match expect {
            Ok(number) => assert_eq!(seen, Ok(number), "{text}"),
            Err(part) => assert!(seen.as_ref().is_err_and(|error| error.contains(part)), "{seen:?}"),
        }
    }

    #[test]
    fn every_form_is_read() {
        let one =
            r#"{"resourceType":"ValueSet","url":"http://a/v","expansion":{"contains":[{"system":"s","code":"c"}]}}"#;
        let two = r#"{"resourceType":"CodeSystem","url":"http://a/c","content":"complete"}"#;
        check("v.json", one, Ok(1));
        check("v.ndjson", &format!("{one}\n\n{two}\n"), Ok(2));
        let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{one}}},{{"resource":{two}}}]}}"#);
        check("b.json", &bundle, Ok(2));
        check("v.jsonl", &format!("{one}\n{{"), Err("line 2"));
        check("p.ndjson", r#"{"resourceType":"Patient"}"#, Err("find a definition"));
    }
}

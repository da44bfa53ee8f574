//! Bodies of FHIR messages, in whichever format they come.

use serde_json::Value;

use crate::fhir::definitions::FhirVersion;
use crate::fhir::json;
use crate::fhir::xml;
use crate::packages::embedded;

/// A resource of STU3 in JSON or XML, as JSON; `None` for what is neither.
pub fn as_json(body: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    let (root, _) = xml::parse(body).ok()?;
    let model = embedded::definitions(FhirVersion::Stu3);
    serde_json::from_str(&json::write(&root, Some(model))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bundle_in_xml_is_read() {
        let text = r#"<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/><total value="0"/></Bundle>"#;
        let read = as_json(text.as_bytes());
        assert_eq!(read, Some(json!({ "resourceType": "Bundle", "type": "searchset", "total": 0 })));
        assert_eq!(as_json(read.unwrap().to_string().as_bytes()), as_json(text.as_bytes()));
        assert_eq!(as_json(b"no resource"), None);
    }
}

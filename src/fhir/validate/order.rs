//! Constraint: in XML, elements stand in the order of the definition, repetitions together; JSON has no order.

use crate::fhir::schema::Children;
use crate::fhir::schema::NodeId;
use crate::fhir::schema::Schema;
use crate::fhir::validate::walk::Item;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Compares the order of children in XML with that of their definition; the first one out of order is a finding.
    pub fn xml_order(&mut self, parent: Spot<'_>, schema: &Schema, children: &Children, found: &[(NodeId, Item<'_>)]) {
        if self.json {
            return;
        }
        // The address of an extension is an attribute there: it stands before everything.
        let is_attribute = |name: &str| name == "url" && parent.element.name.to_lowercase().ends_with("extension");
        let found: Vec<_> = found.iter().filter(|(_, item)| !is_attribute(&item.element.name)).collect();
        let position = |id: &NodeId| children.list.iter().position(|known| known == id);
        let late = found.windows(2).enumerate().find(|(_, pair)| position(&pair[1].0) < position(&pair[0].0));
        let Some((before, [(last, _), (id, item)])) = late else { return };
        let node = schema.node(*id);
        let earlier = found.iter().take(before + 1).filter(|(of, _)| of == id).count();
        let index = if node.list { u32::try_from(earlier).ok() } else { None };
        let place = parent.place.below(&node.name, index);
        let spot = Spot { element: item.element, place: &place, scope: parent.scope };
        let (name, other) = (&node.name, &schema.node(*last).name);
        let expected = text!("`{name}` vóór `{other}`", "`{name}` before `{other}`");
        let seen = text!("`{name}` na `{other}`", "`{name}` after `{other}`");
        self.find(spot, "xml-order", Rule { schema, node }, expected, seen);
    }
}

#[cfg(test)]
mod tests {
    use crate::fhir::definitions::DefinitionSet;
    use crate::fhir::definitions::FhirVersion;
    use crate::fhir::validate::Options;
    use crate::fhir::validate::Validator;
    use crate::fhir::xml;
    use crate::packages::embedded;
    use std::sync::Arc;

    #[test]
    fn the_first_element_out_of_order_is_found() {
        let layers = embedded::layers(FhirVersion::Stu3);
        let validator = Validator::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, layers)));
        let check = |body: &str, expect: &[&str]| {
            let text = format!(r#"<Patient xmlns="http://hl7.org/fhir">{body}</Patient>"#);
            let (resource, problems) = xml::parse(text.as_bytes()).unwrap();
            let outcome = validator.validate_read(&resource, &problems, &[], Options::default());
            let seen: Vec<String> =
                outcome.issues.iter().map(|issue| format!("{} {}", issue.code, issue.place)).collect();
            assert_eq!(seen, expect, "{body}");
        };
        let (name, gender) = (r#"<name><text value="a"/></name>"#, r#"<gender value="male"/>"#);
        let born = r#"<birthDate value="1970"/>"#;
        check(&format!("{name}{name}{gender}{born}"), &[]);
        check(&format!("{gender}{name}{born}"), &["xml-order Patient.name[0]"]);
        check(&format!("{name}{gender}{name}"), &["xml-order Patient.name[1]"]);
        let parts = r#"<extension url="http://x"><extension url="y"><valueCode value="z"/></extension></extension>"#;
        check(parts, &[]);
        check(r#"<name><family value="a"/><use value="usual"/></name>"#, &["xml-order Patient.name[0].use"]);
    }
}

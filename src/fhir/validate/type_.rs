//! Constraint: which elements may stand, and of which type.

use crate::diag::Text;
use crate::diag::suggestion;
use crate::fhir::Element;
use crate::fhir::element::type_of_choice;
use crate::fhir::schema::Children;
use crate::fhir::schema::NodeId;
use crate::fhir::schema::Schema;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::fhir::validate::walk::nothing;
use crate::text;

impl Run<'_> {
    /// An element that the schema has no child for: of a type that its choice does not allow, or unknown.
    /// Which child it then stands for.
    pub fn unknown(
        &mut self,
        parent: Spot<'_>,
        child: &Element,
        schema: &Schema,
        children: &Children,
    ) -> Option<NodeId> {
        let choice = children.list.iter().copied().find(|id| {
            let node = schema.node(*id);
            node.choice && type_of_choice(&child.name, &node.name).is_some()
        });
        let name = &child.name;
        if let Some(id) = choice {
            let node = schema.node(id);
            let place = parent.place.below(&node.name, child.index);
            let spot = Spot { element: child, place: &place, scope: parent.scope };
            self.wrong_type(spot, Rule { schema, node }, name.strip_prefix(&*node.name).unwrap_or_default());
            return Some(id);
        }
        // The element that must not hold it; where it stands in the text is that of the child.
        let spot = Spot { element: child, place: parent.place, scope: parent.scope };
        let kind = &schema.type_name;
        let names = children.list.iter().map(|id| &*schema.node(*id).name);
        let expected = match suggestion(name, names) {
            Some(near) => text!(
                "alleen elementen van `{kind}`; dit lijkt op `{near}`",
                "only elements of `{kind}`; this looks like `{near}`"
            ),
            None => text!("alleen elementen van `{kind}`", "only elements of `{kind}`"),
        };
        self.find(
            spot,
            "element-unknown",
            Rule { schema, node: schema.root() },
            expected,
            Text::same(format!("`{name}`")),
        );
        None
    }

    /// A value whose type its element does not allow.
    pub fn wrong_type(&mut self, spot: Spot<'_>, rule: Rule<'_>, code: &str) {
        let allowed: Vec<String> = rule.node.types.iter().map(|kind| format!("`{}`", kind.code)).collect();
        let allowed = allowed.join(", ");
        let expected = text!("een waarde van type {allowed}", "a value of type {allowed}");
        self.find(spot, "type-not-allowed", rule, expected, Text::same(format!("`{code}`")));
    }

    /// Whether a complex element has nothing in it, or is no object; both are reported.
    pub fn is_hollow(&mut self, spot: Spot<'_>, rule: Rule<'_>) -> bool {
        if spot.element.value.is_some() {
            let expected = text!("een element met kinderen", "an element with children");
            self.find(spot, "json-kind", rule, expected, Text::same(show(spot.element)));
            return true;
        }
        if spot.element.children.is_empty() {
            let below = format!("{}.", spot.place.path());
            if self.misread.range(below.clone()..).next().is_some_and(|place| place.starts_with(&below)) {
                // It is empty because the reader left out what it told of already.
                return true;
            }
            let expected = text!("een waarde of kinderen", "a value or children");
            self.find(spot, "empty", rule, expected, nothing());
            return true;
        }
        false
    }
}

/// A value in short, for messages.
pub fn show(element: &Element) -> String {
    let mut shown = String::new();
    write(element, &mut shown);
    if shown.chars().count() > 160 {
        shown = shown.chars().take(159).chain(['…']).collect();
    }
    if shown.is_empty() { "`\"\"`".to_owned() } else { format!("`{shown}`") }
}

fn write(element: &Element, shown: &mut String) {
    if let Some(value) = element.as_text() {
        shown.push_str(value);
    }
    if element.children.is_empty() {
        return;
    }
    shown.push('{');
    for (position, child) in element.children.iter().enumerate() {
        if position > 0 {
            shown.push_str(", ");
        }
        shown.push_str(&child.name);
        shown.push_str(": ");
        write(child, shown);
        if shown.len() > 800 {
            break;
        }
    }
    shown.push('}');
}

//! Constraint: which slice an item is in, how many each slice has, and what may stand outside.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::definitions::SlicingRules;
use crate::fhir::schema::Condition;
use crate::fhir::schema::NodeId;
use crate::fhir::schema::SlicingRule;
use crate::fhir::schema::Step;
use crate::fhir::schema::Test;
use crate::fhir::terminology::Membership;
use crate::fhir::validate::equality;
use crate::fhir::validate::scope::Scope;
use crate::fhir::validate::scope::Target;
use crate::fhir::validate::type_;
use crate::fhir::validate::walk::Item;
use crate::fhir::validate::walk::Rule;
use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

/// Most slices or values that one finding names.
const NAMED: usize = 4;

/// Items of one element, divided over its slices.
struct Division<'i> {
    items: &'i [Item<'i>],
    /// The slice of each item.
    slice_of: Vec<Option<usize>>,
    /// The items of each slice, by their position.
    members: Vec<Vec<usize>>,
}

impl Run<'_> {
    /// The slice of each item; findings on numbers, order and items outside stand at the parent or the item.
    pub fn slicing(
        &mut self,
        parent: Spot<'_>,
        rule: Rule<'_>,
        slicing: &SlicingRule,
        items: &[Item<'_>],
    ) -> Vec<Option<NodeId>> {
        let division = self.divide(parent, rule, slicing, items);
        let decidable = slicing.slices.iter().all(|slice| slice.conditions.is_some());
        self.counts(parent, rule, slicing, &division);
        if decidable {
            self.outside_items(parent, rule, slicing, &division);
        }
        let mut ids: Vec<Option<NodeId>> = vec![None; items.len()];
        for (slice, members) in slicing.slices.iter().zip(&division.members) {
            for position in members {
                ids[*position] = Some(slice.node);
            }
        }
        self.inner_slices(parent, rule, slicing, &division, &mut ids);
        ids
    }

    /// Which slice each item is in.
    fn divide<'i>(
        &mut self,
        parent: Spot<'_>,
        rule: Rule<'_>,
        slicing: &SlicingRule,
        items: &'i [Item<'i>],
    ) -> Division<'i> {
        let mut slice_of = Vec::with_capacity(items.len());
        let mut members = vec![Vec::new(); slicing.slices.len()];
        for (position, item) in items.iter().enumerate() {
            let place = parent.place.below(&rule.node.name, item.index);
            let spot = Spot { element: item.element, place: &place, scope: parent.scope };
            let slice = self.slice_of(spot, slicing, item.code);
            if let Some(at) = slice {
                members[at].push(position);
            }
            slice_of.push(slice);
        }
        Division { items, slice_of, members }
    }

    /// Slices of slices: the items of each slice are divided again.
    fn inner_slices(
        &mut self,
        parent: Spot<'_>,
        rule: Rule<'_>,
        slicing: &SlicingRule,
        division: &Division<'_>,
        ids: &mut [Option<NodeId>],
    ) {
        for (slice, members) in slicing.slices.iter().zip(&division.members) {
            let node = rule.schema.node(slice.node);
            let Some(inner) = &node.slicing else { continue };
            if members.is_empty() {
                continue;
            }
            let own: Vec<Item<'_>> = members.iter().map(|position| division.items[*position]).collect();
            let deeper = self.slicing(parent, Rule { schema: rule.schema, node }, inner, &own);
            for (position, id) in members.iter().zip(deeper) {
                if id.is_some() {
                    ids[*position] = id;
                }
            }
        }
    }

    /// The first slice whose conditions all hold.
    fn slice_of(&mut self, spot: Spot<'_>, slicing: &SlicingRule, code: &str) -> Option<usize> {
        slicing.slices.iter().position(|slice| {
            let conditions = slice.conditions.as_deref();
            conditions
                .is_some_and(|conditions| conditions.iter().all(|condition| self.condition(spot, condition, code)))
        })
    }

    /// Whether a condition holds for an item.
    fn condition(&mut self, spot: Spot<'_>, condition: &Condition, code: &str) -> bool {
        let at = self.reached(spot, condition, code);
        match &condition.test {
            Test::Exists(want) => at.is_empty() != *want,
            Test::Fixed(fixed) => at.iter().any(|(element, _)| equality::equal(element, fixed)),
            Test::Pattern(pattern) => at.iter().any(|(element, _)| equality::holds(element, pattern)),
            Test::Type(types) => at.iter().any(|(element, kind)| {
                let kind = element.resource_type.as_deref().unwrap_or(kind);
                types.iter().any(|allowed| same_type(allowed, kind) || &**allowed == "Resource")
            }),
            Test::InValueSet(url) => {
                at.iter().any(|(element, _)| self.terms.member(url, element).membership == Membership::In)
            }
            Test::Profile(slots) => at.iter().any(|(element, _)| {
                let scope = if element.resource_type.is_some() && !spot.scope.contains(element) {
                    Scope { container: element, ..*spot.scope }
                } else {
                    *spot.scope
                };
                let there = Spot { element, place: spot.place, scope: &scope };
                slots.iter().any(|slot| self.fits(there, *slot).unwrap_or(false))
            }),
        }
    }

    /// The elements where a condition looks, with their types.
    fn reached<'e>(&self, spot: Spot<'e>, condition: &'e Condition, code: &'e str) -> Vec<(&'e Element, &'e str)> {
        let mut at = vec![(spot.element, code)];
        for step in &condition.path {
            at = at.into_iter().flat_map(|(element, kind)| self.follow(element, kind, step, spot.scope)).collect();
        }
        at
    }

    fn follow<'e>(
        &self,
        element: &'e Element,
        kind: &'e str,
        step: &'e Step,
        scope: &Scope<'e>,
    ) -> Vec<(&'e Element, &'e str)> {
        match step {
            Step::Child { name, choice } => {
                let children = element.children.iter();
                let named = children.filter_map(|child| {
                    let rest = child.name.strip_prefix(&**name)?;
                    let typed = *choice && rest.starts_with(|letter: char| letter.is_ascii_uppercase());
                    (rest.is_empty() || typed).then_some((child, rest))
                });
                named.collect()
            }
            Step::Extension(url) => element.extensions(url).map(|one| (one, "Extension")).collect(),
            Step::OfType(want) => {
                let own = element.resource_type.as_deref().unwrap_or(kind);
                if own.eq_ignore_ascii_case(want) { vec![(element, kind)] } else { Vec::new() }
            }
            Step::Resolve => {
                let reference = element.as_text().or_else(|| element.text("reference"));
                let target = reference.map(|text| scope.resolve_leniently(text, &|name| self.is_resource_type(name)));
                match target {
                    Some(Target::Found(found)) => vec![(found, found.resource_type.as_deref().unwrap_or_default())],
                    // The type is in the address, though the resource is elsewhere.
                    Some(Target::Outside(Some(name))) => vec![(element, name)],
                    _ => Vec::new(),
                }
            }
        }
    }

    fn counts(&mut self, parent: Spot<'_>, rule: Rule<'_>, slicing: &SlicingRule, division: &Division<'_>) {
        let none = division.items.is_empty();
        // A mandatory choice that is not there is told by its own cardinality.
        if none && rule.node.choice && rule.node.min > 0 {
            return;
        }
        for (slice, members) in slicing.slices.iter().zip(&division.members) {
            // Where there is nothing, every mandatory slice is missing, however its items are known.
            if slice.conditions.is_none() && !none {
                continue;
            }
            let node = rule.schema.node(slice.node);
            let count = members.len();
            let (min, name) = (node.min, node.slice.as_deref().unwrap_or_default());
            let element = &node.name;
            let own = Rule { schema: rule.schema, node };
            if count < min as usize {
                let conditions = slice.conditions.as_deref().unwrap_or_default();
                let told = told_by(conditions);
                let expected = text!(
                    "minstens {min} keer `{element}` van slice `{name}` ({told})",
                    "at least {min} `{element}` of slice `{name}` ({told})"
                );
                let seen = match self.almost(parent, rule, conditions, division) {
                    Some(near) => {
                        let (nl, en) = (near.nl, near.en);
                        text!("{count} keer; {nl}", "{count}; {en}")
                    }
                    None => text!("{count} keer", "{count}"),
                };
                self.find(parent, "slice-min", own, expected, seen);
            }
            if let Some(max) = node.max
                && count > max as usize
            {
                let expected = text!(
                    "hoogstens {max} keer `{element}` van slice `{name}`",
                    "at most {max} `{element}` of slice `{name}`"
                );
                self.find(parent, "slice-max", own, expected, text!("{count} keer", "{count}"));
            }
        }
    }

    fn outside_items(&mut self, parent: Spot<'_>, rule: Rule<'_>, slicing: &SlicingRule, division: &Division<'_>) {
        let last_inside = division.slice_of.iter().rposition(Option::is_some);
        let mut before = 0;
        for (position, (item, slice)) in division.items.iter().zip(&division.slice_of).enumerate() {
            let place = parent.place.below(&rule.node.name, item.index);
            let spot = Spot { element: item.element, place: &place, scope: parent.scope };
            match slice {
                Some(at) if slicing.ordered && *at < before => {
                    let expected =
                        text!("de slices in de volgorde van het profiel", "the slices in the order of the profile");
                    self.find(spot, "slicing-order", rule, expected, text!("een eerdere slice", "an earlier slice"));
                }
                Some(at) => before = *at,
                None if slicing.rules == SlicingRules::Closed => {
                    let (near, seen) = self.nearest(spot, rule, slicing, item.code);
                    let (nl, en) = (near.nl, near.en);
                    let expected = text!("een item van een van de slices: {nl}", "an item of one of the slices: {en}");
                    self.find(spot, "slicing-closed", rule, expected, seen);
                }
                None if slicing.rules == SlicingRules::OpenAtEnd && last_inside.is_some_and(|last| position < last) => {
                    let expected = text!(
                        "items buiten de slices pas na die van de slices",
                        "items outside the slices only after those inside"
                    );
                    self.find(spot, "slicing-end", rule, expected, text!("een item ertussen", "an item in between"));
                }
                None => {}
            }
        }
    }

    /// For an item in no slice: the slice that it comes closest to with the one condition that it misses first and what
    /// stands there; when it has nothing of any slice, how each of them is known.
    fn nearest(&mut self, spot: Spot<'_>, rule: Rule<'_>, slicing: &SlicingRule, code: &str) -> (Text, Text) {
        let mut best: Option<(usize, usize, &Condition, &str)> = None;
        let mut known: Vec<String> = Vec::new();
        for slice in &slicing.slices {
            let conditions = slice.conditions.as_deref().unwrap_or_default();
            let name = rule.schema.node(slice.node).slice.as_deref().unwrap_or_default();
            let (held, missed) = self.held_and_missed(spot, conditions, code);
            let Some(first) = missed.first() else { continue };
            known.push(format!("`{name}` ({})", told_by(conditions)));
            let nearer = best.is_none_or(|(few, much, ..)| (missed.len(), much) < (few, held));
            if held > 0 && nearer {
                best = Some((missed.len(), held, first, name));
            }
        }
        if let Some((_, _, missed, name)) = best {
            let told = told_by(std::slice::from_ref(missed));
            let expected = text!(
                "het dichtst bij `{name}`, dat nog vraagt: {told}",
                "nearest is `{name}`, which still asks: {told}"
            );
            return (expected, self.seen_at(spot, missed, code));
        }
        let rest = known.len().saturating_sub(NAMED);
        known.truncate(NAMED);
        let known = known.join(", ");
        let expected = match rest {
            0 => Text::same(known),
            _ => text!("{known} en nog {rest}", "{known} and {rest} more"),
        };
        (expected, Text::same(type_::show(spot.element)))
    }

    /// How many conditions hold for an item, and those that do not.
    fn held_and_missed<'c>(
        &mut self,
        spot: Spot<'_>,
        conditions: &'c [Condition],
        code: &str,
    ) -> (usize, Vec<&'c Condition>) {
        let missed: Vec<&Condition> = conditions.iter().filter(|one| !self.condition(spot, one, code)).collect();
        (conditions.len() - missed.len(), missed)
    }

    /// What stands where a condition looks.
    fn seen_at(&self, spot: Spot<'_>, condition: &Condition, code: &str) -> Text {
        let at = self.reached(spot, condition, code);
        let path = path_of(condition);
        if at.is_empty() {
            return text!("geen `{path}`", "no `{path}`");
        }
        let values: Vec<String> = at.iter().take(NAMED).map(|(element, _)| type_::show(element)).collect();
        let values = values.join(", ");
        text!("`{path}` is {values}", "`{path}` is {values}")
    }

    /// Of a slice that is missing: the item outside that comes closest to it, and what that misses.
    fn almost(
        &mut self,
        parent: Spot<'_>,
        rule: Rule<'_>,
        conditions: &[Condition],
        division: &Division<'_>,
    ) -> Option<Text> {
        let mut best: Option<(usize, &Item<'_>, &Condition)> = None;
        for (item, _) in division.items.iter().zip(&division.slice_of).filter(|(_, slice)| slice.is_none()) {
            let place = parent.place.below(&rule.node.name, item.index);
            let spot = Spot { element: item.element, place: &place, scope: parent.scope };
            let (held, missed) = self.held_and_missed(spot, conditions, item.code);
            let Some(first) = missed.first().copied() else { continue };
            if held > 0 && best.is_none_or(|(few, ..)| missed.len() < few) {
                best = Some((missed.len(), item, first));
            }
        }
        let (_, item, missed) = best?;
        let place = parent.place.below(&rule.node.name, item.index);
        let spot = Spot { element: item.element, place: &place, scope: parent.scope };
        let (path, told) = (place.path(), told_by(std::slice::from_ref(missed)));
        let seen = self.seen_at(spot, missed, item.code);
        let (nl, en) = (seen.nl, seen.en);
        Some(text!(
            "het dichtst bij komt `{path}`, dat nog mist: {told}; {nl}",
            "nearest is `{path}`, which still lacks: {told}; {en}"
        ))
    }
}

/// Whether two names of types are the same: a choice element writes the first letter of its type as a capital.
fn same_type(one: &str, other: &str) -> bool {
    let rest = |name: &str| name.get(1..).map(str::to_owned);
    one.get(..1).is_some_and(|first| first.eq_ignore_ascii_case(other.get(..1).unwrap_or_default()))
        && rest(one) == rest(other)
}

/// Where a condition looks, as FHIRPath.
fn path_of(condition: &Condition) -> String {
    let path: Vec<String> = condition
        .path
        .iter()
        .map(|step| match step {
            Step::Child { name, .. } => name.to_string(),
            Step::Extension(url) => format!("extension('{url}')"),
            Step::Resolve => "resolve()".to_owned(),
            Step::OfType(kind) => format!("ofType({kind})"),
        })
        .collect();
    if path.is_empty() { "$this".to_owned() } else { path.join(".") }
}

/// What the items of a slice are known by, in short.
fn told_by(conditions: &[Condition]) -> String {
    let parts = conditions.iter().map(|condition| {
        let path = path_of(condition);
        match &condition.test {
            Test::Fixed(value) | Test::Pattern(value) => {
                format!("{path} = {}", type_::show(value))
            }
            Test::InValueSet(url) => format!("{path} in `{url}`"),
            Test::Type(types) => format!("{path}: {}", types.join(" | ")),
            Test::Profile(_) => format!("profile({path})"),
            Test::Exists(true) => format!("{path} exists"),
            Test::Exists(false) => format!("{path} absent"),
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

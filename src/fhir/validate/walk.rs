//! The walker: goes through an instance and a schema together and asks each constraint.

use crate::diag::Text;
use crate::fhir::Element;
use crate::fhir::ScalarKind;
use crate::fhir::definitions::StructureKind;
use crate::fhir::path::Lookups;
use crate::fhir::path::Model;
use crate::fhir::schema::Children;
use crate::fhir::schema::ElementNode;
use crate::fhir::schema::NodeId;
use crate::fhir::schema::Schema;
use crate::fhir::schema::SchemaSet;
use crate::fhir::schema::Slot;
use crate::fhir::schema::TypeRule;
use crate::fhir::snapshot::SnapshotError;
use crate::fhir::terminology::Terminology;
use crate::fhir::validate::NotChecked;
use crate::fhir::validate::Options;
use crate::fhir::validate::bundle::Entries;
use crate::fhir::validate::issue::Findings;
use crate::fhir::validate::place::Place;
use crate::fhir::validate::scope::Scope;
use crate::fhir::validate::work::Work;
use crate::text;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

/// Deepest nesting of resources and datatypes that is followed.
const DEPTH: usize = 64;

/// An element of the instance with where it is.
#[derive(Clone, Copy)]
pub struct Spot<'r> {
    /// The element.
    pub element: &'r Element,
    /// Its place, for findings.
    pub place: &'r Place<'r>,
    /// What references in it can reach.
    pub scope: &'r Scope<'r>,
}

/// The part of a profile that a finding is about.
#[derive(Clone, Copy)]
pub struct Rule<'s> {
    /// The profile.
    pub schema: &'s Schema,
    /// The element in it.
    pub node: &'s ElementNode,
}

/// One validation.
pub struct Run<'v> {
    /// The compiled profiles.
    pub set: &'v SchemaSet,
    /// The value sets.
    pub terms: &'v Terminology,
    /// How strictly.
    pub options: Options,
    /// What was found.
    pub issues: Findings,
    /// What was not judged.
    pub not_checked: Vec<NotChecked>,
    /// Whether the instance was JSON, so that lists and kinds of values tell something.
    pub json: bool,
    /// Whether a resource fits a profile, as found before; an open question counts as yes.
    trials: HashMap<(usize, Slot), bool>,
    /// Gaps of profiles that are listed already, by address.
    pub listed: HashSet<usize>,
    depth: usize,
    /// How many invariants ask, one inside another, whether something conforms to a profile.
    pub nested: u32,
    /// Places of what the reader found wrong.
    pub misread: BTreeSet<String>,
    /// What may still be spent on what is not bounded by the size of the instance.
    pub work: Work,
}

impl<'v> Run<'v> {
    /// A validation that has found nothing yet.
    pub fn new(
        set: &'v SchemaSet,
        terms: &'v Terminology,
        options: Options,
        resource: &Element,
        work: Work,
    ) -> Run<'v> {
        Run {
            set,
            terms,
            options,
            issues: Findings::default(),
            not_checked: Vec::new(),
            json: written_as_json(resource),
            trials: HashMap::new(),
            listed: HashSet::new(),
            depth: 0,
            nested: 0,
            misread: BTreeSet::new(),
            work,
        }
    }

    /// Judges the outermost resource.
    pub fn start(&mut self, resource: &Element, profiles: &[&str]) {
        let name = resource.resource_type.as_deref().unwrap_or(&resource.name);
        let place = Place::root(name);
        let lookups = Lookups::default();
        let scope = Scope::of(resource, &lookups);
        let asked: Vec<Slot> = profiles.iter().map(|profile| self.set.slot(profile)).collect();
        self.resource(Spot { element: resource, place: &place, scope: &scope }, &asked);
    }

    /// Judges a resource by its type, the profiles it claims and those asked for.
    pub fn resource(&mut self, spot: Spot<'_>, asked: &[Slot]) {
        let Some(name) = spot.element.resource_type.as_deref() else {
            return self.misfit(spot, "resource-type", text!("een `resourceType`", "a `resourceType`"), nothing());
        };
        let base = match self.set.definitions().type_definition(name) {
            Some(found) if found.kind == StructureKind::Resource && !found.is_abstract => self.set.slot(&found.url),
            _ => {
                let seen = Text::same(format!("`{name}`"));
                return self.misfit(
                    spot,
                    "resource-type",
                    text!("een resourcetype van FHIR", "a resource type of FHIR"),
                    seen,
                );
            }
        };
        let entries = Entries::of(spot.element);
        let scope = match &entries {
            Some(entries) => Scope { bundle: Some(entries), resource: spot.element, ..*spot.scope },
            None => Scope { resource: spot.element, ..*spot.scope },
        };
        let spot = Spot { scope: &scope, ..spot };
        self.contained(spot);
        self.element_ids(spot);
        self.bundle(spot);
        self.questionnaire(spot);
        self.definition(spot);
        let mut judged = false;
        for slot in self.claimed(spot).into_iter().chain(asked.iter().copied()) {
            judged |= self.by_profile(spot, slot, name);
        }
        if !judged && let Ok(schema) = self.set.schema(base) {
            self.profile(spot, schema);
        }
    }

    /// The profiles that a resource claims.
    fn claimed(&mut self, spot: Spot<'_>) -> Vec<Slot> {
        let Some(meta) = spot.element.child("meta") else { return Vec::new() };
        let mut claimed = Vec::new();
        for canonical in meta.all("profile").filter_map(Element::as_text) {
            match self.set.find(canonical) {
                Some(slot) => claimed.push(slot),
                None => self.unknown_profile(spot, canonical),
            }
        }
        claimed
    }

    fn unusable_profile(&mut self, spot: Spot<'_>, slot: Slot, error: &SnapshotError) {
        let profile = self.set.canonical(slot);
        match error {
            SnapshotError::Unknown(url) if *url == profile => self.unknown_profile(spot, &profile),
            _ => {
                let reason = text!(
                    "profiel `{profile}` is niet te gebruiken: {error}",
                    "profile `{profile}` cannot be used: {error}"
                );
                self.skip(spot, "unknown-profile", reason);
            }
        }
    }

    fn unknown_profile(&mut self, spot: Spot<'_>, profile: &str) {
        let reason = text!("profiel `{profile}` zit in geen pakket", "no package carries profile `{profile}`");
        self.skip(spot, "unknown-profile", reason);
    }

    /// Judges a resource by a profile; whether the profile covers the type's own rules.
    fn by_profile(&mut self, spot: Spot<'_>, slot: Slot, name: &str) -> bool {
        let schema = match self.set.schema(slot) {
            Ok(schema) => schema,
            Err(error) => {
                self.unusable_profile(spot, slot, &error);
                return false;
            }
        };
        if *schema.type_name != *name {
            let general =
                self.set.definitions().type_definition(&schema.type_name).is_some_and(|found| found.is_abstract);
            if !general {
                let kind = &schema.type_name;
                let expected = text!("een `{kind}`, zoals het profiel zegt", "a `{kind}`, as the profile says");
                let rule = Rule { schema, node: schema.root() };
                self.find(spot, "profile-type", rule, expected, Text::same(format!("`{name}`")));
            }
            return false;
        }
        self.profile(spot, schema);
        true
    }

    /// Whether an element fits a profile; nothing is reported. A question that is open already counts as yes.
    pub fn fits(&mut self, spot: Spot<'_>, slot: Slot) -> Option<bool> {
        let key = (std::ptr::from_ref(spot.element) as usize, slot);
        if let Some(known) = self.trials.get(&key) {
            return Some(*known);
        }
        let schema = self.set.schema(slot).ok()?;
        self.trials.insert(key, true);
        let (issues, skipped) = (std::mem::take(&mut self.issues), std::mem::take(&mut self.not_checked));
        let listed = self.listed.clone();
        let kind = spot.element.resource_type.as_deref();
        if kind.is_none_or(|kind| *schema.type_name == *kind || schema.is_abstract) {
            match kind {
                Some(_) => self.resource(spot, &[slot]),
                None => self.profile(spot, schema),
            }
        }
        let wrong_type = kind.is_some_and(|kind| *schema.type_name != *kind && !schema.is_abstract);
        let found = std::mem::replace(&mut self.issues, issues);
        // What a trial listed is listed again when the profile is applied for good.
        self.not_checked = skipped;
        self.listed = listed;
        let fits = !wrong_type && !found.failed();
        self.trials.insert(key, fits);
        Some(fits)
    }

    /// Judges an element by a profile or type as a whole.
    pub fn profile(&mut self, spot: Spot<'_>, schema: &Schema) {
        if self.depth >= DEPTH {
            let reason = text!("dieper dan {DEPTH} niveaus", "deeper than {DEPTH} levels");
            return self.skip(spot, "too-deep", reason);
        }
        self.depth += 1;
        self.gaps(spot, schema);
        let rule = Rule { schema, node: schema.root() };
        self.constraints(spot, rule, &schema.type_name);
        if let Some(children) = &rule.node.children {
            self.children(spot, schema, children);
        }
        self.depth -= 1;
    }

    /// Asks all constraints on one element itself.
    fn constraints(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &str) {
        self.fixed(spot, rule);
        self.pattern(spot, rule);
        self.range(spot, rule);
        self.binding(spot, rule, kind);
        self.invariants(spot, rule, kind);
        self.attachment(spot, rule, kind);
        self.narrative_parts(spot, rule);
    }

    /// Judges the children of an element by those of a schema.
    fn children(&mut self, spot: Spot<'_>, schema: &Schema, children: &Children) {
        self.children_of(spot, schema, children, None, false);
    }

    /// Like [`Run::children`], beside children that another schema judges; `rest`: only those that it does not.
    fn children_of(
        &mut self,
        spot: Spot<'_>,
        schema: &Schema,
        children: &Children,
        others: Option<&Children>,
        rest: bool,
    ) {
        let elsewhere = |name: &str| others.is_some_and(|others| others.named(name).is_some());
        let mut found: Vec<(NodeId, Item<'_>)> = Vec::with_capacity(spot.element.children.len());
        let mut mistyped: Vec<NodeId> = Vec::new();
        for child in &spot.element.children {
            match children.named(&child.name) {
                Some(_) if rest && elsewhere(&child.name) => {}
                None if elsewhere(&child.name) => {}
                Some((id, kind)) => {
                    let node = schema.node(id);
                    let code = node.types.get(kind).map_or("", |rule| &*rule.code);
                    found.push((id, Item { element: child, code, index: None }));
                }
                None => mistyped.extend(self.unknown(spot, child, schema, children)),
            }
        }
        self.xml_order(spot, schema, children, &found);
        let mut items: Vec<Item<'_>> = Vec::new();
        for id in &children.list {
            let node = schema.node(*id);
            if rest && elsewhere(&node.name) {
                continue;
            }
            items.clear();
            items.extend(found.iter().filter(|(of, _)| of == id).map(|(_, item)| *item));
            let rule = Rule { schema, node };
            if !mistyped.contains(id) {
                self.cardinality(spot, rule, items.len());
            }
            if items.is_empty() && node.slicing.is_none() {
                continue;
            }
            self.list_shape(spot, rule, &items);
            for (position, item) in items.iter_mut().enumerate() {
                let own = item.element.index.or_else(|| u32::try_from(position).ok());
                item.index = if node.list || items_repeat(item) { own } else { None };
            }
            let slices = match &node.slicing {
                Some(slicing) => self.slicing(spot, rule, slicing, &items),
                None => Vec::new(),
            };
            for (position, item) in items.iter().enumerate() {
                let place = spot.place.below(&node.name, item.index);
                let below = Spot { element: item.element, place: &place, scope: spot.scope };
                let target = slices.get(position).copied().flatten().unwrap_or(*id);
                self.item(below, schema, target, item.code);
            }
        }
    }

    /// Which of the types of a node an element has: what its name tells, or, of a resource, what it is itself.
    fn type_of<'n>(&self, spot: Spot<'_>, node: &'n ElementNode, code: &str) -> Option<&'n TypeRule> {
        if let [only] = node.types.as_slice()
            && code.is_empty()
        {
            // A slice of an element that refers to another: its own types are those of that element.
            return Some(only);
        }
        if let Some(own) = spot.element.resource_type.as_deref()
            && node.types.len() > 1
        {
            let same = node.types.iter().find(|kind| *kind.code == *own);
            let definitions = self.set.definitions();
            let general = || node.types.iter().find(|kind| definitions.is_subtype(own, &kind.code));
            return same.or_else(general).or_else(|| node.types.first());
        }
        node.types.iter().find(|kind| *kind.code == *code)
    }

    /// Judges one element by one node.
    fn item(&mut self, spot: Spot<'_>, schema: &Schema, id: NodeId, code: &str) {
        let node = schema.node(id);
        let rule = Rule { schema, node };
        let kind = self.type_of(spot, node, code);
        let code = kind.map_or(code, |kind| &*kind.code);
        if let Some(kind) = kind.filter(|kind| kind.primitive.is_some())
            && !self.primitive(spot, rule, kind)
        {
            return;
        }
        self.constraints(spot, rule, node.own_kind(code));
        if let Some((slot, path)) = &node.content {
            if let Ok(target) = self.set.schema(*slot)
                && let Some(at) = target.at(path)
                && let Some(children) = &target.node(at).children
            {
                let there = Rule { schema: target, node: target.node(at) };
                self.invariants(spot, there, &there.node.path);
                self.children(spot, target, children);
            }
            return;
        }
        let Some(kind) = kind else {
            match &node.children {
                Some(children) if node.types.is_empty() => self.children(spot, schema, children),
                _ => self.wrong_type(spot, rule, code),
            }
            return;
        };
        if kind.primitive.is_some() {
            return self.below_primitive(spot, rule, kind);
        }
        let Ok(of_type) = self.set.schema(kind.slot) else {
            let reason = text!("type `{code}` zit in geen pakket", "no package carries type `{code}`");
            return self.skip(spot, "unknown-type", reason);
        };
        if of_type.kind == StructureKind::Resource {
            return self.inner_resource(spot, rule, kind);
        }
        if self.is_hollow(spot, rule) {
            return;
        }
        match &node.children {
            Some(children) => {
                let whole = Rule { schema: of_type, node: of_type.root() };
                self.invariants(spot, whole, &of_type.type_name);
                match &of_type.root().children {
                    // The profile goes into what all the types have; the rest is as the type of this value says.
                    Some(rest) if differ(&node.types) => {
                        self.children_of(spot, schema, children, Some(rest), false);
                        self.children_of(spot, of_type, rest, Some(children), true);
                    }
                    _ => self.children(spot, schema, children),
                }
            }
            None if kind.profiles.is_empty() && !self.is_extension(kind) => self.profile(spot, of_type),
            None => {}
        }
        self.reference(spot, rule, kind);
        if self.is_extension(kind) {
            self.extension(spot, rule, kind, of_type);
        } else if !kind.profiles.is_empty() {
            self.profiles(spot, rule, kind, of_type);
        }
    }

    /// Judges a value by the profiles on its type: the only one, or whichever fits.
    pub fn profiles(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule, of_type: &Schema) {
        if let [only] = kind.profiles.as_slice() {
            match self.set.schema(*only) {
                Ok(schema) => self.profile(spot, schema),
                Err(error) => {
                    self.unusable_profile(spot, *only, &error);
                    self.profile(spot, of_type);
                }
            }
            return;
        }
        self.profile(spot, of_type);
        self.one_of(spot, rule, &kind.profiles);
    }

    /// Judges that a value fits one of these profiles.
    fn one_of(&mut self, spot: Spot<'_>, rule: Rule<'_>, profiles: &[Slot]) {
        let answers: Vec<Option<bool>> = profiles.iter().map(|slot| self.fits(spot, *slot)).collect();
        if answers.contains(&Some(true)) {
            return;
        }
        if answers.contains(&None) {
            let reason = text!(
                "een van de toegestane profielen zit in geen pakket",
                "no package carries one of the allowed profiles"
            );
            return self.skip(spot, "unknown-profile", reason);
        }
        let names: Vec<String> = profiles.iter().map(|slot| format!("`{}`", self.set.canonical(*slot))).collect();
        let names = names.join(", ");
        let expected = text!(
            "een waarde die aan een van deze profielen voldoet: {names}",
            "a value that conforms to one of these profiles: {names}"
        );
        self.find(spot, "profile-none-fits", rule, expected, text!("geen ervan past", "none of them fits"));
    }

    /// Judges the id and extensions of a primitive.
    fn below_primitive(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule) {
        if let Some(children) = &rule.node.children {
            return self.children(spot, rule.schema, children);
        }
        if spot.element.children.is_empty() {
            return;
        }
        if let Some(slot) = kind.profiles.first()
            && let Ok(schema) = self.set.schema(*slot)
        {
            self.profile(spot, schema);
        } else if let Ok(schema) = self.set.schema(kind.slot)
            && let Some(children) = &schema.root().children
        {
            self.children(spot, schema, children);
        }
    }

    /// A resource inside another: contained, or in a Bundle's entry.
    fn inner_resource(&mut self, spot: Spot<'_>, rule: Rule<'_>, kind: &TypeRule) {
        let contained = spot.place.name == "contained";
        let scope = if contained { *spot.scope } else { spot.scope.within(spot.element) };
        let spot = Spot { scope: &scope, ..spot };
        if let [] | [_] = kind.profiles.as_slice() {
            return self.resource(spot, &kind.profiles);
        }
        self.resource(spot, &[]);
        self.one_of(spot, rule, &kind.profiles);
    }
}

/// An element that a child of a schema answers to.
#[derive(Clone, Copy)]
pub struct Item<'r> {
    /// The element.
    pub element: &'r Element,
    /// Its type.
    pub code: &'r str,
    /// Its position for its place, when it may repeat.
    pub index: Option<u32>,
}

/// Whether there are different types among these.
fn differ(types: &[TypeRule]) -> bool {
    types.iter().any(|kind| types.first().is_some_and(|first| first.code != kind.code))
}

fn items_repeat(item: &Item<'_>) -> bool {
    item.element.index.is_some()
}

/// "Nothing" as what was seen.
pub fn nothing() -> Text {
    text!("niets", "nothing")
}

/// Whether the first value of a resource was written as JSON.
fn written_as_json(element: &Element) -> bool {
    let mut next = vec![element];
    while let Some(element) = next.pop() {
        if let Some(value) = &element.value {
            return value.kind != ScalarKind::Attribute;
        }
        next.extend(element.children.iter().rev());
    }
    true
}

//! What FHIR adds: extensions, references, value sets, profiles, narrative.

use std::cell::Cell;

use crate::fhir::element::Element;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::context::Context;
use crate::fhir::path::context::Membership;
use crate::fhir::path::error::Failure;
use crate::fhir::path::error::PathError;
use crate::fhir::path::eval::Evaluator;
use crate::fhir::path::eval::Scope;
use crate::fhir::path::eval::wrong_type;
use crate::fhir::path::functions::Call;
use crate::fhir::path::functions::Function;
use crate::fhir::path::functions::Outcome;
use crate::fhir::path::functions::boolean;
use crate::fhir::path::functions::function;
use crate::fhir::path::functions::lazy;
use crate::fhir::path::functions::optional;
use crate::fhir::path::functions::text;
use crate::fhir::path::item::Item;
use crate::fhir::path::item::Node;
use crate::fhir::path::items::Items;
use crate::fhir::path::lookups;
use crate::fhir::path::stream::Repeats;
use crate::fhir::path::truth::Answer;

pub(crate) const FUNCTIONS: &[Function] = &[
    function("extension", 1, 1, extension),
    function("hasExtension", 1, 1, has_extension),
    lazy("hasValue", 0, 0, has_value),
    function("getValue", 0, 0, value),
    function("resolve", 0, 0, resolve),
    function("getReferenceKey", 0, 1, reference_key),
    function("getResourceKey", 0, 0, resource_key),
    function("memberOf", 1, 1, member_of),
    function("conformsTo", 1, 1, conforms_to),
    function("htmlChecks", 0, 0, html_checks),
    // So does the STU3 invariant `txt-1` spell it.
    function("htmlchecks", 0, 0, html_checks),
];

fn extensions<'a>(call: &Call<'_, 'a>) -> Outcome<'a> {
    let Some(url) = call.text_argument(0)? else { return Ok(Items::None) };
    let mut found = Items::None;
    for node in call.focus.iter().filter_map(Item::node) {
        call.evaluator.spend(node.element.children.len())?;
        for child in node.element.all("extension") {
            if child.text("url") == Some(&*url) {
                found.push(Item::Node(Node::new(child, "Extension")));
            }
        }
    }
    Ok(found)
}

fn extension<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    extensions(&call)
}

fn has_extension<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    boolean(!extensions(&call)?.is_empty())
}

fn has_value<'a>(evaluator: &Evaluator<'_, 'a>, call: &'a Invocation, scope: &Scope<'_, 'a>) -> Answer {
    let (mut count, mut has_value) = (0, false);
    evaluator.input(call.target.as_deref(), scope, Repeats::Matter, &mut |item| {
        count += 1;
        has_value = match item {
            Item::Node(node) => node.element.value.is_some(),
            Item::Type(..) => false,
            _ => true,
        };
        Ok(count < 2)
    })?;
    Ok(Some(count == 1 && has_value))
}

fn value<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    optional(match &*call.focus {
        [Item::Node(node)] => node.value(),
        _ => None,
    })
}

/// The text of a reference: of a Reference, or of a `uri` or `canonical` itself.
fn reference<'a>(item: &Item<'a>) -> Option<std::borrow::Cow<'a, str>> {
    match item {
        Item::Node(node) if node.element.value.is_none() => node.element.text("reference").map(Into::into),
        item => item.text(),
    }
}

/// The resources referred to: contained ones, entries of the Bundle around them, or what the resolver finds.
fn resolve<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let context = call.evaluator.context;
    let mut found = Items::None;
    for item in &call.focus {
        let Some(reference) = reference(item) else { continue };
        let seen = Cell::new(0);
        let target = if let Some(id) = reference.strip_prefix('#') {
            // A contained resource refers to the others in the same container, and by `#` to the container itself.
            let container =
                item.node().and_then(|node| around(context, node.element, &seen)).unwrap_or(context.root_resource);
            if id.is_empty() {
                Some(container)
            } else {
                let find = |container: &'a Element| match context.lookups {
                    Some(lookups) => lookups.contained(container, id),
                    None => {
                        seen.set(seen.get() + container.children.len());
                        lookups::contained(container, id)
                    }
                };
                find(container).or_else(|| find(context.root_resource))
            }
        } else {
            seen.set(context.outermost.children.len());
            entry(context, &reference, item.node(), &seen)
                .or_else(|| context.resolver.and_then(|resolver| resolver.resolve(&reference)))
        };
        call.evaluator.spend(seen.get())?;
        found.extend(target.map(|element| Item::Node(element.into())));
    }
    Ok(found)
}

/// Whether an element is in another; counts the elements that are looked at.
fn is_within(context: &Context<'_>, root: &Element, target: &Element, seen: &Cell<usize>) -> bool {
    match context.lookups {
        Some(lookups) => lookups.is_within(root, target, seen),
        None => is_among(root, target, seen),
    }
}

fn is_among(root: &Element, target: &Element, seen: &Cell<usize>) -> bool {
    seen.set(seen.get() + 1);
    std::ptr::eq(root, target) || root.children.iter().any(|child| is_among(child, target, seen))
}

/// The entry resource, or the outermost one, that an element is in.
fn around<'a>(context: &Context<'a>, target: &Element, seen: &Cell<usize>) -> Option<&'a Element> {
    let own = context.root_resource;
    let is_bundle = context.outermost.resource_type.as_deref() == Some("Bundle");
    if std::ptr::eq(own, context.outermost) && !is_bundle {
        return Some(own);
    }
    let is_entry = !std::ptr::eq(own, context.outermost) && own.resource_type.as_deref() != Some("Bundle");
    if is_entry && is_within(context, own, target, seen) {
        return Some(own);
    }
    resource_around(context, context.outermost, target, seen)
}

/// The entry resource, or the outermost one, that an element is in: the container for its contained resources.
fn resource_around<'a>(
    context: &Context<'a>,
    outermost: &'a Element,
    target: &Element,
    seen: &Cell<usize>,
) -> Option<&'a Element> {
    // The entry itself is no part of its resource.
    let within = entry_around(context, outermost, target, seen)
        .and_then(|entry| entry.child("resource"))
        .filter(|resource| is_within(context, resource, target, seen));
    match within {
        Some(resource) if resource.resource_type.as_deref() == Some("Bundle") => {
            resource_around(context, resource, target, seen)
        }
        Some(resource) => Some(resource),
        None => is_within(context, outermost, target, seen).then_some(outermost),
    }
}

/// The entry of a Bundle that an element is in.
fn entry_around<'a>(
    context: &Context<'a>,
    bundle: &'a Element,
    target: &Element,
    seen: &Cell<usize>,
) -> Option<&'a Element> {
    if let Some(lookups) = context.lookups {
        return lookups.entry_around(bundle, target, seen);
    }
    let mut entries = bundle.children.iter().filter(|child| &*child.name == "entry");
    entries.find(|entry| is_among(entry, target, seen))
}

/// The resource of a Bundle that a reference means: by full URL, or by type and id. Where several have that type and id, the
/// one on the server that the reference is relative to.
fn entry<'a>(
    context: &Context<'a>,
    reference: &str,
    from: Option<Node<'a>>,
    seen: &Cell<usize>,
) -> Option<&'a Element> {
    let bundle = context.outermost;
    let reference = reference.split_once("/_history/").map_or(reference, |(reference, _)| reference);
    let reference = reference.split_once('|').map_or(reference, |(reference, _)| reference);
    let entries = || bundle.children.iter().filter(|child| &*child.name == "entry");
    let with_url = |url: &str| entries().find(|entry| entry.text("fullUrl") == Some(url))?.child("resource");
    if let Some(resource) = with_url(reference) {
        return Some(resource);
    }
    let (kind, id) = reference.split_once('/').filter(|(kind, id)| !kind.contains(':') && !id.contains('/'))?;
    let mut same = entries()
        .filter_map(|entry| entry.child("resource"))
        .filter(|resource| resource.resource_type.as_deref() == Some(kind) && resource.text("id") == Some(id));
    let first = same.next();
    if first.is_some() && same.next().is_none() {
        return first;
    }
    let own = from.and_then(|node| entry_around(context, bundle, node.element, seen));
    let server = own.and_then(|entry| entry.text("fullUrl")).and_then(|url| url.rsplitn(3, '/').nth(2));
    server.and_then(|server| with_url(&format!("{server}/{reference}"))).or(first)
}

fn resource_key<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let key = |node: Node<'a>| Some(format!("{}/{}", node.element.resource_type.as_deref()?, node.element.text("id")?));
    match call.focus.first().and_then(Item::node).and_then(key) {
        Some(key) => text(key),
        None => Ok(Items::None),
    }
}

fn reference_key<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let wanted = call.text_argument(0)?;
    let Some(reference) = call.focus.first().and_then(reference) else { return Ok(Items::None) };
    let mut parts = reference.rsplit('/');
    let (Some(id), Some(kind)) = (parts.next(), parts.next()) else { return Ok(Items::None) };
    if wanted.is_some_and(|wanted| wanted != kind) {
        return Ok(Items::None);
    }
    text(format!("{kind}/{id}"))
}

fn member_of<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(value_set) = call.text_argument(0)? else { return Ok(Items::None) };
    let Some(item) = call.single()? else { return Ok(Items::None) };
    let Item::Node(node) = item else { return Err(wrong_type(call.name, "a code, Coding or CodeableConcept", item)) };
    let membership = match call.evaluator.context.terminology {
        Some(terminology) => terminology.member_of(*node, &value_set),
        None => Membership::Unknown,
    };
    match membership {
        Membership::In => boolean(true),
        Membership::NotIn => boolean(false),
        Membership::Unknown => {
            Err(Failure::from(PathError::Undecided { name: call.name, subject: value_set.into_owned() }))
        }
    }
}

fn conforms_to<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(profile) = call.text_argument(0)? else { return Ok(Items::None) };
    let Some(item) = call.single()? else { return Ok(Items::None) };
    let Item::Node(node) = item else { return Err(wrong_type(call.name, "an element", item)) };
    let known = call.evaluator.context.conformance.and_then(|known| known.conforms(*node, &profile));
    match known {
        Some(conforms) => boolean(conforms),
        None => Err(Failure::from(PathError::Undecided { name: call.name, subject: profile.into_owned() })),
    }
}

/// The elements that FHIR allows in a narrative (HTML 4.0, chapters 7 to 11 and 15, `a` and `img`).
const HTML_ELEMENTS: [&str; 58] = [
    "p",
    "br",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "a",
    "span",
    "b",
    "em",
    "i",
    "strong",
    "small",
    "big",
    "tt",
    "dfn",
    "q",
    "var",
    "abbr",
    "acronym",
    "cite",
    "blockquote",
    "hr",
    "address",
    "bdo",
    "kbd",
    "sub",
    "sup",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "pre",
    "table",
    "caption",
    "colgroup",
    "col",
    "thead",
    "tr",
    "tfoot",
    "tbody",
    "th",
    "td",
    "code",
    "samp",
    "img",
    "map",
    "area",
    "ins",
    "del",
    "u",
    "center",
    "font",
];

fn html_checks<'a>(call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(item) = call.single()? else { return Ok(Items::None) };
    let Some(html) = item.text() else { return Ok(Items::None) };
    boolean(is_narrative(&html))
}

fn is_narrative(html: &str) -> bool {
    let Ok(document) = roxmltree::Document::parse(html) else { return false };
    let root = document.root_element();
    let has_content = root.descendants().any(|node| {
        node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty())
            || node.has_tag_name("img")
            || node.tag_name().name() == "img"
    });
    root.tag_name().name() == "div"
        && has_content
        && root.descendants().filter(roxmltree::Node::is_element).all(|node| {
            HTML_ELEMENTS.contains(&node.tag_name().name())
                && node.attributes().all(|attribute| {
                    let name = attribute.name();
                    !name.starts_with("on") && !matches!(name, "form" | "xlink")
                })
        })
}

//! Carries out the expectations of one step on the answers that it got.

use std::sync::Arc;

use crate::diag::Issue;
use crate::diag::Text;
use crate::event::NotChecked;
use crate::exchange::Exchange;
use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::locate;
use crate::fhir::path::Context;
use crate::fhir::path::Expression;
use crate::fhir::path::Item;
use crate::fhir::path::Temporal;
use crate::fhir::path::place_of;
use crate::fhir::validate;
use crate::fhir::validate::Validator;
use crate::judge::body;
use crate::judge::body::NoResource;
use crate::judge::body::Resource;
use crate::judge::finding::Draft;
use crate::judge::pdfa;
use crate::judge::severity;
use crate::plan::Check;
use crate::plan::Expectation;
use crate::text;

/// The answers of one step, read once for all its expectations.
pub struct Answers<'a> {
    exchanges: Vec<&'a Exchange>,
    resources: Vec<Result<Resource<'a>, NoResource>>,
    validator: &'a Validator,
}

/// What came of one expectation.
#[derive(Default)]
pub struct Checked {
    /// Answers or items that it was judged on.
    pub occasions: u32,
    /// What was found.
    pub drafts: Vec<Draft>,
    /// What could not be decided.
    pub not_checked: Vec<NotChecked>,
}

impl<'a> Answers<'a> {
    /// Reads the answers of a step.
    pub fn read(exchanges: Vec<&'a Exchange>, validator: &'a Validator) -> Self {
        let resources = exchanges.iter().map(|exchange| body::read(exchange)).collect();
        Self { exchanges, resources, validator }
    }

    /// Judges one expectation.
    pub fn check(&self, expectation: &Expectation) -> Checked {
        let mut checked = Checked::default();
        match &expectation.check {
            Check::Status(allowed) => self.status(expectation, allowed, &mut checked),
            Check::StatusNot(wrong) => self.status_not(expectation, wrong, &mut checked),
            Check::MediaType(allowed) => self.media_type(expectation, allowed, &mut checked),
            Check::SelfLink => self.self_link(expectation, &mut checked),
            Check::Pdfa(None) => {
                for exchange in &self.exchanges {
                    let bytes = exchange.response.as_ref().map(|response| response.body.bytes()).unwrap_or(&[]);
                    checked.occasions += 1;
                    pdfa::check(bytes, "body", exchange.number, expectation, &mut checked.drafts);
                }
            }
            check => {
                for resource in self.readable(expectation, &mut checked) {
                    self.on_resource(resource, check, expectation, &mut checked);
                }
                if let Check::Entries { kind, profile, at_least, at_most } = check {
                    self.entries(kind, profile.as_deref(), *at_least, *at_most, expectation, &mut checked);
                }
            }
        }
        checked
    }

    /// The resources of the answers; an answer without one is a finding of kind `no-resource`.
    fn readable(&self, expectation: &Expectation, checked: &mut Checked) -> Vec<&Resource<'a>> {
        let mut out = Vec::new();
        for (exchange, resource) in self.exchanges.iter().zip(&self.resources) {
            match resource {
                Ok(resource) => out.push(resource),
                Err(none) => {
                    let expected = Text::new("een FHIR-resource in de body", "a FHIR resource in the body");
                    let mut issue =
                        Issue::error("no-resource", "body", expected, none.seen.clone()).at(exchange.number);
                    issue.position = none.position;
                    checked.occasions += 1;
                    checked.drafts.push(Draft::of_expectation(expectation, issue));
                }
            }
        }
        out
    }

    fn status(&self, expectation: &Expectation, allowed: &[u16], checked: &mut Checked) {
        for exchange in &self.exchanges {
            checked.occasions += 1;
            if exchange.status().is_some_and(|status| allowed.contains(&status)) && exchange.failure.is_none() {
                continue;
            }
            let list = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let seen = match (&exchange.failure, exchange.status()) {
                (Some(failure), _) => {
                    let detail = &failure.detail;
                    text!("geen heel antwoord: {detail}", "no whole answer: {detail}")
                }
                (None, Some(status)) => Text::same(status.to_string()),
                (None, None) => Text::new("geen antwoord", "no answer"),
            };
            let issue = Issue::error("status", "status", text!("status {list}", "status {list}"), seen);
            checked.drafts.push(Draft::of_expectation(expectation, issue.at(exchange.number)));
        }
    }

    fn status_not(&self, expectation: &Expectation, wrong: &[u16], checked: &mut Checked) {
        // Whoever cuts the connection did not do what was asked.
        for exchange in self.exchanges.iter().filter(|exchange| exchange.failure.is_none()) {
            let Some(status) = exchange.status() else { continue };
            checked.occasions += 1;
            if wrong.contains(&status) {
                let list = wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let expected = text!("een andere status dan {list}", "another status than {list}");
                let issue = Issue::error("status-not", "status", expected, Text::same(status.to_string()));
                checked.drafts.push(Draft::of_expectation(expectation, issue.at(exchange.number)));
            }
        }
    }

    fn media_type(&self, expectation: &Expectation, allowed: &[String], checked: &mut Checked) {
        for exchange in &self.exchanges {
            checked.occasions += 1;
            let seen = exchange.response.as_ref().and_then(|response| response.media_type()).unwrap_or_default();
            if !allowed.contains(&seen) {
                let list = allowed.join(", ");
                let expected = text!("mediatype {list}", "media type {list}");
                let issue = Issue::error("media-type", "Content-Type", expected, Text::same(seen));
                checked.drafts.push(Draft::of_expectation(expectation, issue.at(exchange.number)));
            }
        }
    }

    /// Parameters of the request that the self link does not show. What a server does not process it leaves out, so each is advice.
    fn self_link(&self, expectation: &Expectation, checked: &mut Checked) {
        let Some(Ok(resource)) = self.resources.first() else { return };
        let links = resource.root.all("link").filter(|link| link.text("relation") == Some("self"));
        let Some(url) = links.filter_map(|link| link.text("url")).next() else { return };
        checked.occasions += 1;
        let shown: Vec<String> = query_of(url).into_iter().map(|(name, _)| name).collect();
        for (name, _) in resource.exchange.request.query() {
            // `_format` steers the form of the answer, not the search.
            if name == "_format" || shown.contains(&name) {
                continue;
            }
            let expected = text!("parameter `{name}` in de self-link", "parameter `{name}` in the self link");
            let issue = Issue::error("self-link-parameter", "Bundle.link", expected, Text::same(url.to_owned()));
            checked.drafts.push(Draft::of_expectation(expectation, issue.at(resource.exchange.number)));
        }
    }

    fn on_resource(&self, resource: &Resource<'_>, check: &Check, expectation: &Expectation, checked: &mut Checked) {
        match check {
            Check::Holds(expression) => {
                checked.occasions += 1;
                let context = self.context(resource);
                let issue = match expression.holds(root(resource), &context) {
                    Ok(true) => return,
                    Ok(false) => {
                        let expected = Text::same(expression.text());
                        Issue::error("expectation", resource.kind(), expected, Text::new("onwaar", "false"))
                    }
                    Err(error) => return checked.undecided(resource, resource.kind(), expression, &error.to_string()),
                };
                checked.drafts.push(Draft::of_expectation(expectation, issue.at(resource.exchange.number)));
            }
            Check::Each(each, holds) => self.each(resource, each, holds, expectation, checked),
            Check::Conforms => self.conforms(resource, expectation, checked),
            Check::Pdfa(Some(expression)) => self.pdfa_in(resource, expression, expectation, checked),
            _ => {}
        }
    }

    fn each(
        &self,
        resource: &Resource<'_>,
        each: &Expression,
        holds: &Arc<Expression>,
        expectation: &Expectation,
        checked: &mut Checked,
    ) {
        let context = self.context(resource);
        let items = match each.evaluate(root(resource), &context) {
            Ok(items) => items,
            Err(error) => return checked.undecided(resource, resource.kind(), each, &error.to_string()),
        };
        for item in items {
            let Item::Node(node) = item else { continue };
            checked.occasions += 1;
            match holds.holds(node, &context) {
                Ok(true) => {}
                Ok(false) => {
                    let place = self.place(resource, node.element);
                    let issue = Issue::error("expectation", place, Text::same(holds.text()), show(node.element));
                    let (line, column) = self.position(resource, node.element);
                    let issue = issue.at(resource.exchange.number).on(line, column);
                    checked.drafts.push(Draft::of_expectation(expectation, issue));
                }
                Err(error) => {
                    checked.undecided(resource, &self.place(resource, node.element), holds, &error.to_string());
                }
            }
        }
    }

    fn conforms(&self, resource: &Resource<'_>, expectation: &Expectation, checked: &mut Checked) {
        checked.occasions += 1;
        let options = validate::Options::default();
        let outcome = self.validator.validate_read(&resource.root, &resource.problems, &[], options);
        for found in outcome.issues {
            let Some(severity) = severity::in_run(found.code, found.severity) else { continue };
            let (line, column) = locate::line_column(resource.text.as_bytes(), found.span.offset as usize);
            let issue = Issue { severity, ..Issue::error(found.code, found.place, found.expected, found.seen) };
            let mut draft = Draft::of_expectation(expectation, issue.at(resource.exchange.number).on(line, column));
            draft.profile = Some(found.profile.into());
            checked.drafts.push(draft);
        }
        for skipped in outcome.not_checked {
            checked.not_checked.push(NotChecked {
                kind: skipped.code.to_owned(),
                reason: skipped.reason,
                scenario: Some(resource.exchange.scenario.clone()),
                exchange: Some(resource.exchange.number),
                place: skipped.place,
            });
        }
    }

    fn pdfa_in(
        &self,
        resource: &Resource<'_>,
        expression: &Expression,
        expectation: &Expectation,
        checked: &mut Checked,
    ) {
        let context = self.context(resource);
        let items = match expression.evaluate(root(resource), &context) {
            Ok(items) => items,
            Err(error) => return checked.undecided(resource, resource.kind(), expression, &error.to_string()),
        };
        for node in items.iter().filter_map(Item::node) {
            checked.occasions += 1;
            let place = self.place(resource, node.element);
            let number = resource.exchange.number;
            pdfa::check_base64(node.element.as_text().unwrap_or(""), &place, number, expectation, &mut checked.drafts);
        }
    }

    fn entries(
        &self,
        kind: &str,
        profile: Option<&str>,
        at_least: Option<u32>,
        at_most: Option<u32>,
        expectation: &Expectation,
        checked: &mut Checked,
    ) {
        let Some(Ok(first)) = self.resources.first() else { return };
        let resources = self.resources.iter().flatten().flat_map(|resource| resources_in(&resource.root));
        let of_kind: Vec<&Element> = resources.filter(|r| r.resource_type.as_deref() == Some(kind)).collect();
        let claims = |resource: &&&Element| profile.is_none_or(|profile| claims(resource, profile));
        let count = u32::try_from(of_kind.iter().filter(claims).count()).unwrap_or(u32::MAX);
        checked.occasions += 1;
        let what = profile.map_or_else(|| kind.to_owned(), |profile| format!("{kind} ({profile})"));
        let expected = match (at_least, at_most) {
            (Some(least), _) if count < least => text!("ten minste {least} × {what}", "at least {least} × {what}"),
            (_, Some(most)) if count > most => text!("ten hoogste {most} × {what}", "at most {most} × {what}"),
            _ => return,
        };
        let all = of_kind.len();
        let seen = text!("{count}; van het type {kind} in totaal {all}", "{count}; of type {kind} in all {all}");
        let issue = Issue::error("entries", "Bundle.entry", expected, seen).at(first.exchange.number);
        checked.drafts.push(Draft::of_expectation(expectation, issue));
    }

    fn context<'r>(&'r self, resource: &'r Resource<'_>) -> Context<'r> {
        let definitions = self.validator.schemas().definitions();
        let now = Temporal::from_timestamp(resource.exchange.started);
        let mut context = Context::new(&**definitions, &resource.root, now);
        // `%page`: of a search in several pages the number of this one, from 1.
        let before = self.exchanges.iter().take_while(|exchange| exchange.number != resource.exchange.number).count();
        let page = i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1);
        context.variables.insert("page".into(), vec![Item::Integer(page)]);
        context
    }

    fn place(&self, resource: &Resource<'_>, element: &Element) -> String {
        let definitions = self.validator.schemas().definitions();
        place_of(&resource.root, element, &**definitions).unwrap_or_else(|| resource.kind().to_owned())
    }

    fn position(&self, resource: &Resource<'_>, element: &Element) -> (u32, u32) {
        locate::line_column(resource.text.as_bytes(), element.span.offset as usize)
    }
}

impl Checked {
    /// Notes that an expression could not be decided: shown as not checked, never as a finding.
    fn undecided(&mut self, resource: &Resource<'_>, place: &str, expression: &Expression, why: &str) {
        let expression = expression.text();
        self.not_checked.push(NotChecked {
            kind: "expression".to_owned(),
            reason: text!("`{expression}` is niet te beslissen: {why}", "`{expression}` cannot be decided: {why}"),
            scenario: Some(resource.exchange.scenario.clone()),
            exchange: Some(resource.exchange.number),
            place: place.to_owned(),
        });
    }
}

/// The resource itself, or those in the entries of a Bundle.
pub fn resources_in(root: &Element) -> Vec<&Element> {
    if root.resource_type.as_deref() == Some("Bundle") {
        root.all("entry").filter_map(|entry| entry.child("resource")).collect()
    } else {
        vec![root]
    }
}

/// Whether a resource claims a profile, with or without a version.
pub fn claims(resource: &Element, profile: &str) -> bool {
    let Some(meta) = resource.child("meta") else { return false };
    meta.all("profile").filter_map(Element::as_text).any(|claimed| claimed.split('|').next() == Some(profile))
}

fn root<'r>(resource: &'r Resource<'_>) -> crate::fhir::path::Node<'r> {
    crate::fhir::path::Node::new(&resource.root, resource.kind())
}

/// An element as short JSON.
fn show(element: &Element) -> Text {
    const LONGEST: usize = 160;
    let text = if element.children.is_empty() {
        element.as_text().unwrap_or("").to_owned()
    } else {
        json::write(element, None)
    };
    let short: String = text.chars().take(LONGEST).collect();
    Text::same(if short.len() < text.len() { format!("{short}…") } else { short })
}

/// Names and values of the query of a URL, which may be relative.
fn query_of(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or("");
    url::form_urlencoded::parse(query.as_bytes()).map(|(n, v)| (n.into_owned(), v.into_owned())).collect()
}

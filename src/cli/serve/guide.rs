//! What the tester of a DVP is told: what to set up, and what to do for a scenario.
//!
//! Entry points: [`checklist`], [`patients`], [`lines`].

use std::path::Path;

use crate::candidate::Candidate;
use crate::cli::counterpart::World;
use crate::cli::serve::board::Line;
use crate::diag::Lang;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::report::desk::Item;
use crate::report::desk::Patient;
use crate::runner::client::Log;
use crate::simulator::stelsel::TWISTS;
use crate::suite::model::CollectFile;
use crate::text;

/// The port without which names cannot be found by a hosts file.
const HTTPS: u16 = 443;

/// What to set up, in the order in which it is done.
pub fn checklist(candidate: &Candidate, world: &World, ca: &Path, lang: Lang) -> Vec<Item> {
    let stelsel = &world.stelsel;
    let item = |label: Text, lines: Vec<String>| Item { label: label.get(lang).to_owned(), lines };
    let mut items = vec![
        item(
            Text::new(
                "HTTP-proxy (CONNECT) voor de DVP en de browser",
                "HTTP proxy (CONNECT) for the DVP and the browser",
            ),
            vec![stelsel.proxy().to_string()],
        ),
        item(Text::new("CA om te vertrouwen", "CA to trust"), vec![ca.display().to_string()]),
        item(Text::new("Stelselnode", "Stelselnode"), vec![format!("https://{}/", stelsel.stelselnode())]),
        item(Text::new("Zorgaanbieders", "Providers"), stelsel.listed()),
        item(Text::new("De DVP in onze lijsten", "The DVP in our lists"), {
            let hosts = candidate.world.iter().flat_map(|world| world.hosts.clone());
            let ids = [candidate.client.client_id.clone(), candidate.client.redirect_uri.to_string()];
            ids.into_iter().chain(hosts).collect()
        }),
    ];
    items.push(names(candidate, world, lang));
    items
}

/// What came in so far for what is asked now.
pub fn seen(log: &Log, lang: Lang) -> String {
    let kinds = [
        (Interface::Authorization, Text::new("autorisatieverzoeken", "authorization requests")),
        (Interface::Token, Text::new("tokenverzoeken", "token requests")),
        (Interface::Resource, Text::new("resourceverzoeken", "resource requests")),
        (Interface::List, Text::new("lijsten opgehaald", "lists fetched")),
    ];
    let parts = kinds.map(|(interface, word)| format!("{} {}", log.count(interface), word.get(lang)));
    parts.join(", ")
}

/// How names are found without a proxy: at port 443 only, as front-channel addresses carry no port.
fn names(candidate: &Candidate, world: &World, lang: Lang) -> Item {
    let (address, own) = (world.stelsel.address(), candidate.world.as_ref());
    let port = address.port();
    let (label, lines) = match own.and_then(|world| world.host_suffix.as_ref()) {
        _ if port != HTTPS => (
            Text::new("Zonder proxy: nog niet mogelijk", "Without proxy: not possible yet"),
            vec![
                text!(
                    "de wereld luistert op poort {port}; met port = 443 onder [world] (mag een beheerder, of na setcap cap_net_bind_service=+ep) staan de namen hier voor het hosts-bestand",
                    "the world listens at port {port}; with port = 443 under [world] (as an administrator, or after setcap cap_net_bind_service=+ep) the names stand here for the hosts file"
                )
                .get(lang)
                .to_owned(),
            ],
        ),
        Some(suffix) => (
            Text::new("Of, zonder proxy, in DNS", "Or, without proxy, in DNS"),
            vec![format!("*.{suffix}, *.referentie.{suffix}, *.huisarts.{suffix} -> {}", address.ip())],
        ),
        None => (
            Text::new("Of, zonder proxy, in het hosts-bestand", "Or, without proxy, in the hosts file"),
            world.stelsel.hosts().iter().map(|host| format!("{} {host}", address.ip())).collect(),
        ),
    };
    Item { label: label.get(lang).to_owned(), lines }
}

/// Who can log in.
pub fn patients(candidate: &Candidate) -> Vec<Patient> {
    let of = |patient: &crate::candidate::Patient| Patient {
        name: patient.name.clone(),
        about: format!("{} {}", patient.stands_for, patient.suites.join(" ")).trim().to_owned(),
        login: patient.login.clone(),
        password: patient.password.clone(),
    };
    candidate.patients.iter().map(of).collect()
}

/// What to do for a scenario, in order; what the world does in it comes first.
pub fn lines(candidate: &Candidate, world: &World, scenario: &PlannedScenario) -> Vec<Line> {
    let mut lines = Vec::new();
    let all_along = |text| Line { step: None, text };
    for step in &scenario.steps {
        match &step.operation {
            Operation::World(names) => {
                for twist in names.iter().filter_map(|name| TWISTS.iter().find(|twist| twist.name == *name)) {
                    let Text { nl, en } = twist.summary();
                    lines.push(all_along(Text::new(format!("de testwereld: {nl}"), format!("the test world: {en}"))));
                }
            }
            Operation::Collect { service, how } => {
                let own = |text| Line { step: Some(step.id.clone()), text };
                lines.extend(collect(candidate, world, scenario, service, how).into_iter().map(own));
            }
            Operation::Wait(span) => {
                let minutes = span.0.as_secs().div_ceil(60);
                lines.push(all_along(text!("wacht {minutes} minuten", "wait for {minutes} minutes")));
            }
            _ => {}
        }
    }
    lines
}

fn collect(
    candidate: &Candidate,
    world: &World,
    scenario: &PlannedScenario,
    service: &str,
    how: &CollectFile,
) -> Vec<Text> {
    let provider = world.stelsel.providers().get(how.provider.saturating_sub(1)).cloned().unwrap_or_default();
    let patient = scenario.patient.and_then(|i| candidate.patients.get(i));
    let mut lines = vec![text!(
        "verzamel in de DVP gegevensdienst {service} bij {provider}",
        "collect service {service} at {provider} in the DVP"
    )];
    let (name, login) = patient.map(|patient| (patient.name.as_str(), patient.login.as_str())).unwrap_or_default();
    let log_in = || text!("log in als {name} (`{login}`)", "log in as {name} (`{login}`)");
    match how.cancel.as_deref() {
        Some("landing") => {
            lines.push(Text::new("kies op de eerste pagina Annuleren", "choose Annuleren on the first page"))
        }
        Some("login") => {
            lines.push(Text::new("kies op de inlogpagina Annuleren", "choose Annuleren on the login page"))
        }
        Some(_) => {
            lines.push(log_in());
            lines.push(Text::new("weiger de toestemming", "refuse the consent"));
        }
        None => {
            lines.push(log_in());
            lines.push(match how.indefinite {
                true => Text::new("geef toestemming voor onbepaalde tijd", "give consent for an indefinite time"),
                false => Text::new("geef toestemming", "give consent"),
            });
        }
    }
    if how.callback.is_some() {
        lines.push(Text::new(
            "de browser komt met een veranderd antwoord bij de DVP terug; kijk wat die zegt",
            "the browser comes back to the DVP with an altered answer; see what it says",
        ));
    }
    lines
}

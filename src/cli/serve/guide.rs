//! What the tester of a DVP is told: what to set up, and what to do for a scenario.
//!
//! Entry points: [`checklist`], [`patients`], [`lines`].

use std::path::Path;

use crate::candidate::Candidate;
use crate::cli::counterpart::World;
use crate::diag::Lang;
use crate::diag::Text;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::report::desk::Item;
use crate::report::desk::Patient;
use crate::simulator::stelsel::TWISTS;
use crate::simulator::stelselnode;
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
        item(Text::new("Stelselnode", "Stelselnode"), vec![format!("https://{}/", stelselnode::HOST)]),
        item(Text::new("Zorgaanbieders", "Providers"), stelsel.providers()),
        item(Text::new("De DVP in onze lijsten", "The DVP in our lists"), {
            let hosts = candidate.world.iter().flat_map(|world| world.hosts.clone());
            let ids = [candidate.client.client_id.clone(), candidate.client.redirect_uri.to_string()];
            ids.into_iter().chain(hosts).collect()
        }),
    ];
    if stelsel.address().port() == HTTPS {
        let hosts = stelsel.hosts().iter().map(|host| format!("{} {host}", stelsel.address().ip())).collect();
        items.push(item(
            Text::new("Of, zonder proxy, in het hosts-bestand", "Or, without proxy, in the hosts file"),
            hosts,
        ));
    }
    items
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
pub fn lines(candidate: &Candidate, world: &World, scenario: &PlannedScenario) -> Vec<Text> {
    let mut lines = Vec::new();
    for step in &scenario.steps {
        match &step.operation {
            Operation::World(names) => {
                for twist in names.iter().filter_map(|name| TWISTS.iter().find(|twist| twist.name == *name)) {
                    let Text { nl, en } = twist.summary();
                    lines.push(Text::new(format!("de testwereld: {nl}"), format!("the test world: {en}")));
                }
            }
            Operation::Collect { service, how } => lines.extend(collect(candidate, world, scenario, service, how)),
            Operation::Wait(span) => {
                let minutes = span.0.as_secs().div_ceil(60);
                lines.push(text!("wacht {minutes} minuten", "wait for {minutes} minutes"));
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

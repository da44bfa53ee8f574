//! The DVA as a candidate: what a user would write in `toetsbank.toml` for it.

use std::collections::BTreeMap;

use url::Url;

use crate::candidate::Candidate;
use crate::candidate::Client;
use crate::candidate::Endpoints;
use crate::candidate::Environment;
use crate::candidate::Login;
use crate::candidate::LoginMode;
use crate::candidate::LoginStep;
use crate::candidate::Patient;
use crate::candidate::Probes;
use crate::candidate::Trust;
use crate::candidate::Withdrawal;
use crate::pki::Authority;
use crate::pki::Identity;
use crate::requirement::Release;
use crate::requirement::Role;
use crate::simulator::SimulatorError;
use crate::simulator::dva::consents;
use crate::simulator::dva::resource;
use crate::simulator::dva::roles::SYSTEEMROLLEN;
use crate::simulator::dva::world::Person;
use crate::simulator::dva::world::World;

/// Codes and tokens that a run collects.
const SAMPLES: u32 = 20;

/// Codes of two gegevensdiensten.
const BGZ: &str = "MM-3.0-BZB-FHIR";
const GGZ: &str = "MM-2.0-GGB-FHIR";

/// The candidate that this DVA is.
pub(super) fn describe(
    world: &World,
    release: Release,
    authority: &Authority,
    client: &Identity,
    front_port: u16,
    back_port: u16,
) -> Result<Candidate, SimulatorError> {
    let mut resource = BTreeMap::new();
    let mut systeemrollen = Vec::new();
    for role in &SYSTEEMROLLEN {
        let mut sets = world.sets.iter().filter(|set| set.systeemrollen.contains(&role.code));
        if let Some(set) = sets.next() {
            let mut address = resource::address(&world.names, role);
            if world.has("resource-address-with-slash") {
                address.push('/');
            }
            resource.insert(role.code.to_owned(), Url::parse(&address)?);
            // Claimed is only what the data are about.
            if set.suites.contains(&role.suite) {
                systeemrollen.push(role.code.to_owned());
            }
        }
    }
    if world.has("resource-address-shared")
        && let (Some(shared), Some(other)) = (resource.get(BGZ).cloned(), resource.get_mut(GGZ))
    {
        *other = shared;
    }
    let front = format!("127.0.0.1:{front_port}");
    let back = format!("127.0.0.1:{back_port}");
    let port = |is_named: bool| if is_named { ":8443" } else { "" };
    let front_port = port(world.has("authorization-address-with-port"));
    let token_port = port(world.does("token-address-with-port"));
    let connect = [
        (world.names.authorization.as_str(), front_port, front),
        (world.names.token.as_str(), token_port, back.clone()),
        (world.names.resource.as_str(), "", back),
    ];
    let named = |(host, port, to): (&str, &str, String)| {
        (if port.is_empty() { format!("{host}:443") } else { format!("{host}{port}") }, to)
    };
    Ok(Candidate {
        role: Role::Dva,
        vendor: "toetsbank".to_owned(),
        product: "Referentie-DVA".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: Environment::Test,
        release,
        systeemrollen,
        provider: format!("{}@medmij", world.provider()),
        endpoints: Endpoints {
            authorization: Url::parse(&format!("https://{}{front_port}/authorize", world.names.authorization))?,
            token: Url::parse(&format!("https://{}{token_port}/token", world.names.token))?,
            resource,
        },
        client: Client {
            client_id: world.names.client_id.clone(),
            redirect_uri: Url::parse(&world.names.redirect_uri)?,
            certificate: client.certificate.clone(),
            key: client.key.clone(),
        },
        identities: Vec::new(),
        trust: Trust { ca: vec![authority.certificate.clone()], connect: connect.into_iter().map(named).collect() },
        stelselnode: None,
        login: login(world),
        withdrawal: Some(withdrawal(world, front_port)?),
        drive: None,
        world: None,
        patients: world.people.iter().map(patient).collect(),
        probes: Probes {
            active: true,
            tls: true,
            samples: SAMPLES,
            wait: false,
            other_provider: Some(resource::other_address(&world.names)),
        },
        waivers: Vec::new(),
        shares_clock: true,
    })
}

/// The addresses of a DVA that stands behind the servers of another, its people, and how they log in.
pub(super) fn places(world: &World) -> Result<(Endpoints, Vec<Patient>, Login), SimulatorError> {
    let names = &world.names;
    let mut resource = BTreeMap::new();
    for role in SYSTEEMROLLEN.iter().filter(|role| world.sets.iter().any(|set| set.systeemrollen.contains(&role.code)))
    {
        resource.insert(role.code.to_owned(), Url::parse(&resource::address(names, role))?);
    }
    let endpoints = Endpoints {
        authorization: Url::parse(&format!("https://{}/authorize", names.authorization))?,
        token: Url::parse(&format!("https://{}/token", names.token))?,
        resource,
    };
    Ok((endpoints, world.people.iter().map(patient).collect(), login(world)))
}

fn login(world: &World) -> Login {
    Login { mode: LoginMode::Form, steps: steps(world), indefinite: Some("#onbepaald".to_owned()) }
}

/// How a person ends a long consent: the first of the overview.
fn withdrawal(world: &World, port: &str) -> Result<Withdrawal, SimulatorError> {
    let start = Url::parse(&format!("https://{}{port}{}", world.names.authorization, consents::START))?;
    let submit = |page: &str, submit: &str| LoginStep {
        page: page.to_owned(),
        follow: None,
        fill: BTreeMap::new(),
        submit: Some(submit.to_owned()),
        cancel: None,
    };
    let steps = vec![
        LoginStep { fill: filled(), ..submit("login", "form#inloggen") },
        submit("overview", "button.beeindigen"),
        submit("statement", "button#bevestigen"),
    ];
    Ok(Withdrawal { start, steps })
}

/// The fields of a login page.
fn filled() -> BTreeMap<String, String> {
    let fill = [("#naam", "${patient.login}"), ("#wachtwoord", "${patient.password}")];
    fill.map(|(field, value)| (field.to_owned(), value.to_owned())).into()
}

fn steps(world: &World) -> Vec<LoginStep> {
    let step = |page: &str| LoginStep {
        page: page.to_owned(),
        follow: None,
        fill: BTreeMap::new(),
        submit: None,
        cancel: None,
    };
    let notice = LoginStep { follow: Some("a#gelezen".to_owned()), ..step("notice") };
    let mut steps = vec![
        LoginStep { follow: Some("a#verder".to_owned()), cancel: Some("a#annuleren".to_owned()), ..step("landing") },
        LoginStep {
            fill: filled(),
            submit: Some("form#inloggen".to_owned()),
            cancel: Some("a#annuleren".to_owned()),
            ..step("login")
        },
        LoginStep {
            submit: Some("button#toestaan".to_owned()),
            cancel: Some("button#weigeren".to_owned()),
            ..step("consent")
        },
    ];
    if world.does("notice-at-first-login") {
        steps.insert(2, notice);
    }
    steps
}

fn patient(person: &Person) -> Patient {
    Patient {
        name: person.name.clone(),
        stands_for: person.stands_for.to_owned(),
        login: person.login.clone(),
        password: person.password.clone(),
        token: Some(person.token.clone()),
        bsn: Some(person.bsn.clone()),
        suites: person.suites.iter().map(|suite| (*suite).to_owned()).collect(),
        expect: BTreeMap::new(),
    }
}

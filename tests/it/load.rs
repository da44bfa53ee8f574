//! Many persons at once at two DVPs in one world: nothing of one session ends up in another, nor does a finding.
//!
//! `make load` does it with 200 and tells how much memory that took.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use jiff::civil::date;
use reqwest::Client;
use rustls::ClientConfig;
use scraper::Html;
use scraper::Selector;
use toetsbank::candidate::Patient;
use toetsbank::cli::counterpart::Counterpart;
use toetsbank::cli::outcome;
use toetsbank::env::Env;
use toetsbank::exchange::Interface;
use toetsbank::judge;
use toetsbank::pki;
use toetsbank::plan::Selection;
use toetsbank::requirement::Role;
use toetsbank::runner::client::Answer;
use toetsbank::runner::client::Hand;
use toetsbank::runner::client::Rounds;
use toetsbank::runner::client::Task;
use toetsbank::simulator::dvp;
use toetsbank::simulator::dvp::DvpConfig;
use toetsbank::suite;

/// Sessions of the usual test.
const SESSIONS: usize = 12;

/// Most memory that 200 sessions, with DVPs and browsers in the same process, may take, in kB.
const MOST_MEMORY: u64 = 1_500_000;

/// Tells when all are done.
#[derive(Default)]
struct Crowd {
    asked: AtomicBool,
    done: AtomicBool,
}

impl Hand for Crowd {
    fn ask(&self, _: Task) {
        self.asked.store(true, Ordering::SeqCst);
    }

    fn answer(&self) -> Option<Answer> {
        self.done.load(Ordering::SeqCst).then_some(Answer::Done)
    }
}

/// One person with a browser of one's own.
#[derive(Clone)]
struct Person {
    tls: ClientConfig,
    hosts: BTreeMap<String, SocketAddr>,
    login: String,
    password: String,
}

impl Person {
    /// Collects; gives the correlation id of the flow.
    async fn collect(self) -> String {
        let mut builder = Client::builder().tls_backend_preconfigured(self.tls).cookie_store(true).no_proxy();
        for (host, address) in &self.hosts {
            builder = builder.resolve(host, *address);
        }
        let browser = builder.build().unwrap();
        let start = dvp::START.replace("${provider}", "referentieziekenhuis%40medmij").replace("${service}", "48");
        let landing = browser.get(start).send().await.unwrap();
        let at = landing.url().clone();
        let form = async |path: &str, page: reqwest::Response, fields: &[(&str, &str)]| {
            let hidden = hidden(&page.text().await.unwrap());
            let fields = fields.iter().copied().chain([("formulier", hidden.as_str())]);
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            let post = browser.post(at.join(path).unwrap());
            post.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
        };
        let page = browser.get(at.join("/inloggen").unwrap()).send().await.unwrap();
        let page = form("/inloggen", page, &[("naam", &self.login), ("wachtwoord", &self.password)]).await;
        let page = form("/toestemming", page, &[("besluit", "toestaan")]).await;
        let said = page.text().await.unwrap();
        assert!(said.contains("gegevens verzameld"), "{}: {said}", self.login);
        at.query_pairs().find(|(name, _)| name == "X-Correlation-ID").unwrap().1.into_owned()
    }
}

fn hidden(page: &str) -> String {
    let html = Html::parse_document(page);
    let found = html.select(&Selector::parse("input[name=formulier]").unwrap()).next();
    found.and_then(|input| input.value().attr("value")).unwrap_or_default().to_owned()
}

/// The most memory that was resident so far, in kB.
fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[test]
fn sessions_at_the_same_time_are_kept_apart() {
    let asked = std::env::var("TOETSBANK_SESSIONS").ok().and_then(|text| text.parse::<usize>().ok());
    let count = asked.unwrap_or(SESSIONS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let env = Env::system();
        let counterpart = Counterpart::reference(&env, Role::Dvp, None, &[]).await.unwrap();
        let world = counterpart.world.as_ref().unwrap();
        let authority = world.stelsel.authority();
        let broken = dvp::start(DvpConfig {
            env: env.clone(),
            connect: world.stelsel.connect(),
            proxy: None,
            trusted: Vec::new(),
            authority,
            port: None,
            defects: vec![dvp::find("request-id-missing-at-token").unwrap()],
            behaviours: Vec::new(),
        });
        let broken = broken.await.unwrap();
        let mut candidate = counterpart.candidate.clone();
        let sound = candidate.trust.connect[&format!("{}:443", dvp::HOST)].parse::<SocketAddr>().unwrap();
        (candidate.drive, candidate.shares_clock) = (None, false);

        let all = suite::load::embedded().unwrap();
        let selection = Selection {
            suites: vec![suite::load::find(&all, "bgz").unwrap().head.id.clone()],
            scenarios: vec!["flow-dvp/1.1".to_owned()],
            ..Default::default()
        };
        let plan = outcome::plan(&all, &candidate, &selection).unwrap();
        let people: Vec<&Patient> = candidate
            .patients
            .iter()
            .filter(|patient| patient.suites.iter().any(|suite| suite.starts_with("bgz")))
            .collect();
        assert!(people.len() > 1, "{people:?}");
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(pki::roots(std::slice::from_ref(&authority.certificate)).unwrap())
            .with_no_client_auth();
        let persons: Vec<Person> = (0..count)
            .map(|i| {
                let mut hosts: BTreeMap<String, SocketAddr> =
                    world.stelsel.hosts().iter().map(|host| (host.clone(), world.stelsel.address())).collect();
                hosts.insert(dvp::HOST.to_owned(), if is_broken(i) { broken.address() } else { sound });
                let patient = people[i % people.len()];
                Person { tls: tls.clone(), hosts, login: patient.login.clone(), password: patient.password.clone() }
            })
            .collect();

        let crowd = Crowd::default();
        let mut rounds =
            Rounds::new(&plan, &env, &world.stelsel, &world.log, Some(&crowd), Default::default()).unwrap();
        let begun = Instant::now();
        let collecting = async {
            while !crowd.asked.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let tasks: Vec<_> = persons.iter().map(|person| tokio::spawn(person.clone().collect())).collect();
            let mut flows = Vec::new();
            for task in tasks {
                flows.push(task.await.unwrap());
            }
            crowd.done.store(true, Ordering::SeqCst);
            flows
        };
        let ((), flows) = tokio::join!(rounds.carry_out(&plan.scenarios[0]), collecting);
        rounds.close();
        let took = begun.elapsed();
        broken.stop().await;

        let run = &rounds.run;
        assert_eq!(run.traces[0].steps[0].stopped, None);
        let mut requests: BTreeMap<&str, usize> = BTreeMap::new();
        let mut tokens: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for exchange in run.exchanges().filter(|exchange| exchange.interface == Interface::Resource) {
            let flow = exchange.request.header("X-Correlation-ID").unwrap();
            let i = flows.iter().position(|known| known == flow).unwrap();
            *requests.entry(flow).or_default() += 1;
            tokens.entry(flow).or_default().insert(exchange.request.header("Authorization").unwrap());
            let body = exchange.response.as_ref().and_then(|response| response.body.text()).unwrap_or_default();
            for other in people.iter().filter(|patient| patient.login != persons[i].login) {
                let named = format!("Patient/{}\"", other.login);
                assert!(!body.contains(&named), "data of {} in a session of {}", other.login, persons[i].login);
            }
        }
        assert_eq!(requests.len(), count, "each session asked for data");
        for (i, flow) in flows.iter().enumerate().skip(people.len()) {
            let (own, same) = (requests[flow.as_str()], requests[flows[i % people.len()].as_str()]);
            assert_eq!(own, same, "as many requests as another session of {}", persons[i].login);
        }
        let all: BTreeSet<&str> = tokens.values().flatten().copied().collect();
        assert!(tokens.values().all(|own| own.len() == 1) && all.len() == count, "a token of its own in each session");

        let judged = judge::judge(&plan, run, date(2026, 1, 15));
        let mut found = BTreeSet::new();
        for finding in &judged.findings {
            assert_eq!(finding.rule, "TOK-01", "{finding:?}");
            let at = run.exchanges().find(|exchange| Some(exchange.number) == finding.exchange).unwrap();
            found.insert(at.request.header("X-Correlation-ID").unwrap());
        }
        let planted: BTreeSet<&str> =
            flows.iter().enumerate().filter(|(i, _)| is_broken(*i)).map(|(_, flow)| flow.as_str()).collect();
        assert_eq!(found, planted, "the sessions at the DVP with a defect, and no other");
        if asked.is_some() {
            let (kept, peak) = (run.exchanges().count(), peak());
            println!("{count} sessions in {took:.1?}: {kept} exchanges, {} MB at most", peak / 1000);
            assert!(peak < MOST_MEMORY, "{peak} kB");
        }
        counterpart.stop().await;
    });
}

fn is_broken(session: usize) -> bool {
    session % 3 == 2
}

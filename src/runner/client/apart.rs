//! Collecting in a browser that is not ours: that of a person at the DVP, or one that the DVP brings along.
//!
//! What our browser does to the way back is then done by the redirect of our authorization server, where that is possible;
//! what takes our browser is said to be not tested.

use std::sync::Arc;

use url::Url;

use crate::candidate::Candidate;
use crate::candidate::Drive;
use crate::candidate::Hook;
use crate::diag::Text;
use crate::exchange::Certificate;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::runner::client::POLL;
use crate::runner::client::Session;
use crate::runner::client::hook;
use crate::runner::client::person;
use crate::runner::client::stop;
use crate::simulator::stelsel::Callback;
use crate::suite::model::BrowserFile;
use crate::suite::model::CallbackFile;
use crate::suite::model::CollectFile;

/// What a person at the DVP is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// MedMij name of the provider.
    pub provider: String,
    /// GegevensdienstId.
    pub service: String,
    /// Name of the patient.
    pub patient: String,
    /// Login name of the patient at the provider's page.
    pub login: String,
    /// Password there.
    pub password: String,
    /// Page at which to cancel: `landing`, `login` or `consent`.
    pub cancel: Option<String>,
}

/// What the person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, whatever came of it.
    Done,
    /// It cannot or will not be done.
    Stopped,
}

/// The person at the DVP.
pub trait Hand: Send + Sync {
    /// Asks for something.
    fn ask(&self, task: Task);
    /// What was answered, once it was.
    fn answer(&self) -> Option<Answer>;
}

impl Session<'_> {
    /// Has a person do it.
    pub(super) async fn by_hand(&self, hand: &dyn Hand, service: &str, how: &CollectFile) -> Result<(), Stop> {
        let patient = self.patient();
        hand.ask(Task {
            provider: self.provider(how),
            service: service.to_owned(),
            patient: patient.map(|patient| patient.name.clone()).unwrap_or_default(),
            login: patient.map(|patient| patient.login.clone()).unwrap_or_default(),
            password: patient.map(|patient| patient.password.clone()).unwrap_or_default(),
            cancel: how.cancel.clone(),
        });
        self.stelsel.send_back(how.callback.as_ref().map(change));
        let answer = loop {
            match hand.answer() {
                Some(answer) => break answer,
                None => tokio::time::sleep(POLL).await,
            }
        };
        self.stelsel.send_back(None);
        match answer {
            Answer::Done => Ok(()),
            Answer::Stopped => {
                let reason = Text::new("gestopt voor het klaar was", "stopped before it was done");
                Err(stop(StopKind::NotSelected, "stopped-by-hand", reason))
            }
        }
    }

    /// Has the DVP do it with a browser of its own.
    pub(super) async fn by_itself(&self, service: &str, how: &CollectFile) -> Result<(), Stop> {
        self.stelsel.send_back(how.callback.as_ref().map(change));
        let called = self.collect_hook(service, how).await;
        if called.is_ok() {
            self.settle().await;
        }
        self.stelsel.send_back(None);
        called.map(drop)
    }

    /// Calls the hook that starts collecting; gives the address that it answers with.
    pub(super) async fn collect_hook(&self, service: &str, how: &CollectFile) -> Result<Option<Url>, Stop> {
        let hook = self.plan.candidate.drive.as_ref().and_then(|drive| drive.collect.as_ref());
        let Some(hook) = hook else { return Ok(None) };
        let patient = self.patient();
        let told = [
            ("step", "collect".to_owned()),
            ("provider", self.provider(how)),
            ("service", service.to_owned()),
            ("patient", patient.map(|patient| patient.name.clone()).unwrap_or_default()),
            ("login", patient.map(|patient| patient.login.clone()).unwrap_or_default()),
            ("password", patient.map(|patient| patient.password.clone()).unwrap_or_default()),
            ("indefinite", how.indefinite.to_string()),
            ("proxy", self.stelsel.proxy().to_string()),
            ("ca", self.stelsel.authority().certificate.clone()),
        ];
        self.call(hook, &told).await
    }

    /// Calls the hook that opens an address in the browser of the DVP's user.
    pub(super) async fn open_hook(&self, hook: &Hook, url: &Url) -> Result<(), Stop> {
        self.call(hook, &[("step", "open".to_owned()), ("url", url.to_string())]).await.map(drop)
    }

    async fn call(&self, hook: &Hook, told: &hook::Told<'_>) -> Result<Option<Url>, Stop> {
        let tls = self.sender.tls(&Certificate::None);
        let tls = tls.map_err(|error| stop(StopKind::Ours, "cannot-send", Text::same(error.to_string())))?;
        hook::call(hook, told, tls).await.map_err(|why| {
            let Text { nl, en } = why;
            let reason = Text::new(format!("`[drive]`: {nl}"), format!("`[drive]`: {en}"));
            stop(StopKind::Ours, "hook-failed", reason)
        })
    }
}

/// Whether a scenario has a step that takes our browser, with a candidate that has another.
pub fn needs_our_browser(candidate: &Candidate, scenario: &PlannedScenario) -> bool {
    let drive = candidate.drive.as_ref();
    scenario.steps.iter().any(|step| match &step.operation {
        Operation::Collect { how, .. } => takes_our_browser(drive, how),
        _ => false,
    })
}

/// The same for a step.
pub(super) fn takes_our_browser(drive: Option<&Drive>, how: &CollectFile) -> bool {
    let is_other = how.callback.as_ref().is_some_and(|callback| callback.browser != BrowserFile::Own);
    let is_again = how.callback.as_ref().is_some_and(|callback| callback.again);
    match drive {
        None => is_other || is_again,
        Some(drive) if drive.own_browser => is_other || is_again || how.cancel.is_some(),
        Some(drive) => drive.open.is_some() && is_other,
    }
}

pub(super) fn no_browser() -> Stop {
    let reason = Text::new(
        "alleen als toetsbank zelf de browser is (`[drive]` met `start` of `collect`, zonder `own_browser` en `open`)",
        "only when toetsbank itself is the browser (`[drive]` with `start` or `collect`, without `own_browser` and `open`)",
    );
    stop(StopKind::NotSelected, "needs-our-browser", reason)
}

fn change(callback: &CallbackFile) -> Callback {
    let callback = callback.clone();
    Arc::new(move |url| person::changed(url, &callback))
}

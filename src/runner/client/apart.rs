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
use crate::exchange::Attested;
use crate::exchange::Certificate;
use crate::exchange::Interface;
use crate::exchange::Stop;
use crate::exchange::StopKind;
use crate::plan::Operation;
use crate::plan::PlannedScenario;
use crate::runner::client::POLL;
use crate::runner::client::Session;
use crate::runner::client::hook;
use crate::runner::client::hook::Said;
use crate::runner::client::person;
use crate::runner::client::stop;
use crate::simulator::stelsel::Callback;
use crate::suite::model::BrowserFile;
use crate::suite::model::CallbackFile;
use crate::suite::model::CollectFile;

/// What a person at the DVP is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Id of the step of the scenario.
    pub step: String,
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
    /// Whether the way back is altered. What the DVP does not do then counts only when somebody says that the browser reached it.
    pub is_altered: bool,
}

/// What the person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, whatever came of it.
    Done,
    /// It is done, and the browser came back to the DVP, which showed an answer.
    CameBack,
    /// It is done, but the browser did not reach the DVP.
    NotBack,
    /// The DVP did not begin: it sent the browser to no provider.
    NotBegun,
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
    pub(super) async fn by_hand(
        &self,
        hand: &dyn Hand,
        step: &str,
        service: &str,
        how: &CollectFile,
    ) -> Result<Option<Attested>, Stop> {
        let patient = self.patient();
        hand.ask(Task {
            step: step.to_owned(),
            provider: self.provider(how),
            service: service.to_owned(),
            patient: patient.map(|patient| patient.name.clone()).unwrap_or_default(),
            login: patient.map(|patient| patient.login.clone()).unwrap_or_default(),
            password: patient.map(|patient| patient.password.clone()).unwrap_or_default(),
            cancel: how.cancel.clone(),
            is_altered: how.callback.is_some(),
        });
        self.stelsel.send_back(how.callback.as_ref().map(change));
        let answer = loop {
            match hand.answer() {
                Some(answer) => break answer,
                None => tokio::time::sleep(POLL).await,
            }
        };
        self.stelsel.send_back(None);
        let begun = self.log.count(Interface::Authorization) > 0;
        attested(answer, how.callback.is_some(), begun)
    }

    /// Has the DVP do it with a browser of its own.
    pub(super) async fn by_itself(&self, service: &str, how: &CollectFile) -> Result<Option<Attested>, Stop> {
        self.stelsel.send_back(how.callback.as_ref().map(change));
        let called = self.collect_hook(service, how).await;
        if called.is_ok() {
            self.settle().await;
        }
        self.stelsel.send_back(None);
        called.map(|said| said.returned.then_some(Attested::CameBack))
    }

    /// Calls the hook that starts collecting; gives what it says.
    pub(super) async fn collect_hook(&self, service: &str, how: &CollectFile) -> Result<Said, Stop> {
        let hook = self.plan.candidate.drive.as_ref().and_then(|drive| drive.collect.as_ref());
        let Some(hook) = hook else { return Ok(Said::default()) };
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

    async fn call(&self, hook: &Hook, told: &hook::Told<'_>) -> Result<Said, Stop> {
        let tls = self.sender.tls(&Certificate::None);
        let tls = tls.map_err(|error| stop(StopKind::Ours, "cannot-send", Text::same(error.to_string())))?;
        hook::call(hook, told, tls).await.map_err(|why| {
            let Text { nl, en } = why;
            let reason = Text::new(format!("`[drive]`: {nl}"), format!("`[drive]`: {en}"));
            stop(StopKind::Ours, "hook-failed", reason)
        })
    }
}

/// What an answer of a person comes to: `begun` is whether an authorization request came, which has to agree with it.
fn attested(answer: Answer, is_altered: bool, begun: bool) -> Result<Option<Attested>, Stop> {
    let (code, reason) = match answer {
        Answer::NotBegun if !begun => return Ok(Some(Attested::DidNotBegin)),
        Answer::CameBack if begun => return Ok(Some(Attested::CameBack)),
        Answer::Done if begun && !is_altered => return Ok(None),
        Answer::NotBegun => (
            "begun-after-all",
            Text::new(
                "er kwam wel een autorisatieverzoek, terwijl de tester zegt dat de DVP niet begon",
                "an authorization request came, though the tester says that the DVP did not begin",
            ),
        ),
        Answer::Done | Answer::CameBack if !begun => (
            "nothing-came",
            Text::new(
                "er kwam geen autorisatieverzoek: de DVP of de browser is niet ingesteld, of er is niets gedaan",
                "no authorization request came: the DVP or the browser is not set up, or nothing was done",
            ),
        ),
        Answer::Done | Answer::CameBack | Answer::NotBack => (
            "not-back",
            Text::new(
                "de tester bevestigt niet dat de browser bij de DVP terugkwam: wat die dan doet, is niet gezien",
                "the tester does not attest that the browser came back to the DVP: what it does then was not seen",
            ),
        ),
        Answer::Stopped => ("stopped-by-hand", Text::new("gestopt voor het klaar was", "stopped before it was done")),
    };
    Err(stop(StopKind::NotSelected, code, reason))
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
    let callback = how.callback.as_ref();
    // Where the DVP sends the browser after it came back with an address in its parameters is seen in our browser alone.
    let is_lure = callback.is_some_and(|callback| callback.set.values().any(|value| value.contains("://")));
    let is_other = is_lure || callback.is_some_and(|callback| callback.browser != BrowserFile::Own);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_says_counts_where_it_agrees_with_what_came_in() {
        let of = |answer, is_altered, begun| attested(answer, is_altered, begun).map_err(|stop| stop.code);
        assert_eq!(of(Answer::Done, false, true), Ok(None));
        assert_eq!(of(Answer::Done, false, false), Err("nothing-came".to_owned()));
        assert_eq!(of(Answer::Done, true, true), Err("not-back".to_owned()));
        assert_eq!(of(Answer::CameBack, true, true), Ok(Some(Attested::CameBack)));
        assert_eq!(of(Answer::CameBack, true, false), Err("nothing-came".to_owned()));
        assert_eq!(of(Answer::NotBack, true, true), Err("not-back".to_owned()));
        assert_eq!(of(Answer::NotBegun, false, false), Ok(Some(Attested::DidNotBegin)));
        assert_eq!(of(Answer::NotBegun, false, true), Err("begun-after-all".to_owned()));
        assert_eq!(of(Answer::Stopped, true, true), Err("stopped-by-hand".to_owned()));
    }
}

//! Why a scenario instance is not run for this candidate: what it needs and the candidate file does not have.

use crate::candidate::LoginMode;
use crate::candidate::Standing;
use crate::diag::Text;
use crate::plan::resolve::Planner;
use crate::plan::standing;
use crate::plan::usual::ANY_REQUEST;
use crate::plan::usual::EACH_REQUEST;
use crate::requirement::Role;
use crate::suite::model::ScenarioFile;
use crate::suite::model::StepFile;
use crate::suite::model::SuiteFile;
use crate::text;

impl Planner<'_> {
    /// Whether a scenario of the flow falls out because patients come in with a fixed token. Then acceptatie is not
    /// checked, and kwalificatie alone decides: no such scenario is required. A content suite does without its own steps that
    /// get a token, but for a probe.
    pub(super) fn goes_unasked(&self, suite: usize, scenario: &ScenarioFile) -> bool {
        let flows = |step: &StepFile| gets_token(step) || step.use_file.is_some();
        let probes = |step: &StepFile| gets_token(step) && step.probe.is_some();
        let falls_out = match self.suites[suite].head.systeemrollen.is_empty() {
            true => scenario.steps.iter().any(flows),
            false => scenario.steps.iter().any(probes) || scenario.steps.iter().all(flows),
        };
        self.candidate.login.mode == LoginMode::Token && falls_out
    }

    /// Whether a step falls out because the fixed token of the patient does what it is for.
    pub(super) fn is_spared(&self, suite: &SuiteFile, step: &StepFile) -> bool {
        self.candidate.login.mode == LoginMode::Token && !suite.systeemrollen.is_empty() && gets_token(step)
    }

    /// Why an instance is not run, when it is not.
    pub(super) fn skip(
        &self,
        suite: usize,
        scenario: &ScenarioFile,
        steps: &[StepFile],
        patient: Option<usize>,
        stands_for: Option<&str>,
    ) -> Option<Text> {
        if patient.is_none() {
            let word = stands_for.unwrap_or("rich");
            return Some(text!(
                "geen patiënt in het kandidaatbestand staat voor `{word}` (`stands_for`)",
                "no patient in the candidate file stands for `{word}` (`stands_for`)"
            ));
        }
        if self.goes_unasked(suite, scenario) {
            return Some(Text::new(
                "inloggen met een vast token (`mode = \"token\"`): de flow wordt niet doorlopen",
                "login with a fixed token (`mode = \"token\"`): the flow is not gone through",
            ));
        }
        if scenario.active && !self.candidate.allows_probes() {
            return Some(Text::new(
                "actieve probes staan uit (`[probes] active = true` ontbreekt, of de omgeving is productie)",
                "active probes are off (`[probes] active = true` is missing, or the environment is production)",
            ));
        }
        let is_dva = self.candidate.role == Role::Dva;
        if is_dva && self.candidate.stelselnode.is_none() && steps.iter().any(|step| step.world.is_some()) {
            return Some(Text::new(
                "de kandidaat haalt zijn lijsten niet bij ons op (`listen` onder `[stelselnode]` ontbreekt)",
                "the candidate does not fetch its lists from us (`listen` under `[stelselnode]` is missing)",
            ));
        }
        if !self.candidate.allows_waiting() && steps.iter().any(|step| step.wait.is_some()) {
            return Some(Text::new(
                "duurt minuten: alleen met `--wait` (of `wait = true` onder `[probes]`)",
                "takes minutes: only with `--wait` (or `wait = true` under `[probes]`)",
            ));
        }
        let asks_other = |step: &StepFile| step.get.as_deref().is_some_and(|get| get.contains("${otherProvider}"));
        if self.candidate.probes.other_provider.is_none() && steps.iter().any(asks_other) {
            return Some(Text::new(
                "het kandidaatbestand noemt geen tweede zorgaanbieder (`[probes] other_provider`)",
                "the candidate file names no second provider (`[probes] other_provider`)",
            ));
        }
        let asks_any = |step: &StepFile| {
            step.get.as_deref().is_some_and(|get| [ANY_REQUEST, EACH_REQUEST].iter().any(|name| get.contains(name)))
        };
        if steps.iter().any(asks_any) && self.any_request(patient).is_none() {
            return Some(Text::new(
                "geen van de gekozen suites vraagt gegevens op: er is geen verzoek om dit mee te toetsen",
                "none of the chosen suites asks for data: there is no request to test this with",
            ));
        }
        if let Some(reason) = steps.iter().find_map(|step| self.cannot(step)) {
            return Some(reason);
        }
        let shown = |step: &StepFile| {
            let messages = [&step.authorize, &step.token, &step.refresh, &step.request].into_iter().flatten();
            messages.filter_map(|message| standing(message.certificate)).collect::<Vec<_>>()
        };
        let lacks = |standing: &Standing| self.candidate.identity(*standing).is_none();
        if let Some(lacking) = steps.iter().flat_map(shown).find(lacks) {
            let word = lacking.word();
            return Some(text!(
                "het kandidaatbestand heeft geen `[[identities]]` met `standing = \"{word}\"`",
                "the candidate file has no `[[identities]]` with `standing = \"{word}\"`"
            ));
        }
        let planned = &self.suites[suite];
        if self.candidate.role == Role::Dvp {
            return None;
        }
        match &planned.systeemrol {
            Some(code) if !self.candidate.endpoints.resource.contains_key(code) => Some(text!(
                "het kandidaatbestand heeft geen adres voor systeemrol `{code}` (`[endpoints.resource]`)",
                "the candidate file has no address for systeemrol `{code}` (`[endpoints.resource]`)"
            )),
            _ => None,
        }
    }

    /// What a step needs of the candidate file that is not in it.
    fn cannot(&self, step: &StepFile) -> Option<Text> {
        let login = &self.candidate.login;
        let wanted = step.login.as_ref().filter(|wanted| wanted.indefinite || wanted.cancel.is_some());
        if (wanted.is_some() || step.withdraw.is_some()) && login.mode != LoginMode::Form {
            return Some(Text::new(
                "alleen als toetsbank zelf door de pagina's gaat (`mode = \"form\"`)",
                "only when toetsbank goes through the pages itself (`mode = \"form\"`)",
            ));
        }
        if wanted.is_some_and(|wanted| wanted.indefinite) && login.indefinite.is_none() {
            return Some(Text::new(
                "het kandidaatbestand noemt de keuze voor onbepaalde tijd niet (`indefinite` onder `[login]`)",
                "the candidate file does not name the choice of an indefinite time (`indefinite` under `[login]`)",
            ));
        }
        if let Some(page) = wanted.and_then(|wanted| wanted.cancel.as_ref())
            && !login.steps.iter().any(|step| step.page == *page && step.cancel.is_some())
        {
            return Some(text!(
                "in het kandidaatbestand heeft geen stap `{page}` onder `[login]` een `cancel`",
                "no step `{page}` under `[login]` in the candidate file has a `cancel`"
            ));
        }
        if step.withdraw.is_some() && self.candidate.withdrawal.is_none() {
            return Some(Text::new(
                "het kandidaatbestand zegt niet hoe een toestemming eindigt (`[withdrawal]`)",
                "the candidate file does not say how a consent is ended (`[withdrawal]`)",
            ));
        }
        let messages = [&step.authorize, &step.token, &step.refresh].into_iter().flatten();
        let asks_back =
            messages.flat_map(|message| message.set.values()).any(|text| text.contains("${otherRedirectUri}"));
        let other = self.candidate.identity(Standing::Listed).and_then(|identity| identity.redirect_uri.as_ref());
        (asks_back && other.is_none()).then(|| {
            Text::new(
                "het kandidaatbestand heeft geen `[[identities]]` met `standing = \"listed\"` en een `redirect_uri`",
                "the candidate file has no `[[identities]]` with `standing = \"listed\"` and a `redirect_uri`",
            )
        })
    }
}

/// Whether a step is one of those that lead to an access token.
fn gets_token(step: &StepFile) -> bool {
    step.authorize.is_some() || step.login.is_some() || step.token.is_some() || step.refresh.is_some()
}

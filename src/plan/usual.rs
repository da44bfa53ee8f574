//! Requests that the candidate must be able to answer: the first of each content suite.
//!
//! Flow scenarios name them by a variable, since they know no gegevensdienst.

use crate::plan::resolve::Planner;
use crate::suite::model::Suite;

/// The variable that stands for a request of the content suites.
pub(super) const ANY_REQUEST: &str = "${anyRequest}";

/// The variable that stands for a request of each of them.
pub(super) const EACH_REQUEST: &str = "${eachRequest}";

/// A request that the candidate must know, and the systeemrol that it goes to.
pub(super) struct UsualRequest {
    pub(super) target: String,
    pub(super) systeemrol: Option<String>,
}

impl Planner<'_> {
    /// The first resource request of the suites that are run and that this patient is for: one that the candidate must
    /// answer with the patient's token.
    pub(super) fn any_request(&self, patient: Option<usize>) -> Option<UsualRequest> {
        self.usual_requests(patient).into_iter().next()
    }

    /// The same of each of these suites.
    pub(super) fn usual_requests(&self, patient: Option<usize>) -> Vec<UsualRequest> {
        let services = self.services().filter(|suite| patient.is_none_or(|patient| self.is_for(patient, suite)));
        services.filter_map(|suite| self.usual_request(suite)).collect()
    }

    /// The suites that are run and ask for data of a gegevensdienst.
    pub(super) fn services(&self) -> impl Iterator<Item = &Suite> {
        let planned = self.suites.iter().filter_map(|planned| self.all.iter().find(|s| s.head.id == planned.head.id));
        planned.filter(|suite| !suite.head.systeemrollen.is_empty() && self.usual_request(suite).is_some())
    }

    fn usual_request(&self, suite: &Suite) -> Option<UsualRequest> {
        let planned = self.suites.iter().find(|planned| planned.head.id == suite.head.id)?;
        let mut steps = suite.scenarios.iter().flat_map(|(_, scenario)| &scenario.steps);
        steps.find_map(|step| {
            let target = step.get.clone().filter(|get| !get.contains("${"))?;
            let systeemrol = step.systeemrol.clone().or_else(|| planned.systeemrol.clone());
            Some(UsualRequest { target, systeemrol })
        })
    }
}

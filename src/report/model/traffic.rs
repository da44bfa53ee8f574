//! What `report.json` says of recorded traffic beside what it says of a run.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::event::Party;
use crate::event::RunVerdict;

/// Where recorded traffic comes from, and who speaks in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrafficReport {
    /// The files of the capture.
    pub captures: Vec<String>,
    /// Exchanges that were read.
    pub read: u32,
    /// Of those, what belongs to no interface of MedMij, or is a probe of toetsbank.
    pub left_out: u32,
    /// Both sides: the DVP, then the DVA.
    pub parties: Vec<PartyReport>,
}

/// One side of recorded traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartyReport {
    /// Which side.
    pub party: Party,
    /// What the traffic calls it: values of `client_id`, or hosts.
    pub names: Vec<String>,
    /// The verdict on it alone.
    pub verdict: RunVerdict,
    /// Findings of severity error that point at it, consequences and waived ones apart.
    pub errors: u32,
    /// The same of severity warning.
    pub warnings: u32,
}

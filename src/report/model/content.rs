//! What a report says of content beside findings: what was not decided, and which building blocks came.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

/// What validation could not decide, of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotCheckedGroup {
    /// The kind, such as `terminology`.
    pub kind: String,
    /// How many places.
    pub count: u32,
    /// By reason.
    pub reasons: Vec<NotCheckedReason>,
}

/// Places that were not decided for one reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotCheckedReason {
    /// The reason.
    pub reason: String,
    /// How many places.
    pub count: u32,
    /// The first 500 of them.
    pub places: Vec<NotCheckedPlace>,
}

/// One place that was not decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotCheckedPlace {
    /// Number of the exchange.
    pub exchange: Option<u32>,
    /// Place in the body.
    pub place: String,
}

/// A table of building blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableReport {
    /// Suite id.
    pub suite: String,
    /// Title.
    pub title: String,
    /// Its sets with their totals.
    pub sets: Vec<TableSetReport>,
    /// Its rows.
    pub rows: Vec<TableRowReport>,
}

/// Totals of a set of building blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableSetReport {
    /// Short name.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Building blocks in it.
    pub total: u32,
    /// Of those: delivered at least once.
    pub delivered: u32,
    /// Of those: asked, not delivered.
    pub missing: u32,
    /// Of those: not asked by the information standard of the suite.
    pub not_asked: u32,
}

/// One building block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableRowReport {
    /// Its name.
    pub title: String,
    /// Sets that hold it.
    pub sets: Vec<String>,
    /// Whether it came.
    pub status: Delivery,
    /// How many resources delivered it.
    pub resources: u32,
}

/// Whether a building block came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Delivery {
    /// At least one resource.
    Delivered,
    /// Asked, and none came.
    Missing,
    /// The information standard of the suite does not ask for it.
    NotAsked,
}

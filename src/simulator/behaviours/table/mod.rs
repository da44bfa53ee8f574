//! Each behaviour with the text that allows it, a file for each interface. Data only.

mod authorization;
mod back_channel;
mod every;
mod lists;
mod resource;
mod sharing;
mod token;

use std::sync::LazyLock;

use crate::simulator::behaviours::Behaviour;

/// All behaviours of the reference DVA, by interface.
pub static BEHAVIOURS: LazyLock<Vec<Behaviour>> = LazyLock::new(|| AREAS.concat());

const AREAS: &[&[Behaviour]] = &[
    every::BEHAVIOURS,
    authorization::BEHAVIOURS,
    token::BEHAVIOURS,
    back_channel::BEHAVIOURS,
    lists::BEHAVIOURS,
    resource::BEHAVIOURS,
    sharing::BEHAVIOURS,
];

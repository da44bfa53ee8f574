//! A bound on the work that one resource may ask for.
//!
//! The walk itself grows with the resource. What looks through it again for each of its elements (invariants, references
//! to contained resources, conditions of a Questionnaire) would grow with its square, so that is paid for from here.
//! Entry point: [`Work`].

use crate::fhir::Element;
use std::cell::Cell;
use std::rc::Rc;

/// Steps for any resource, however small.
pub const STEPS: u64 = 200_000_000;

/// One part in so many of the steps of any resource is added for each of its elements.
const SHARE: u64 = 200_000;

/// Steps that are left; those who share it spend together.
#[derive(Clone, Debug)]
pub struct Work {
    left: Rc<Cell<u64>>,
    all: u64,
}

impl Work {
    /// What may be spent on this resource, given the steps for any.
    pub fn on(resource: &Element, steps: u64) -> Work {
        Work::of(steps.saturating_add((steps / SHARE).saturating_mul(elements(resource))))
    }

    fn of(all: u64) -> Work {
        Work { left: Rc::new(Cell::new(all)), all }
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// What is left.
    pub fn left(&self) -> u64 {
        self.left.get()
    }

    /// All that there was.
    pub fn all(&self) -> u64 {
        self.all
    }

    /// Takes steps; false when they are not there any more, and then nothing is left.
    pub fn spend(&self, steps: u64) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(steps));
        steps <= left && left > 0
    }
}

fn elements(element: &Element) -> u64 {
    1 + element.children.iter().map(elements).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_spent_for_all_who_share_it() {
        let work = Work::of(10);
        let shared = work.clone();
        assert!(work.spend(4) && shared.spend(6) && work.is_spent());
        assert!(!work.spend(0) && !shared.spend(1) && work.left() == 0 && work.all() == 10);
        let short = Work::of(10);
        assert!(!short.spend(11) && short.is_spent());
    }
}

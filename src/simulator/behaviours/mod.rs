//! The awkward things that the reference DVA can do and that every rule allows: nothing may be found for them.
//!
//! The table says what and by which text it is allowed; the interfaces of the counterpart do it. Entry points:
//! [`BEHAVIOURS`], [`find`] and [`together`].

mod table;

use crate::diag::Text;

pub use table::BEHAVIOURS;

/// Something unusual that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Its name.
    pub name: &'static str,
    /// The text that allows it.
    pub source: &'static str,
    /// What it decides; of behaviours that decide the same thing a server has one.
    pub decides: &'static str,
    /// Whether it is to be seen in what the resource interface serves, rather than in the flow.
    pub in_content: bool,
    /// A suite that shows it.
    pub suite: &'static str,
    /// Scenarios of the flow that cannot be gone through because of it.
    pub leaves: &'static [&'static str],
    nl: &'static str,
    en: &'static str,
}

impl Behaviour {
    /// What it is, for people.
    pub fn summary(&self) -> Text {
        Text::new(self.nl, self.en)
    }

    pub(in crate::simulator) const fn new(
        name: &'static str,
        source: &'static str,
        nl: &'static str,
        en: &'static str,
    ) -> Self {
        Self { name, source, decides: name, in_content: false, suite: "bgz", leaves: &[], nl, en }
    }

    const fn in_content(self) -> Self {
        Self { in_content: true, ..self }
    }

    const fn shown_by(self, suite: &'static str) -> Self {
        Self { suite, ..self.in_content() }
    }

    const fn leaving(self, leaves: &'static [&'static str]) -> Self {
        Self { leaves, ..self }
    }

    pub(in crate::simulator) const fn decides(self, what: &'static str) -> Self {
        Self { decides: what, ..self }
    }
}

/// The behaviour with this name.
pub fn find(name: &str) -> Option<&'static Behaviour> {
    BEHAVIOURS.iter().find(|behaviour| behaviour.name == name)
}

/// Servers with as much of it as one server can have, so that each behaviour is with one of them at least.
pub fn together() -> Vec<Vec<&'static Behaviour>> {
    together_of(&BEHAVIOURS)
}

/// The same of another table.
pub(in crate::simulator) fn together_of(table: &'static [Behaviour]) -> Vec<Vec<&'static Behaviour>> {
    let mut servers: Vec<Vec<&'static Behaviour>> = Vec::new();
    for (i, behaviour) in table.iter().enumerate() {
        let rivals = table.iter().take(i).filter(|other| other.decides == behaviour.decides).count();
        while servers.len() <= rivals {
            servers.push(Vec::new());
        }
        if let Some(server) = servers.get_mut(rivals) {
            server.push(behaviour);
        }
    }
    let first = servers.first().cloned().unwrap_or_default();
    for server in servers.iter_mut().skip(1) {
        let more: Vec<_> =
            first.iter().filter(|b| server.iter().all(|own| own.decides != b.decides)).copied().collect();
        server.extend(more);
    }
    servers
}

/// The behaviours that a counterpart was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen(pub(super) Vec<&'static Behaviour>);

impl Chosen {
    /// Whether the behaviour with this name is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|behaviour| behaviour.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_say_where_it_is_allowed() {
        for (i, behaviour) in BEHAVIOURS.iter().enumerate() {
            assert!(BEHAVIOURS.iter().skip(i + 1).all(|other| other.name != behaviour.name), "{}", behaviour.name);
            assert!(!behaviour.source.is_empty() && !behaviour.nl.is_empty() && !behaviour.en.is_empty());
            assert_eq!(find(behaviour.name), Some(behaviour));
        }
    }

    #[test]
    fn together_they_are_all_there_and_none_contradicts_another() {
        let servers = together();
        for behaviour in BEHAVIOURS.iter() {
            assert!(servers.iter().any(|server| server.contains(&behaviour)), "{}", behaviour.name);
        }
        for server in servers {
            for (i, one) in server.iter().enumerate() {
                assert!(server.iter().skip(i + 1).all(|other| other.decides != one.decides), "{}", one.name);
            }
        }
    }
}

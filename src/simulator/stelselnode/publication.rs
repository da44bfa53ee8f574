//! The lists as they are published at a moment; whoever holds a clone sees every change.
//!
//! A text is published as it stands, so that a list can be wrong on purpose. Knows no network. Entry point: [`Publication`].

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::lists;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::simulator::SimulatorError;

/// The lists with a fixed name on the stelselnode.
const KINDS: [Kind; 4] =
    [Kind::Zorgaanbiederslijst, Kind::OAuthclientlist, Kind::Gegevensdienstnamenlijst, Kind::Whitelist];

/// What a stelselnode serves.
#[derive(Clone, Debug, Default)]
pub struct Publication(Arc<Mutex<BTreeMap<Kind, Vec<u8>>>>);

impl Publication {
    /// These lists.
    pub fn of(lists: &[List]) -> Self {
        let publication = Self::default();
        for list in lists {
            publication.publish(list);
        }
        publication
    }

    /// The files in a folder that have the names of the stelselnode, as they are.
    ///
    /// # Errors
    /// A file that cannot be read or is too large, or a folder with none of them.
    pub fn folder(folder: &Path) -> Result<Self, SimulatorError> {
        let publication = Self::default();
        let mut is_empty = true;
        for kind in KINDS {
            let Some(name) = kind.file_name() else { continue };
            let path = folder.join(name);
            let text = match fs::read(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(SimulatorError::Read { path, source }),
            };
            if text.len() > lists::LARGEST {
                return Err(SimulatorError::TooLarge { path });
            }
            publication.publish_text(kind, text);
            is_empty = false;
        }
        match is_empty {
            true => Err(SimulatorError::NoList { path: folder.to_owned() }),
            false => Ok(publication),
        }
    }

    /// Publishes a list in the place of the one before.
    pub fn publish(&self, list: &List) {
        self.publish_text(list.kind(), lists::write(list));
    }

    /// Publishes any text as a list.
    pub fn publish_text(&self, kind: Kind, text: impl Into<Vec<u8>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, text.into());
    }

    /// Takes a list away.
    pub fn withdraw(&self, kind: Kind) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&kind);
    }

    /// The text of a list.
    pub fn text(&self, kind: Kind) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }
}

/// The list with this name of a file.
pub(super) fn kind(name: &str) -> Option<Kind> {
    KINDS.into_iter().find(|kind| kind.file_name() == Some(name))
}

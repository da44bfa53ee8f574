//! Those who know codes that no package carries: a terminology server, asked once for each question.
//!
//! A trait, so that nothing here touches the network; who implements it may. Entry points: [`Source`], [`Asked`].

use crate::diag::Text;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

/// Most questions of which the reply is kept.
const KEPT: usize = 100_000;

/// Somebody who knows value sets and code systems.
pub trait Source: Send + Sync {
    /// Whether a code is in a value set or, when the question names none, in its code system. May take time.
    fn ask(&self, question: &Question) -> Reply;
}

/// A question about one code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Canonical of the value set; `None`: does the code exist in its system?
    pub value_set: Option<Box<str>>,
    /// Code system.
    pub system: Box<str>,
    /// Version of the code system, when the code names one.
    pub version: Option<Box<str>>,
    /// Code.
    pub code: Box<str>,
    /// Display that must be one of the code's.
    pub display: Option<Box<str>>,
}

/// What somebody says of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is in.
    Yes {
        /// The display that the code should have, when it was told.
        display: Option<Box<str>>,
    },
    /// It is not in, or the display is not one of its own.
    No,
    /// There is no answer, for this reason.
    Unanswered(Text),
}

/// A source with the replies that it gave.
pub(super) struct Asked {
    source: Arc<dyn Source>,
    replies: RwLock<HashMap<Question, Reply>>,
}

impl Asked {
    pub(super) fn new(source: Arc<dyn Source>) -> Asked {
        Asked { source, replies: RwLock::default() }
    }

    /// The reply to a question. Two threads may ask the same at once; that does no harm.
    pub(super) fn ask(&self, question: Question) -> Reply {
        if let Some(known) = self.replies.read().unwrap_or_else(PoisonError::into_inner).get(&question) {
            return known.clone();
        }
        let reply = self.source.ask(&question);
        let mut replies = self.replies.write().unwrap_or_else(PoisonError::into_inner);
        if replies.len() < KEPT {
            replies.insert(question, reply.clone());
        }
        reply
    }
}

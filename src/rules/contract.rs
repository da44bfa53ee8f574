//! What a rule is: its declaration, what it may know, what it may say.

use crate::candidate::Candidate;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::requirement::Release;
use crate::requirement::Role;

/// A rule of its own for one row of the register.
#[derive(Debug)]
pub struct Rule {
    /// Local id of the row.
    pub id: &'static str,
    /// One line: what holds when it is kept.
    pub summary: &'static str,
    /// The doc comment of the declaration: what, how it is tested, what is not covered, source.
    pub explanation: &'static str,
    /// The file that declares it.
    pub file: &'static str,
    /// How it judges a DVA; nothing when it does not.
    pub dva: Option<Check>,
    /// How it judges a DVP.
    pub dvp: Option<Check>,
}

/// A judgement over a whole run.
pub type Check = fn(&Context, &Run) -> Judgement;

/// What a rule may know beside the run.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The candidate that is judged.
    pub candidate: &'a Candidate,
    /// The release it is judged by.
    pub release: Release,
    /// The side that is judged.
    pub role: Role,
}

/// What a rule says. An empty list never means "fine" by itself: a rule that saw nothing says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing in the run could show it, and why.
    NotSeen(Text),
    /// It was judged.
    Seen {
        /// On how many occasions.
        occasions: u32,
        /// What was found; empty when all was well.
        issues: Vec<Issue>,
    },
}

impl Rule {
    /// How it judges this side, if it does.
    pub fn check(&self, role: Role) -> Option<Check> {
        match role {
            Role::Dva => self.dva,
            Role::Dvp => self.dvp,
        }
    }

    /// Whether it judges this side.
    pub fn judges(&self, role: Role) -> bool {
        self.check(role).is_some()
    }

    /// What it says of the side that the context names.
    pub fn judge(&self, context: &Context, run: &Run) -> Judgement {
        let other = Text::new("geldt voor de andere kant", "holds for the other side");
        self.check(context.role).map_or(Judgement::NotSeen(other), |check| check(context, run))
    }
}

impl Context<'_> {
    /// Where the candidate has to send the browser back to.
    pub fn redirect_uri(&self) -> &str {
        self.candidate.client.redirect_uri.as_str()
    }
}

impl Judgement {
    /// The judgement over a list of occasions: what `judge` finds on each. No occasion gives [`Judgement::NotSeen`].
    pub fn each<T>(occasions: impl IntoIterator<Item = T>, none: Text, mut judge: impl FnMut(T) -> Vec<Issue>) -> Self {
        let mut count = 0;
        let mut issues = Vec::new();
        for occasion in occasions {
            count += 1;
            issues.extend(judge(occasion));
        }
        if count == 0 { Self::NotSeen(none) } else { Self::Seen { occasions: count, issues } }
    }
}

/// Declares a rule; its doc comment is the published explanation.
#[macro_export]
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        $visibility:vis static $name:ident = {
            id: $id:literal,
            summary: $summary:literal,
            $(dva: $dva:path,)?
            $(dvp: $dvp:path,)?
        }
    ) => {
        $(#[doc = $doc])+
        $visibility static $name: $crate::rules::Rule = $crate::rules::Rule {
            id: $id,
            summary: $summary,
            explanation: concat!($($doc, "\n"),+),
            file: file!(),
            dva: $crate::declare_rule!(@check $($dva)?),
            dvp: $crate::declare_rule!(@check $($dvp)?),
        };
    };
    (@check) => { None };
    (@check $check:path) => { Some($check) };
}

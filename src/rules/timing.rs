//! How long an interface takes: what RES-03 and TOK-17 share.

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Exchange;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Judgement;
use crate::text;

/// Calls from which on the share of late ones counts.
const ENOUGH: usize = 200;

/// What an interface is held to.
pub(super) struct Limit {
    /// The interface.
    pub(super) interface: Interface,
    /// Its name, for people.
    pub(super) name: Text,
    /// Longest time for an answer, in whole seconds.
    pub(super) seconds: u32,
    /// Late calls in a thousand that are allowed.
    pub(super) allowed_per_mille: usize,
    /// The share that must be in time, as the rule writes it.
    pub(super) share: Text,
}

impl Limit {
    fn is_late(&self, exchange: &Exchange) -> bool {
        exchange.total_ms > f64::from(self.seconds) * 1000.0
    }

    /// Whether the time of a call tells something: it was answered, or not within the limit.
    fn is_timed(&self, exchange: &Exchange) -> bool {
        let is_whole = exchange.response.is_some() && exchange.failure.is_none();
        let is_timeout = exchange.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Timeout);
        exchange.interface == self.interface && (is_whole || is_timeout && self.is_late(exchange))
    }
}

/// One late answer is a warning; too large a share of many calls is a breach; the times are told.
pub(super) fn judge(run: &Run, limit: &Limit) -> Judgement {
    let calls: Vec<&Exchange> = run.exchanges().filter(|exchange| limit.is_timed(exchange)).collect();
    let Some(last) = calls.last() else {
        let Text { nl, en } = &limit.name;
        return Judgement::NotSeen(text!("geen antwoord van de {nl}", "no answer of the {en}"));
    };
    let late: Vec<&Exchange> = calls.iter().copied().filter(|exchange| limit.is_late(exchange)).collect();
    let mut issues: Vec<Issue> = late.iter().map(|exchange| too_late(exchange, limit)).collect();
    let (all, many, seconds) = (calls.len(), late.len(), limit.seconds);
    let Text { nl, en } = &limit.share;
    if all >= ENOUGH && many * 1000 > all * limit.allowed_per_mille {
        let expected = text!("{nl} binnen {seconds} s", "{en} within {seconds} s");
        let seen = text!("{many} van de {all} duurden langer", "{many} of {all} took longer");
        issues.push(Issue::error("too-often-late", "share", expected, seen).at(last.number));
    }
    issues.push(times(&calls, limit));
    Judgement::Seen { occasions: u32::try_from(all).unwrap_or(u32::MAX), issues }
}

fn too_late(exchange: &Exchange, limit: &Limit) -> Issue {
    let (longest, seconds) = (limit.seconds, (exchange.total_ms / 1000.0).floor());
    let expected = text!("binnen {longest} s", "within {longest} s");
    let seen = text!("na meer dan {seconds} s", "after more than {seconds} s");
    Issue::warning("late-answer", "time", expected, seen).at(exchange.number)
}

/// The time within which 95 % came, in whole seconds, and whether that is enough calls for the share.
fn times(calls: &[&Exchange], limit: &Limit) -> Issue {
    let mut all: Vec<f64> = calls.iter().map(|exchange| exchange.total_ms).collect();
    all.sort_by(f64::total_cmp);
    let place = (all.len() * 95).div_ceil(100).saturating_sub(1);
    let seconds = all.get(place).map_or(0.0, |ms| (ms / 1000.0).ceil());
    let (count, longest) = (all.len(), limit.seconds);
    let Text { nl, en } = &limit.share;
    let expected = text!(
        "{nl} binnen {longest} s, over {ENOUGH} verzoeken of meer",
        "{en} within {longest} s, over {ENOUGH} calls or more"
    );
    let seen = match count < ENOUGH {
        true => text!(
            "95 % van {count} verzoeken binnen {seconds} s; te weinig verzoeken om het aandeel te beoordelen",
            "95 % of {count} calls within {seconds} s; too few calls to judge the share"
        ),
        false => text!("95 % van {count} verzoeken binnen {seconds} s", "95 % of {count} calls within {seconds} s"),
    };
    Issue::information("response-times", "time", expected, seen)
}

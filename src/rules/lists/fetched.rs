//! Reading of what a candidate fetched from a stelselnode of ours: which lists, when, and what they held.
//!
//! Judges nothing but the time between fetches, which several rules share. A list is newest by the moment of its request, and
//! counts once the candidate had time to take it in. Entry points: [`of`], [`newest`], [`in_time`].

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Certificate;
use crate::exchange::Exchange;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::exchange::Stretch;
use crate::lists;
use crate::lists::List;
use crate::lists::schema::Kind;
use crate::requirement::Role;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::text;

/// Longest time between two fetches of a list, in seconds (core.ocl.201, core.gnl.201, core.whl.302).
const LONGEST: i64 = 900;

/// What a timer and the network may add to it, in seconds: nobody fails for that.
const SLACK: i64 = 10;

/// How long a candidate may take to use a list that it fetched, in seconds, before its behaviour is held against it.
const SETTLING: i64 = 60;

/// How long the register has fetches watched, in minutes.
const WATCH: i64 = 35;

/// The requests for a list, in order of time.
pub fn of(run: &Run, kind: Kind) -> Vec<&Exchange> {
    let name = kind.file_name().unwrap_or_default();
    let is_of = |exchange: &&Exchange| {
        let path = exchange.request.url.split('?').next().unwrap_or_default();
        exchange.interface == Interface::List && path.ends_with(&format!("/{name}"))
    };
    let mut all: Vec<&Exchange> = run.exchanges().filter(is_of).collect();
    all.sort_by_key(|exchange| exchange.started);
    all
}

/// The requests for any list.
pub fn any(run: &Run) -> impl Iterator<Item = &Exchange> {
    run.exchanges().filter(|exchange| exchange.interface == Interface::List)
}

/// What was fetched of a list and settled before a moment, oldest first, each read when it is asked for; `None` for a list that
/// is not as its schema asks. What came with a certificate that nobody may take is left out.
pub fn before(run: &Run, kind: Kind, moment: Timestamp) -> impl DoubleEndedIterator<Item = Option<List>> {
    let is_sound =
        move |exchange: &&Exchange| run.node.as_ref().is_none_or(|node| !node.is_unsound_at(exchange.started));
    let all = of(run, kind).into_iter().filter(move |exchange| seconds(exchange.started, moment) >= SETTLING);
    all.filter(|exchange| exchange.status() == Some(200) && exchange.request.method == "GET")
        .filter(is_sound)
        .map(move |exchange| read(exchange).filter(|list| list.kind() == kind))
}

/// The newest good list that a candidate has had time to take in. When a newer one was fetched and may or may not be used
/// already, nobody can tell: `None`.
pub fn newest(run: &Run, kind: Kind, moment: Timestamp) -> Option<List> {
    let list = before(run, kind, moment).rev().flatten().next()?;
    let mut fresh = of(run, kind).into_iter().filter(|exchange| {
        let age = seconds(exchange.started, moment);
        (0..SETTLING).contains(&age) && exchange.status() == Some(200)
    });
    let is_same = |other: &Exchange| read(other).is_none_or(|other| other == list);
    fresh.all(is_same).then_some(list)
}

/// The list that an answer holds, when it is as its schema asks.
pub fn read(exchange: &Exchange) -> Option<List> {
    lists::parse(exchange.response.as_ref()?.body.bytes()).ok()
}

/// Seconds from one moment to another.
pub fn seconds(from: Timestamp, until: Timestamp) -> i64 {
    until.as_second() - from.as_second()
}

/// Why nothing is known of lists, or else the reason that the rule has.
pub fn not_seen(context: &Context, run: &Run, reason: Text) -> Text {
    match &run.node {
        None if context.candidate.stelselnode.is_none() && any(run).next().is_none() => Text::new(
            "de kandidaat haalt zijn lijsten niet bij ons op (`listen` onder `[stelselnode]` ontbreekt)",
            "the candidate does not fetch its lists from us (`listen` under `[stelselnode]` is missing)",
        ),
        Some(node) if any(run).next().is_none() => {
            let (address, minutes) = (&node.address, seconds(node.from, node.until) / 60);
            text!(
                "in {minutes} minuten haalde niemand een lijst op bij {address}; is de kandidaat zo ingesteld?",
                "in {minutes} minutes nobody fetched a list at {address}; is the candidate set up so?"
            )
        }
        _ => reason,
    }
}

/// Why a rule that needs time saw nothing.
pub fn needs_time(context: &Context, run: &Run) -> Text {
    if context.role == Role::Dvp && run.node.is_none() {
        return Text::new("de DVP haalde geen lijst bij ons op", "the DVP fetched no list from us");
    }
    let reason = Text::new(
        "de run gaf er geen gelegenheid voor: dat duurt minuten, en gebeurt alleen met `--wait` en `active = true` onder `[probes]`",
        "the run gave no occasion: it takes minutes, and is done only with `--wait` and `active = true` under `[probes]`",
    );
    not_seen(context, run, reason)
}

/// The longest time between two fetches of a list before a moment, in seconds, as far as it could be fetched.
pub fn longest_before(run: &Run, kind: Kind, moment: Timestamp) -> i64 {
    let fetches: Vec<&Exchange> = of(run, kind).into_iter().filter(|exchange| exchange.started <= moment).collect();
    let gaps = watched(run).into_iter().flat_map(|stretch| gaps(&stretch, &fetches, false));
    gaps.map(|gap| gap.seconds).max().unwrap_or(0)
}

/// Whether a list was fetched in time. With `by_certificate`, each certificate that fetches it has to.
pub fn in_time(context: &Context, run: &Run, kind: Kind, by_certificate: bool) -> Judgement {
    if any(run).next().is_none() {
        return Judgement::NotSeen(needs_time(context, run));
    }
    let stretches = watched(run);
    let fetches = of(run, kind);
    let all: Vec<Gap> = stretches.iter().flat_map(|stretch| gaps(stretch, &fetches, true)).collect();
    let watched: i64 = stretches.iter().map(|stretch| seconds(stretch.from, stretch.until)).sum();
    let name = kind.name();
    let mut late: Vec<(String, Vec<&Gap>)> = vec![(name.to_owned(), all.iter().filter(|gap| gap.is_late()).collect())];
    let mut own = BTreeMap::new();
    if by_certificate && late.iter().all(|(_, gaps)| gaps.is_empty()) {
        for (certificate, fetches) in by(&fetches) {
            let gaps: Vec<Gap> = stretches.iter().flat_map(|stretch| gaps(stretch, &fetches, false)).collect();
            own.insert(certificate, gaps);
        }
        for (certificate, gaps) in &own {
            late.push((format!("{name} {certificate}"), gaps.iter().filter(|gap| gap.is_late()).collect()));
        }
    }
    let mut issues: Vec<Issue> = late.iter().filter_map(|(place, gaps)| too_late(place, gaps)).collect();
    if issues.is_empty() && watched <= LONGEST + SLACK {
        let minutes = watched / 60;
        return Judgement::NotSeen(text!(
            "er is {minutes} minuten gekeken, en ophalen hoeft maar eens per kwartier; kijk langer met `--wait`",
            "it was watched for {minutes} minutes, and fetching is asked once a quarter of an hour; watch longer with `--wait`"
        ));
    }
    if watched < WATCH * 60 {
        let (minutes, asked) = (watched / 60, WATCH);
        let expected = text!("{asked} minuten", "{asked} minutes");
        issues.push(Issue::information(
            "watched-shortly",
            name,
            expected,
            text!("{minutes} minuten gekeken", "watched for {minutes} minutes"),
        ));
    }
    Judgement::Seen { occasions: u32::try_from(all.len()).unwrap_or(u32::MAX), issues }
}

/// The stretches of time in which lists could be fetched.
fn watched(run: &Run) -> Vec<Stretch> {
    if let Some(node) = &run.node {
        return node.open();
    }
    let times = || run.exchanges().map(|exchange| exchange.started);
    times().min().zip(times().max()).map(|(from, until)| Stretch { from, until }).into_iter().collect()
}

/// The same fetches by the certificate that was shown.
fn by<'a>(fetches: &[&'a Exchange]) -> BTreeMap<String, Vec<&'a Exchange>> {
    let mut out: BTreeMap<String, Vec<&Exchange>> = BTreeMap::new();
    for exchange in fetches {
        let certificate = match &exchange.certificate {
            Certificate::Other(host) => host.clone(),
            Certificate::Own | Certificate::None => String::new(),
        };
        out.entry(certificate).or_default().push(exchange);
    }
    out
}

/// A time without a fetch.
struct Gap {
    seconds: i64,
    /// The fetch that ended it.
    exchange: Option<u32>,
}

impl Gap {
    fn is_late(&self) -> bool {
        self.seconds > LONGEST + SLACK
    }
}

/// The times without a fetch in a stretch; with `ends` those before the first and after the last as well.
fn gaps(stretch: &Stretch, fetches: &[&Exchange], ends: bool) -> Vec<Gap> {
    let inside = fetches.iter().filter(|exchange| (stretch.from..=stretch.until).contains(&exchange.started));
    let mut out = Vec::new();
    let mut last = ends.then_some(stretch.from);
    for exchange in inside {
        if let Some(last) = last {
            out.push(Gap { seconds: seconds(last, exchange.started), exchange: Some(exchange.number) });
        }
        last = Some(exchange.started);
    }
    if let Some(last) = last.filter(|_| ends) {
        out.push(Gap { seconds: seconds(last, stretch.until), exchange: None });
    }
    out
}

fn too_late(place: &str, gaps: &[&Gap]) -> Option<Issue> {
    let longest = gaps.iter().max_by_key(|gap| gap.seconds)?;
    let (count, most, asked) = (gaps.len(), longest.seconds, LONGEST);
    let expected = text!("ten minste elke {asked} s opgehaald", "fetched every {asked} s at least");
    let seen = text!(
        "{count} keer langer dan {asked} s niet opgehaald, het langst {most} s",
        "{count} times not fetched for more than {asked} s, {most} s at the longest"
    );
    let issue = Issue::error("fetched-too-late", place, expected, seen);
    Some(match longest.exchange {
        Some(number) => issue.at(number),
        None => issue,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::testing;
    use crate::exchange::NodeWatch;
    use crate::requirement::Release;
    use crate::rules::testing::Recording;
    use crate::rules::testing::lines;

    const KIND: Kind = Kind::Gegevensdienstnamenlijst;

    fn fetches(watched: Recording, minutes: &[(i64, &str)]) -> Vec<String> {
        let recording = minutes.iter().fold(watched, |all, (minute, host)| all.minute(*minute).fetch(KIND, host, "x"));
        let candidate = testing::candidate();
        let context = Context { candidate: &candidate, release: Release::V2_2, role: Role::Dva };
        let found = lines(&in_time(&context, &recording.run(), KIND, true));
        found.iter().map(|line| line.split(' ').nth(1).unwrap_or(line).to_owned()).collect()
    }

    fn watched(until: i64) -> Recording {
        Recording::new().watched(0, until, &[])
    }

    #[test]
    fn a_quarter_of_an_hour_is_in_time_and_more_is_not() {
        assert!(fetches(watched(40), &[(0, "a"), (15, "a"), (30, "a")]).is_empty());
        assert!(fetches(watched(40), &[(10, "a"), (11, "a"), (12, "a"), (26, "a")]).is_empty());
        let late = ["fetched-too-late"];
        assert_eq!(fetches(watched(40), &[(0, "a"), (16, "a"), (30, "a")]), late);
        assert_eq!(fetches(watched(50), &[(0, "a"), (15, "a"), (30, "a")]), late, "after the last");
        assert_eq!(fetches(watched(40), &[(20, "a"), (30, "a")]), late, "before the first");
    }

    /// The same of a soak from the first of these seconds until the last.
    fn soaked(from: i64, until: i64, seconds: &[i64]) -> Vec<String> {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut run =
            seconds.iter().fold(Recording::new(), |all, second| all.second(*second).fetch(KIND, "a", "x")).run();
        run.node = Some(NodeWatch { from: at(from), until: at(until), ..NodeWatch::default() });
        let candidate = testing::candidate();
        let context = Context { candidate: &candidate, release: Release::V2_2, role: Role::Dvp };
        lines(&in_time(&context, &run, KIND, false))
            .iter()
            .map(|line| line.split(' ').nth(1).unwrap_or(line).to_owned())
            .collect()
    }

    #[test]
    fn the_edges_of_a_quarter_of_an_hour_in_a_soak() {
        let soak = |pause: i64| soaked(0, 2100, &[0, pause, pause + 600, pause + 1190]);
        // 14:59, 15:00, 15:01, and what a timer may be late.
        for pause in [899, 900, 901, 910] {
            assert_eq!(soak(pause), Vec::<String>::new(), "{pause}");
        }
        assert_eq!(soak(911), ["fetched-too-late"]);
        // It starts late: until then nobody knows that it is there; what is left is too short, or shorter than asked.
        assert_eq!(soaked(1800, 2100, &[1800]), ["seen"]);
        assert_eq!(soaked(600, 2100, &[600, 1500]), ["watched-shortly"]);
        // It stops in the middle: within a quarter of an hour of the end nothing was missed, earlier it was.
        assert_eq!(soaked(0, 2100, &[0, 600, 1195]), Vec::<String>::new());
        assert_eq!(soaked(0, 2100, &[0, 600, 1180]), ["fetched-too-late"]);
        assert_eq!(soaked(0, 2100, &[0]), ["fetched-too-late"]);
    }

    #[test]
    fn each_certificate_has_to_but_one_that_comes_no_more() {
        assert_eq!(fetches(watched(40), &[(0, "a"), (0, "b"), (15, "a"), (20, "b"), (30, "a")]), ["fetched-too-late"]);
        assert!(fetches(watched(40), &[(0, "a"), (0, "b"), (15, "a"), (30, "a")]).is_empty());
    }

    #[test]
    fn nobody_fetches_where_nobody_may() {
        let shut = || Recording::new().watched(0, 80, &[(10, 50)]);
        assert!(fetches(shut(), &[(0, "a"), (55, "a"), (70, "a")]).is_empty());
        assert_eq!(fetches(shut(), &[(0, "a"), (70, "a")]), ["fetched-too-late"]);
    }

    #[test]
    fn a_short_watch_shows_nothing_and_one_shorter_than_asked_is_told() {
        assert_eq!(fetches(watched(15), &[(0, "a")]), ["seen"]);
        assert_eq!(fetches(watched(40), &[]), ["seen"], "nobody came for any list");
        assert_eq!(fetches(watched(20), &[(0, "a"), (10, "a")]), ["watched-shortly"]);
    }
}

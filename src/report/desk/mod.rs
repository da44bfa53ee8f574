//! The page at which a tester follows and starts the scenarios for a DVP: plain HTML without script.
//!
//! It only places what it is given; everything is escaped. Entry points: [`View`] and [`render`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Serialize;
use tera::Context;
use tera::Tera;

use crate::diag::Lang;
use crate::diag::Text;
use crate::report::html::Ticks;
use crate::report::html::escape;
use crate::report::write::ReportError;

const NAME: &str = "desk.html";
const TEMPLATE: &str = include_str!("desk.html");
const STYLE: &str = include_str!("desk.css");

/// Where a scenario stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not started.
    Todo,
    /// Going on.
    Running,
    /// Judged, nothing found.
    Green,
    /// Findings of severity warning.
    Warning,
    /// A finding of severity error.
    Red,
    /// Not judged, for a reason that is given.
    NotChecked,
    /// We could not judge.
    Error,
}

impl State {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 7] =
        [Self::Todo, Self::Running, Self::Green, Self::Warning, Self::Red, Self::NotChecked, Self::Error];

    /// The words for people.
    pub fn text(self) -> Text {
        match self {
            Self::Todo => Text::new("te doen", "to do"),
            Self::Running => Text::new("bezig", "running"),
            Self::Green => Text::new("groen", "green"),
            Self::Warning => Text::new("let op", "warning"),
            Self::Red => Text::new("rood", "red"),
            Self::NotChecked => Text::new("niet getoetst", "not checked"),
            Self::Error => Text::new("kon niet toetsen", "could not judge"),
        }
    }
}

/// What the page shows; every text in the language of the page.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// The candidate.
    pub title: String,
    /// What a form has to send along, so that no other page can press its buttons.
    pub token: String,
    /// What a person is asked to do now.
    pub task: Option<Job>,
    /// Which time it is that something is asked.
    pub asked: u32,
    /// What came in so far for it.
    pub seen: String,
    /// Whether the browser is sent back to the DVP with an altered answer in it: the person tells whether it came there.
    pub is_altered: bool,
    /// The scenario that goes on without a person.
    pub running: Option<String>,
    /// Whether all was stopped.
    pub finished: bool,
    /// The scenario to start next.
    pub next: Option<Job>,
    /// All scenarios.
    pub rows: Vec<Row>,
    /// What to set up.
    pub checklist: Vec<Item>,
    /// Who can log in.
    pub patients: Vec<Patient>,
}

/// A scenario as something to do.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Its key.
    pub key: String,
    /// Suite and id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// What to do, in order.
    pub lines: Vec<String>,
    /// Login name and password of who logs in for it.
    pub login: Option<(String, String)>,
}

/// A scenario in the table.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// Suite and id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The patient.
    pub patient: Option<String>,
    /// What to do, in order.
    pub lines: Vec<String>,
    /// Where it stands.
    pub state: State,
    /// Why it was not judged.
    pub reason: Option<String>,
    /// What was found.
    pub findings: Vec<Found>,
    /// Whether it can be started now.
    pub startable: bool,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Local id of the rule.
    pub rule: String,
    /// Where.
    pub place: String,
    /// What was seen.
    pub seen: String,
    /// What the rule asks.
    pub expected: String,
}

/// Something to set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What.
    pub label: String,
    /// Its values.
    pub lines: Vec<String>,
}

/// A test patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Patient {
    /// Name.
    pub name: String,
    /// What it stands for, and in which suites.
    pub about: String,
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// The page.
///
/// # Errors
/// A template that does not fit: a fault of the program.
pub fn render(view: &View, lang: Lang) -> Result<String, ReportError> {
    let mut context = Context::from_serialize(view).map_err(ReportError::Template)?;
    context.insert("style", STYLE);
    context.insert(
        "lang",
        match lang {
            Lang::Nl => "nl",
            Lang::En => "en",
        },
    );
    let is_busy = view.task.is_some() || view.running.is_some();
    context.insert("is_fresh", &view.rows.iter().all(|row| matches!(row.state, State::Todo | State::NotChecked)));
    context.insert("refresh", &(is_busy && !view.finished));
    context.insert("words", &words(lang));
    let count = |state: State| {
        let number = view.rows.iter().filter(|row| row.state == state).count();
        (number > 0).then(|| Count { state, number, word: state.text().get(lang).to_owned() })
    };
    context.insert("counts", &State::ALL.into_iter().filter_map(count).collect::<Vec<_>>());
    let states: Vec<(State, String)> =
        State::ALL.into_iter().map(|state| (state, state.text().get(lang).to_owned())).collect();
    context.insert("states", &states.into_iter().collect::<BTreeMap<_, _>>());
    template()?.render(NAME, &context).map_err(ReportError::Template)
}

/// How many scenarios stand somewhere.
#[derive(Serialize)]
struct Count {
    state: State,
    number: usize,
    word: String,
}

fn words(lang: Lang) -> BTreeMap<&'static str, String> {
    let all = [
        ("now", Text::new("Nu", "Now")),
        ("next", Text::new("Volgende", "Next")),
        ("start", Text::new("Start", "Start")),
        ("again", Text::new("Opnieuw", "Again")),
        ("done", Text::new("Klaar, beoordeel", "Done, judge it")),
        ("seen", Text::new("Tot nu toe gezien", "Seen so far")),
        (
            "patience",
            Text::new("Druk pas op Klaar als de DVP klaar is.", "Press Done when the DVP is done, not before."),
        ),
        ("came_back", Text::new("Klaar: de browser kwam terug bij de DVP", "Done: the browser came back to the DVP")),
        ("not_back", Text::new("De browser kwam niet terug bij de DVP", "The browser did not come back to the DVP")),
        ("not_begun", Text::new("De DVP begon niet", "The DVP did not begin")),
        ("stop", Text::new("Stop dit scenario", "Stop this scenario")),
        (
            "busy",
            Text::new("De DVP wordt aangestuurd; er is niets te doen.", "The DVP is being driven; nothing to do."),
        ),
        ("finish", Text::new("Stop en schrijf de rapporten", "Stop and write the reports")),
        ("finished", Text::new("Gestopt", "Stopped")),
        ("reports", Text::new("De rapporten staan in de uitvoermap.", "The reports are in the output folder.")),
        ("all_done", Text::new("Alles is gedaan", "All is done")),
        ("scenarios", Text::new("Scenario's", "Scenarios")),
        ("scenario", Text::new("Scenario", "Scenario")),
        ("todo", Text::new("Wat te doen", "What to do")),
        ("state", Text::new("Stand", "State")),
        ("expected", Text::new("verwacht", "expected")),
        ("checklist", Text::new("Wat in te stellen", "What to set up")),
        ("patient", Text::new("Testpatiënt", "Test patient")),
        ("login", Text::new("Gebruikersnaam", "User name")),
        ("password", Text::new("Wachtwoord", "Password")),
        ("password_of", Text::new("wachtwoord", "password")),
        ("fictional", Text::new("Alle personen zijn fictief.", "All persons are fictional.")),
    ];
    all.into_iter().map(|(name, text)| (name, text.get(lang).to_owned())).collect()
}

fn template() -> Result<&'static Tera, ReportError> {
    static TERA: OnceLock<Tera> = OnceLock::new();
    if let Some(tera) = TERA.get() {
        return Ok(tera);
    }
    let mut tera = Tera::new();
    tera.set_escape_fn(escape);
    tera.register_filter("ticks", Ticks);
    tera.add_raw_templates([(NAME, TEMPLATE)]).map_err(ReportError::Template)?;
    Ok(TERA.get_or_init(|| tera))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        let job = Job {
            key: "bgz-3-0/1.1".to_owned(),
            scenario: "bgz-3-0/1.1".to_owned(),
            title: "<Verzamelen>".to_owned(),
            lines: vec!["log in als \"rijk\"".to_owned()],
            login: Some(("rijk".to_owned(), "sesam".to_owned())),
        };
        let found = Found {
            rule: "AUTH-02".to_owned(),
            place: "state".to_owned(),
            seen: "<script>".to_owned(),
            expected: "een keer".to_owned(),
        };
        let row = Row {
            key: job.key.clone(),
            scenario: job.scenario.clone(),
            title: job.title.clone(),
            patient: Some("De Rijk".to_owned()),
            lines: job.lines.clone(),
            state: State::Red,
            reason: None,
            findings: vec![found],
            startable: true,
        };
        View {
            title: "PGO 1".to_owned(),
            token: "abc".to_owned(),
            task: None,
            asked: 3,
            seen: "1 tokenverzoek".to_owned(),
            is_altered: false,
            running: None,
            finished: false,
            next: Some(job),
            rows: vec![row],
            checklist: vec![Item { label: "Proxy".to_owned(), lines: vec!["127.0.0.1:8444".to_owned()] }],
            patients: Vec::new(),
        }
    }

    #[test]
    fn what_is_shown_is_escaped() {
        let html = render(&view(), Lang::Nl).unwrap();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
        assert!(html.contains("&lt;Verzamelen&gt;") && html.contains("<code>127.0.0.1:8444</code>"), "{html}");
        assert!(html.contains("class=\"badge red\">1 rood") && html.contains("Opnieuw"), "{html}");
        assert!(!html.contains("http-equiv"), "nothing goes on");
    }

    #[test]
    fn a_page_about_something_that_goes_on_renews_itself() {
        let mut view = view();
        view.task = view.next.take();
        let html = render(&view, Lang::En).unwrap();
        assert!(html.contains("http-equiv=\"refresh\"") && html.contains("Done, judge it"), "{html}");
        assert!(html.contains("<code>rijk</code>, password <code>sesam</code>"), "{html}");
        assert!(html.contains("/not-begun") && !html.contains("/came-back"), "{html}");
        view.is_altered = true;
        let html = render(&view, Lang::En).unwrap();
        assert!(html.contains("/came-back") && html.contains("/not-back") && !html.contains("/done"), "{html}");
        view.finished = true;
        assert!(!render(&view, Lang::En).unwrap().contains("http-equiv"));
    }
}

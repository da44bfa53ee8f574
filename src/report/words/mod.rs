//! Every fixed text of the reports, Dutch and English side by side.
//!
//! Knows nothing of layout. Templates take [`Words`] as `w`; Rust code asks the functions here too.

mod fixed;

pub use fixed::Words;

use crate::candidate::Environment;
use crate::candidate::LoginMode;
use crate::diag::Lang;
use crate::diag::Severity;
use crate::diag::Text;
use crate::event::Party;
use crate::event::RunVerdict;
use crate::event::Verdict;
use crate::exchange::FailureKind;
use crate::exchange::Interface;
use crate::requirement::Role;

/// A text that needs no allocation.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    nl: &'static str,
    en: &'static str,
}

impl Pair {
    const fn new(nl: &'static str, en: &'static str) -> Self {
        Self { nl, en }
    }

    /// The version in one language.
    pub fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Nl => self.nl,
            Lang::En => self.en,
        }
    }
}

/// Why a systeemrol has no verdict: it is claimed, but no suite that tests it was run.
pub const NO_SUITE_RUN: Pair =
    Pair::new("geclaimd, maar geen suite gedraaid die deze rol toetst", "claimed, but no suite that tests it was run");
/// Why a systeemrol has no verdict: nothing was selected.
pub const NO_SCENARIO_RUN: Pair = Pair::new("geen scenario geselecteerd", "no scenario selected");

/// Tag of the language in HTML and JSON.
pub fn tag(lang: Lang) -> &'static str {
    Pair::new("nl", "en").get(lang)
}

/// Word for a verdict, as the contract has it.
pub fn verdict(verdict: Verdict, lang: Lang) -> String {
    verdict.text().get(lang).to_owned()
}

/// The language of a tag; Dutch for any other.
pub fn language(tag: &str) -> Lang {
    if tag == "en" { Lang::En } else { Lang::Nl }
}

/// A sign for a verdict that does not rely on colour.
pub fn icon(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "✗",
        Verdict::Error => "‼",
        Verdict::Warning => "!",
        Verdict::NotChecked => "–",
        Verdict::Pass => "✓",
        Verdict::Observed => "○",
    }
}

/// What a verdict means, for the glossary.
pub fn meaning(verdict: Verdict) -> Pair {
    match verdict {
        Verdict::Pass => Pair::new(
            "Ten minste één keer getoetst en niets gevonden.",
            "Judged on at least one occasion, nothing found.",
        ),
        Verdict::Fail => Pair::new(
            "Een bevinding van ernst fout: het systeem houdt zich niet aan de eis.",
            "A finding of severity error: the system breaks the requirement.",
        ),
        Verdict::Warning => Pair::new(
            "Alleen bevindingen van ernst waarschuwing: advies, of een regeltekst die een fout niet kan dragen.",
            "Findings of severity warning only: advice, or a rule text that cannot carry a failure.",
        ),
        Verdict::Observed => Pair::new(
            "Vastgelegd; er is geen regeltekst die goed genoeg is om op te oordelen.",
            "Recorded; no rule text is good enough to judge by.",
        ),
        Verdict::NotChecked => Pair::new(
            "Niet beoordeeld, met de reden erbij. Telt nooit als voldoet.",
            "Not judged, with the reason given. Never counts as a pass.",
        ),
        Verdict::Error => Pair::new(
            "Toetsbank, het netwerk of de suite schoot tekort. Zegt niets over het systeem.",
            "The harness, the network or the suite failed. Says nothing about the system.",
        ),
    }
}

/// The verdict on a run, its icon as a verdict, and what it means.
pub fn run_verdict(verdict: RunVerdict) -> (Pair, Verdict, Pair) {
    match verdict {
        RunVerdict::NotConformant => (
            Pair::new("Voldoet niet", "Not conformant"),
            Verdict::Fail,
            Pair::new(
                "Ten minste één eis is aantoonbaar niet nagekomen.",
                "At least one requirement is demonstrably not met.",
            ),
        ),
        RunVerdict::Error => (
            Pair::new("Kon niet toetsen", "Could not judge"),
            Verdict::Error,
            Pair::new(
                "Niet alles kon beoordeeld worden, buiten schuld van het systeem.",
                "Not everything could be judged, through no fault of the system.",
            ),
        ),
        RunVerdict::Incomplete => (
            Pair::new("Onvolledig", "Incomplete"),
            Verdict::NotChecked,
            Pair::new(
                "Een verplicht scenario van de selectie is niet gedraaid of wacht op een persoon.",
                "A required scenario of the selection was not run, or waits for a person.",
            ),
        ),
        RunVerdict::Conformant => (
            Pair::new("Voldoet", "Conformant"),
            Verdict::Pass,
            Pair::new(
                "Wat geselecteerd is en getoetst kon worden, voldoet. Wat niet getoetst is, staat in dit rapport.",
                "What was selected and could be judged conforms. What was not checked is listed in this report.",
            ),
        ),
    }
}

/// Word for a severity.
pub fn severity(severity: Severity) -> Pair {
    match severity {
        Severity::Error => Pair::new("fout", "error"),
        Severity::Warning => Pair::new("waarschuwing", "warning"),
        Severity::Information => Pair::new("ter informatie", "information"),
    }
}

/// The verdict that a finding of this severity leads to.
pub fn severity_verdict(severity: Severity) -> Verdict {
    match severity {
        Severity::Error => Verdict::Fail,
        Severity::Warning => Verdict::Warning,
        Severity::Information => Verdict::Observed,
    }
}

/// The sign of a finding: what a waiver lets through does not look like a failure.
pub fn finding_verdict(severity: Severity, is_waived: bool) -> Verdict {
    if is_waived { Verdict::Observed } else { severity_verdict(severity) }
}

/// Word for a party.
pub fn party(party: Party) -> Pair {
    match party {
        Party::Dva => Pair::new("DVA", "DVA"),
        Party::Dvp => Pair::new("DVP", "DVP"),
        Party::Bronsysteem => Pair::new("bronsysteem (XIS)", "source system (XIS)"),
        Party::Aanbieder => Pair::new("zorgaanbieder", "provider"),
        Party::Stelsel => Pair::new("stelsel", "framework"),
        Party::Harness => Pair::new("toetsbank zelf", "the harness"),
    }
}

/// Word for a role.
pub fn role(role: Role) -> Pair {
    match role {
        Role::Dva => Pair::new("dienstverlener aanbieder (DVA)", "dienstverlener aanbieder (DVA)"),
        Role::Dvp => Pair::new("dienstverlener persoon (DVP)", "dienstverlener persoon (DVP)"),
    }
}

/// Word for an environment.
pub fn environment(environment: Environment) -> Pair {
    match environment {
        Environment::Test => Pair::new("test", "test"),
        Environment::Acceptance => Pair::new("acceptatie", "acceptance"),
        Environment::Production => Pair::new("productie", "production"),
    }
}

/// Word for a way to log in.
pub fn login(mode: LoginMode) -> Pair {
    match mode {
        LoginMode::Form => Pair::new("pagina's door toetsbank ingevuld", "pages filled in by the harness"),
        LoginMode::Manual => Pair::new("door een persoon in een browser", "by a person in a browser"),
        LoginMode::Token => Pair::new("vaste tokens, zonder autorisatieflow", "fixed tokens, without the flow"),
    }
}

/// Word for an interface.
pub fn interface(interface: Interface) -> Pair {
    match interface {
        Interface::Authorization => Pair::new("authorization interface", "authorization interface"),
        Interface::Page => Pair::new("pagina", "page"),
        Interface::Token => Pair::new("token interface", "token interface"),
        Interface::Resource => Pair::new("resource interface", "resource interface"),
        Interface::List => Pair::new("lijst", "list"),
        Interface::Client => Pair::new("pagina van de DVP", "page of the DVP"),
    }
}

/// Word for a failed exchange.
pub fn failure(kind: FailureKind) -> Pair {
    match kind {
        FailureKind::Unresolved => Pair::new("hostnaam onbekend", "host name unknown"),
        FailureKind::Refused => Pair::new("verbinding geweigerd", "connection refused"),
        FailureKind::TlsAlert => Pair::new("TLS-alert van de andere kant", "TLS alert from the other side"),
        FailureKind::UntrustedCertificate => Pair::new("certificaat niet vertrouwd", "certificate not trusted"),
        FailureKind::UnknownIssuer => Pair::new(
            "certificaat van een uitgever die niet in `[trust]` staat",
            "certificate of an issuer that `[trust]` does not name",
        ),
        FailureKind::Tls => Pair::new("TLS mislukt", "TLS failed"),
        FailureKind::Closed => Pair::new("verbinding verbroken", "connection closed"),
        FailureKind::Truncated => Pair::new("antwoord halverwege afgebroken", "answer cut off"),
        FailureKind::Timeout => Pair::new("geen antwoord binnen de tijd", "no answer in time"),
        FailureKind::TooLarge => Pair::new("antwoord te groot", "answer too large"),
        FailureKind::NotHttp => Pair::new("geen HTTP", "not HTTP"),
        FailureKind::Ours => Pair::new("niet verstuurd", "not sent"),
    }
}

/// Title of an area of the register; its own name where we have none.
pub fn area(area: &str) -> Text {
    let (nl, en) = match area {
        "1-flow" => ("Rollen en verloop", "Roles and flow"),
        "1-authorization-interface" => ("Authorization interface", "Authorization interface"),
        "1-token-interface" => ("Token interface", "Token interface"),
        "1-user-interface" => ("User interface", "User interface"),
        "2-availability" => ("Beschikbaarheid", "Availability"),
        "2-consent-and-refresh" => ("Langdurige toestemming en refresh", "Long-lived consent and refresh"),
        "2-representation" => ("Vertegenwoordiging", "Representation"),
        "2-subscriptions" => ("Abonneren", "Subscriptions"),
        "3-fhir-common" => ("FHIR, algemeen", "FHIR, common"),
        "3-resource-interface" => ("Resource interface", "Resource interface"),
        "4-lists" => ("Lijsten", "Lists"),
        "5-tls-network" => ("TLS en netwerk", "TLS and network"),
        "6-logging" => ("Logging", "Logging"),
        "6-security" => ("Beveiliging", "Security"),
        "8-process" => ("Proces", "Process"),
        other => return Text::same(other),
    };
    Text::new(nl, en)
}

/// Title of a kind of undecided place; the kind itself where we have none.
pub fn not_checked_kind(kind: &str) -> Text {
    let (nl, en) = match kind {
        "terminology" => ("Terminologie", "Terminology"),
        "reference" => ("Verwijzingen", "References"),
        "profile" => ("Profielen", "Profiles"),
        "extension" => ("Extensies", "Extensions"),
        "invariant" => ("Invarianten", "Invariants"),
        other => return Text::same(other),
    };
    Text::new(nl, en)
}

/// A moment in UTC, as people write it.
pub fn moment(rfc3339: &str, lang: Lang) -> String {
    const MONTHS: [Pair; 12] = [
        Pair::new("januari", "January"),
        Pair::new("februari", "February"),
        Pair::new("maart", "March"),
        Pair::new("april", "April"),
        Pair::new("mei", "May"),
        Pair::new("juni", "June"),
        Pair::new("juli", "July"),
        Pair::new("augustus", "August"),
        Pair::new("september", "September"),
        Pair::new("oktober", "October"),
        Pair::new("november", "November"),
        Pair::new("december", "December"),
    ];
    let Ok(moment) = rfc3339.parse::<jiff::Timestamp>() else { return rfc3339.to_owned() };
    let local = jiff::tz::TimeZone::UTC.to_datetime(moment);
    let month = MONTHS.get(usize::from(local.month().unsigned_abs()) - 1).map_or("", |month| month.get(lang));
    format!("{} {month} {}, {:02}:{:02} UTC", local.day(), local.year(), local.hour(), local.minute())
}

/// A number with its noun: `1 bevinding`, `3 bevindingen`.
pub fn counted(number: u32, one: Pair, many: Pair, lang: Lang) -> String {
    format!("{number} {}", if number == 1 { one.get(lang) } else { many.get(lang) })
}

/// `3 gevolgen`
pub fn folded(number: u32, lang: Lang) -> String {
    counted(number, Pair::new("gevolg", "consequence"), Pair::new("gevolgen", "consequences"), lang)
}

/// The consequences of a finding: `+3 gevolgen`.
pub fn consequences(number: u32, lang: Lang) -> String {
    format!("+{}", folded(number, lang))
}

/// `2 fouten`
pub fn errors(number: u32, lang: Lang) -> String {
    counted(number, Pair::new("fout", "error"), Pair::new("fouten", "errors"), lang)
}

/// `2 waarschuwingen`
pub fn warnings(number: u32, lang: Lang) -> String {
    counted(number, Pair::new("waarschuwing", "warning"), Pair::new("waarschuwingen", "warnings"), lang)
}

/// The figures beside the verdict of a run: findings, and what was not judged.
pub fn tally(errors: u32, warnings: u32, not_checked: u32, lang: Lang) -> String {
    let (errors, warnings) = (self::errors(errors, lang), self::warnings(warnings, lang));
    let open = counted(
        not_checked,
        Pair::new("eis niet getoetst", "requirement not checked"),
        Pair::new("eisen niet getoetst", "requirements not checked"),
        lang,
    );
    format!("{errors} · {warnings} · {open}")
}

/// `20 plaatsen`
pub fn places(number: u32, lang: Lang) -> String {
    counted(number, Pair::new("plaats", "place"), Pair::new("plaatsen", "places"), lang)
}

/// How many more of the same: `nog 12, zie het rapport`.
pub fn more(number: usize, lang: Lang) -> String {
    match lang {
        Lang::Nl => format!("nog {number} van dezelfde soort; zie het rapport"),
        Lang::En => format!("{number} more of the same kind; see the report"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_the_reader_s_language() {
        assert_eq!(moment("2026-03-01T09:05:00Z", Lang::Nl), "1 maart 2026, 09:05 UTC");
        assert_eq!(moment("2026-03-01T09:05:00Z", Lang::En), "1 March 2026, 09:05 UTC");
        assert_eq!(moment("gisteren", Lang::Nl), "gisteren");
    }

    #[test]
    fn every_area_of_the_register_has_a_title() {
        for row in crate::requirement::register().rows() {
            assert_ne!(area(&row.area).nl, row.area, "area `{}` of {} has no title", row.area, row.id);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(consequences(1, Lang::Nl), "+1 gevolg");
        assert_eq!(consequences(2, Lang::En), "+2 consequences");
    }
}

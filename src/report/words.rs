//! Every fixed text of the reports, Dutch and English side by side.
//!
//! Knows nothing of layout. Templates take [`Words`] as `w`; Rust code asks the functions below it.

use serde::Serialize;

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

macro_rules! words {
    ($($name:ident: $nl:literal, $en:literal;)+) => {
        /// The fixed texts in one language, by name.
        #[derive(Clone, Copy, Debug, Serialize)]
        pub struct Words { $(#[doc = $en] pub $name: &'static str,)+ }

        impl Words {
            /// The texts in this language.
            pub fn of(lang: Lang) -> Self {
                match lang {
                    Lang::Nl => Self { $($name: $nl,)+ },
                    Lang::En => Self { $($name: $en,)+ },
                }
            }
        }
    };
}

words! {
    report_title: "Toetsrapport", "Test report";
    framework: "MedMij Afsprakenstelsel", "MedMij Afsprakenstelsel";
    release: "release", "release";
    vendor: "Leverancier", "Vendor";
    product: "Product", "Product";
    version: "versie", "version";
    role: "Rol", "Role";
    environment: "Omgeving", "Environment";
    provider: "Zorgaanbieder", "Provider";
    tested_on: "Getoetst op", "Tested on";
    run: "Run", "Run";
    judged_by_release: "Getoetst aan", "Judged by";
    tool: "Toetsinstrument", "Test harness";
    selection: "Selectie", "Selection";
    everything_claimed: "alles wat geclaimd is", "everything that is claimed";
    login: "Inloggen", "Login";
    endpoints: "Adressen", "Addresses";
    endpoint_authorization: "Authorization Endpoint", "Authorization Endpoint";
    endpoint_token: "Token Endpoint", "Token Endpoint";
    resource_endpoint: "Resource Endpoint", "Resource Endpoint";
    reference: "ingebouwde referentie van toetsbank, geen product", "built-in reference of toetsbank, not a product";
    defects: "Ingebouwde fouten", "Planted defects";
    claimed_roles: "Geclaimde systeemrollen", "Claimed systeemrollen";
    active_probes: "Actieve proeven", "Active probes";
    allowed: "toegestaan", "allowed";
    not_allowed: "niet toegestaan: alleen goed gevormd verkeer verstuurd", "not allowed: only well-formed traffic was sent";
    fictional: "Toetsverkeer met testpersonen. Geheimen zijn door plaatsvervangers (REDACTED.…) vervangen.", "Test traffic with test persons. Secrets are replaced by placeholders (REDACTED.…).";

    contents: "Inhoud", "Contents";
    verdict: "Oordeel", "Verdict";
    verdict_on_run: "Oordeel over deze run", "Verdict on this run";
    stopped: "De run is gestopt voor de scenario's begonnen:", "The run stopped before its scenarios:";
    key_figures: "Kerncijfers", "Key figures";
    scenarios: "Scenario's", "Scenarios";
    scenario: "Scenario", "Scenario";
    requirements: "Eisen", "Requirements";
    requirement: "Eis", "Requirement";
    findings: "Bevindingen", "Findings";
    finding: "bevinding", "finding";
    judged: "getoetst", "judged";
    not_judged: "niet getoetst", "not checked";
    of: "van", "of";
    required: "verplicht", "required";
    optional: "optioneel", "optional";

    without_consequences: "zonder gevolgen en vrijstellingen", "without consequences and waivers";
    waived_lower: "vrijgesteld", "waived";

    kwalificatie: "Kwalificatie: oordeel per systeemrol", "Kwalificatie: verdict per systeemrol";
    kwalificatie_intro: "De inhoud: levert het systeem per gegevensdienst wat de informatiestandaard vraagt?", "The content: does the system deliver what the information standard asks, for each gegevensdienst?";
    acceptatie: "Acceptatie: oordeel per onderdeel van het Afsprakenstelsel", "Acceptatie: verdict per area of the Afsprakenstelsel";
    acceptatie_intro: "De regels: houdt het systeem zich op de lijn aan de verantwoordelijkheden? Een onderdeel voldoet pas als alle eisen die op de lijn te zien zijn ook getoetst zijn.", "The rules: does the system keep its responsibilities on the wire? An area passes only when every requirement that shows on the wire was judged.";
    systeemrol: "Systeemrol", "Systeemrol";
    suites: "Suites", "Suites";
    suite: "Suite", "Suite";
    gegevensdienst: "Gegevensdienst", "Gegevensdienst";
    not_claimed: "niet geclaimd", "not claimed";
    area: "Onderdeel", "Area";
    needs_person: "wacht op een persoon", "waits for a person";
    on_paper: "niet op de lijn te zien", "not visible on the wire";
    applicable: "van toepassing", "applicable";
    partly: "onvolledig", "incomplete";
    no_kwalificatie: "In deze run is geen systeemrol getoetst.", "No systeemrol was tested in this run.";
    acceptatie_token: "Er is ingelogd met vaste tokens: de autorisatieflow is niet gelopen en dus niet getoetst.", "Login was by fixed tokens: the authorization flow was not run, and so not judged.";

    matrix: "Scenario's per testpersoon en formaat", "Scenarios per test person and format";
    matrix_intro: "Elke cel is één uitvoering; de cel verwijst naar het bewijs.", "Each cell is one execution; it links to the evidence.";
    reason: "Reden", "Reason";
    steps: "Stappen", "Steps";
    all_cells: "uitvoering", "execution";

    tables: "Geleverde bouwstenen", "Building blocks delivered";
    building_block: "Bouwsteen", "Building block";
    delivered: "geleverd", "delivered";
    not_delivered: "niet geleverd", "not delivered";
    not_asked: "niet gevraagd door de informatiestandaard", "not asked by the information standard";
    resources: "Resources", "Resources";
    total: "Totaal", "Total";
    in_set: "in deze set", "in this set";

    findings_intro: "Per eis. Gevolgen van een bevinding staan eronder en tellen niet apart.", "By requirement. Consequences of a finding stand under it and are not counted apart.";
    no_findings: "Geen bevindingen in wat getoetst is.", "No findings in what was judged.";
    place: "Plaats", "Place";
    exchange: "Uitwisseling", "Exchange";
    line: "regel", "line";
    column: "kolom", "column";
    expected: "Verwacht", "Expected";
    seen: "Gezien", "Seen";
    profile: "Profiel", "Profile";
    why: "Waarom dit telt", "Why it matters";
    how: "Hoe getoetst, en wat voldoet", "How it is tested, and what passes";
    explanation: "Uitleg van de regel", "Explanation of the rule";
    sources: "Bronnen", "Sources";
    consequences: "gevolgen", "consequences";
    consequence: "gevolg", "consequence";
    points_at: "Wijst naar", "Points at";
    severity: "Ernst", "Severity";
    waived: "Vrijgesteld", "Waived";
    explained_by: "Gevolg van", "Consequence of";
    more_of_kind: "nog meer van dezelfde soort", "more of the same kind";
    stable_id: "Kenmerk", "Id";

    coverage: "Dekking van de eisen", "Coverage of the requirements";
    coverage_intro: "Alle regels van het register die deze rol in deze release binden, en wat er níet getoetst is. Een eis die niet getoetst is, voldoet niet vanzelf.", "Every row of the register that binds this role in this release, and what was not checked. A requirement that was not checked does not pass by itself.";
    occasions: "Keren getoetst", "Occasions";
    level: "Niveau", "Level";
    code: "Code", "Code";
    visible_but_open: "wel op de lijn te zien, maar hier niet getoetst", "visible on the wire, but not checked here";
    why_short: "De eis, en waarom ze telt", "The requirement, and why it matters";
    show_rows: "Toon de eisen", "Show the requirements";
    reasons_not_judged: "Waarom eisen niet getoetst zijn", "Why requirements were not checked";
    count: "Aantal", "Count";
    not_applicable_note: "regels van het register gelden niet: een andere rol, een andere release of vervallen.", "rows of the register do not apply: another role, another release, or lapsed.";
    decided_by: "volgt uit", "follows from";
    no_reason: "zonder opgave van reden", "no reason given";
    filter: "Filter", "Filter";
    filter_all: "alles", "all";
    filter_judged: "getoetst", "judged";

    not_checked: "Niet beslist bij de validatie", "Not decided by validation";
    not_checked_intro: "Plaatsen in de resources waarover de validator niets kon zeggen. Ze tellen niet als goed en niet als fout.", "Places in the resources that the validator could say nothing about. They count neither as right nor as wrong.";
    places: "Plaatsen", "Places";
    show_places: "toon", "show";
    and_more: "en nog", "and";
    and_more_tail: "meer; zie report.json", "more; see report.json";
    nothing_open: "De validator heeft overal een oordeel kunnen geven.", "The validator could decide everywhere.";

    manual: "Handmatige toetsen en verklaring", "Manual checks and attestation";
    manual_intro: "Deze eisen kan alleen een persoon beoordelen. Vul per eis het oordeel in en onderteken onderaan.", "Only a person can judge these requirements. Fill in the verdict for each and sign below.";
    instructions: "Wat te doen", "What to do";
    outcome_and_remark: "Oordeel en toelichting", "Verdict and remarks";
    pass_box: "voldoet", "pass";
    fail_box: "voldoet niet", "fail";
    attestation: "Verklaring", "Attestation";
    attestation_text: "Ondergetekende heeft de handmatige toetsen hierboven uitgevoerd aan het systeem en de versie die op het voorblad staan, en staat in voor de ingevulde oordelen.", "The undersigned carried out the manual checks above on the system and version named on the first page, and answers for the verdicts filled in.";
    name: "Naam", "Name";
    organisation: "Organisatie", "Organisation";
    date: "Datum", "Date";
    signature: "Handtekening", "Signature";
    for_vendor: "Namens de leverancier", "For the vendor";
    for_reviewer: "Namens de beoordelaar", "For the reviewer";
    no_manual: "Geen handmatige toetsen in deze selectie.", "No manual checks in this selection.";

    evidence: "Bewijs: uitwisselingen", "Evidence: exchanges";
    evidence_intro: "Alles wat verstuurd en ontvangen is, in volgorde van het plan. Volledig in trace.har.", "Everything sent and received, in order of the plan. In full in trace.har.";
    evidence_on_paper: "De uitwisselingen staan in het digitale rapport en in trace.har, niet op papier.", "The exchanges are in the digital report and in trace.har, not on paper.";
    request: "Verzoek", "Request";
    response: "Antwoord", "Response";
    headers: "Headers", "Headers";
    body: "Inhoud", "Body";
    no_body: "geen inhoud", "no body";
    binary: "bytes, geen tekst", "bytes, not text";
    cut: "Hier afgebroken. Volledige lengte:", "Cut here. Full length:";
    probe: "proef", "probe";
    no_answer: "geen (volledig) antwoord", "no (whole) answer";
    no_exchanges: "Geen uitwisselingen.", "No exchanges.";
    expand: "Alles openklappen", "Expand all";
    collapse: "Alles dichtklappen", "Collapse all";

    account: "Verantwoording", "Account";
    definitions: "Definities voor de validatie", "Definitions for validation";
    waivers: "Vrijstellingen uit het kandidaatbestand", "Waivers of the candidate file";
    owner: "Eigenaar", "Owner";
    expires: "Geldig tot en met", "Valid until";
    waived_findings: "Bevindingen", "Findings";
    r#where: "Waar", "Where";
    stale_waivers: "Vrijstellingen die niet meer kloppen", "Stale waivers";
    none: "geen", "none";

    glossary: "Begrippen", "Glossary";
    back_to_top: "Naar boven", "Back to top";

    candidate: "Kandidaat", "Candidate";
    defects_short: "Fouten", "Defects";
    evidence_short: "Bewijs", "Evidence";
    source: "Bron", "Source";
    person_short: "persoon", "person";
    paper_short: "papier", "paper";
    kwalificatie_short: "Kwalificatie", "Kwalificatie";
    scenarios_running: "scenario's", "scenarios";
    written: "Rapport", "Report";
}

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
    }
}

/// Word for a failed exchange.
pub fn failure(kind: FailureKind) -> Pair {
    match kind {
        FailureKind::Unresolved => Pair::new("hostnaam onbekend", "host name unknown"),
        FailureKind::Refused => Pair::new("verbinding geweigerd", "connection refused"),
        FailureKind::TlsAlert => Pair::new("TLS-alert van de andere kant", "TLS alert from the other side"),
        FailureKind::UntrustedCertificate => Pair::new("certificaat niet vertrouwd", "certificate not trusted"),
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

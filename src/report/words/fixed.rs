//! The fixed texts by name, for templates and the terminal.

use serde::Serialize;

use crate::diag::Lang;

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
    traffic: "Opgenomen verkeer", "Recorded traffic";
    captures: "Opname", "Capture";
    exchanges_read: "Uitwisselingen gelezen", "Exchanges read";
    left_out: "niet van MedMij of een proef, dus weggelaten", "not of MedMij or a probe, so left out";
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
    r#where: "Waar", "Where";
    stale_waivers: "Vrijstellingen die niet meer kloppen", "Stale waivers";
    none: "geen", "none";

    glossary: "Begrippen", "Glossary";

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

//! The ids of what could not be decided.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What each reason means for which something was not checked, in the order of the alphabet.
pub const OPEN: &[Meaning] = &[
    row(
        "bug",
        "exception",
        ["niet beoordeeld door een fout van toetsbank", "not judged because of a fault of toetsbank"],
        [
            "Het beoordelen van deze resource is afgebroken; over de resource zegt dat niets.",
            "The judging of this resource broke off; that says nothing about the resource.",
        ],
        [
            "meld de fout met de resource erbij, zonder persoonsgegevens",
            "report it with the resource, without personal data",
        ],
        "src/ARCHITECTURE.md",
    ),
    row(
        "element-unplaced",
        "not-supported",
        [
            "een element van het profiel dat zijn basis niet heeft",
            "an element of the profile that its base does not have",
        ],
        [
            "Wat het profiel over dit element zegt is niet toegepast: het ligt aan het profiel, niet aan de resource.",
            "What the profile says of this element was not applied: that is the profile's fault, not the resource's.",
        ],
        [
            "gebruik een nieuwere versie van het pakket als die er is",
            "use a newer version of the package when there is one",
        ],
        "profiling.html",
    ),
    row(
        "invariant-clock",
        "not-supported",
        ["een voorwaarde die naar het moment vraagt", "a condition that asks what time it is"],
        [
            "De expressie gebruikt `now()` of `today()`, en er is geen moment gegeven.",
            "The expression uses `now()` or `today()`, and no moment was given.",
        ],
        ["beoordeel de voorwaarde zelf", "judge the condition yourself"],
        "fhirpath.html",
    ),
    row(
        "invariant-failed",
        "not-supported",
        ["een voorwaarde die hier niet uit te rekenen is", "a condition that cannot be computed here"],
        [
            "De expressie geeft op deze gegevens een fout, zoals één waarde waar er meer staan.",
            "The expression fails on this data, as when it wants one value and there are more.",
        ],
        ["beoordeel de voorwaarde zelf", "judge the condition yourself"],
        "fhirpath.html",
    ),
    row(
        "invariant-outside",
        "not-found",
        ["een voorwaarde over een resource die er niet bij zit", "a condition on a resource that is not here"],
        [
            "De expressie volgt een verwijzing naar een resource die ergens anders staat.",
            "The expression follows a reference to a resource that is elsewhere.",
        ],
        ["toets de resources samen, in een Bundle", "validate the resources together, in a Bundle"],
        "fhirpath.html",
    ),
    row(
        "invariant-overridden",
        "informational",
        ["een voorwaarde die gepubliceerd is met een fout", "a condition that was published with a mistake"],
        [
            "De gepubliceerde expressie is aantoonbaar fout; zij is verbeterd of overgeslagen, zoals de reden zegt.",
            "The published expression is provably wrong; it was corrected or left out, as the reason says.",
        ],
        [
            "er is niets te doen; weet dat dit anders is dan gepubliceerd",
            "there is nothing to do; know that it differs from what was published",
        ],
        "fhirpath.html",
    ),
    row(
        "invariant-undecided",
        "not-supported",
        ["een voorwaarde die niet te beslissen is", "a condition that cannot be decided"],
        [
            "De expressie hangt af van iets wat hier onbekend is, zoals een groot codestelsel.",
            "The expression depends on something that is unknown here, such as a large code system.",
        ],
        [
            "beoordeel de voorwaarde zelf, of geef de ontbrekende definities",
            "judge the condition yourself, or give the definitions that are missing",
        ],
        "fhirpath.html",
    ),
    row(
        "invariant-unsupported",
        "not-supported",
        ["een voorwaarde die niet te lezen is", "a condition that cannot be read"],
        [
            "De expressie is geen FHIRPath dat wij begrijpen, dus zij is niet toegepast.",
            "The expression is no FHIRPath that we understand, so it was not applied.",
        ],
        ["beoordeel de voorwaarde zelf", "judge the condition yourself"],
        "fhirpath.html",
    ),
    row(
        "questionnaire-definition",
        "not-found",
        ["een item waarvan de definitie er niet bij zit", "an item whose definition is not here"],
        [
            "Wat een item niet zelf zegt, mag uit zijn elementdefinitie komen (`item.definition`).",
            "What an item does not say itself may come from its element definition (`item.definition`).",
        ],
        [
            "geef het pakket met de definitie mee (`--package`), of zet `repeats` in de Questionnaire",
            "give the package with the definition (`--package`), or put `repeats` in the Questionnaire",
        ],
        "questionnaire.html",
    ),
    row(
        "questionnaire-enable-undecided",
        "not-supported",
        [
            "een vraag waarvan niet te beslissen is of zij geldt",
            "a question of which cannot be decided whether it applies",
        ],
        [
            "De voorwaarde hangt af van iets wat hier onbekend is.",
            "The condition depends on something that is unknown here.",
        ],
        ["beoordeel het item zelf", "judge the item yourself"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-no-options",
        "incomplete",
        ["een keuzevraag zonder keuzes", "a choice without options"],
        [
            "De Questionnaire geeft niet waaruit gekozen mag worden.",
            "The Questionnaire does not give what may be chosen.",
        ],
        ["gebruik een volledige Questionnaire", "use a complete Questionnaire"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-none",
        "incomplete",
        ["antwoorden zonder Questionnaire", "answers without Questionnaire"],
        [
            "Zonder Questionnaire zijn vragen, typen en verplichtingen niet te beoordelen.",
            "Without a Questionnaire the questions, types and duties cannot be judged.",
        ],
        ["noem de Questionnaire in `questionnaire`", "name the Questionnaire in `questionnaire`"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-unknown",
        "not-found",
        ["een Questionnaire die geen pakket bevat", "a Questionnaire that no package carries"],
        ["De antwoorden zijn niet aan hun vragen getoetst.", "The answers were not judged by their questions."],
        ["geef de Questionnaire mee (`--package`)", "give the Questionnaire (`--package`)"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-untyped",
        "not-supported",
        ["een item zonder bekend type", "an item without a known type"],
        [
            "De Questionnaire zegt niet wat voor vraag dit is.",
            "The Questionnaire does not say what kind of question this is.",
        ],
        ["geef het item een type van FHIR", "give the item a type of FHIR"],
        "questionnaire.html",
    ),
    row(
        "reference-outside",
        "not-found",
        ["een verwijzing naar een resource die er niet bij zit", "a reference to a resource that is not here"],
        [
            "Het type klopt of is niet te zien; of het doel aan zijn profiel voldoet is niet beoordeeld.",
            "The type is right or cannot be seen; whether the target conforms to its profile was not judged.",
        ],
        ["toets de resources samen, in een Bundle", "validate the resources together, in a Bundle"],
        "references.html",
    ),
    row(
        "slicing-undecidable",
        "not-supported",
        ["een slice die niet te herkennen is", "a slice that cannot be told apart"],
        [
            "Het profiel zegt niet aan welke waarde van de discriminator de slice te herkennen is.",
            "The profile does not say by which value of the discriminator the slice can be told.",
        ],
        ["beoordeel de items van deze slice zelf", "judge the items of this slice yourself"],
        "profiling.html#discriminator",
    ),
    row(
        "terminology",
        "not-supported",
        ["een waardelijst die hier niet volledig bekend is", "a value set that is not fully known here"],
        [
            "De waardelijst gebruikt een codestelsel dat geen pakket bevat, zoals SNOMED CT of LOINC.",
            "The value set uses a code system that no package carries, such as SNOMED CT or LOINC.",
        ],
        [
            "geef een terminologieserver of een pakket met de uitgewerkte waardelijst",
            "give a terminology server or a package with the expanded value set",
        ],
        "terminologies.html",
    ),
    row(
        "too-deep",
        "too-costly",
        ["dieper genest dan wordt beoordeeld", "nested deeper than is judged"],
        [
            "Onder deze diepte is niets beoordeeld; echte gegevens komen er niet.",
            "Nothing below this depth was judged; real data does not get there.",
        ],
        ["maak de resource minder diep", "make the resource less deep"],
        "src/ARCHITECTURE.md",
    ),
    row(
        "too-many",
        "too-costly",
        ["meer aan te merken dan getoond is", "more to say than is shown"],
        [
            "Van één resource worden 10000 punten getoond; een fout is er altijd bij als er een is.",
            "Of one resource 10000 points are shown; an error is always among them when there is one.",
        ],
        ["herstel eerst wat er staat, of splits de resource", "mend first what is shown, or split the resource"],
        "src/ARCHITECTURE.md",
    ),
    row(
        "too-much-work",
        "too-costly",
        ["een resource die te veel werk vraagt", "a resource that takes too much work"],
        [
            "Invarianten, verwijzingen en voorwaarden die de resource telkens weer doorzoeken hebben een grens die met haar grootte meegroeit.",
            "Invariants, references and conditions that search the resource again and again have a limit that grows with its size.",
        ],
        ["splits de resource en beoordeel de delen", "split the resource and judge the parts"],
        "src/ARCHITECTURE.md",
    ),
    row(
        "unknown-extension",
        "not-found",
        ["een extensie die geen pakket definieert", "an extension that no package defines, let pass"],
        [
            "FHIR staat eigen extensies toe; zonder definitie is hun inhoud niet te beoordelen.",
            "FHIR allows extensions of your own; without a definition their content cannot be judged.",
        ],
        [
            "voeg het pakket met de definitie toe (`--package`); `--unknown-extensions error` maakt er een fout van",
            "add the package with the definition (`--package`); `--unknown-extensions error` makes it an error",
        ],
        "extensibility.html",
    ),
    row(
        "unknown-profile",
        "not-found",
        ["een profiel dat geen pakket bevat", "a profile that no package carries"],
        [
            "De resource is wel aan haar type getoetst, niet aan dit profiel.",
            "The resource was judged by its type, not by this profile.",
        ],
        [
            "voeg het pakket toe (`--package`), of verbeter de url en de versie",
            "add the package (`--package`), or correct the url and its version",
        ],
        "profiling.html",
    ),
    row(
        "unknown-type",
        "not-found",
        ["een datatype dat geen pakket bevat", "a datatype that no package carries"],
        ["De inhoud van dit element is niet beoordeeld.", "The content of this element was not judged."],
        ["voeg het pakket met de definitie toe (`--package`)", "add the package with the definition (`--package`)"],
        "datatypes.html",
    ),
];

//! The ids of findings on answers to a Questionnaire.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What is wrong with answers, in the order of the alphabet.
pub const QUESTIONNAIRE: &[Meaning] = &[
    row(
        "questionnaire-attachment-size",
        "too-long",
        ["een te grote bijlage", "an attachment that is too large"],
        [
            "De Questionnaire begrenst de grootte (extensie maxSize).",
            "The Questionnaire limits the size (extension maxSize).",
        ],
        ["verklein de bijlage", "make the attachment smaller"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-attachment-type",
        "value",
        ["een bijlage van een soort die niet mag", "an attachment of a kind that is not allowed"],
        [
            "De Questionnaire noemt de toegestane soorten (extensie mimeType).",
            "The Questionnaire names the kinds that are allowed (extension mimeType).",
        ],
        [
            "stuur een van die soorten, en noem die in `contentType`",
            "send one of those kinds, and name it in `contentType`",
        ],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-condition",
        "invariant",
        ["een voorwaarde die niet kan opgaan", "a condition that cannot hold"],
        [
            "`enableWhen` vraagt naar een ander item van de Questionnaire.",
            "`enableWhen` asks for another item of the Questionnaire.",
        ],
        ["verbeter de `linkId` in de voorwaarde", "correct the `linkId` in the condition"],
        "questionnaire.html",
    ),
    row(
        "questionnaire-decimals",
        "value",
        ["te veel decimalen", "too many decimals"],
        [
            "De Questionnaire begrenst het aantal decimalen (extensie maxDecimalPlaces).",
            "The Questionnaire limits the number of decimals (extension maxDecimalPlaces).",
        ],
        ["rond het antwoord af", "round the answer"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-display",
        "structure",
        ["een antwoord bij een tekst", "an answer to a text"],
        ["Een item van type `display` is alleen om te lezen.", "An item of type `display` is for reading only."],
        ["laat antwoord en items weg", "leave answer and items out"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-exclusive",
        "invariant",
        ["een keuze die geen andere naast zich duldt", "a choice that allows no other beside it"],
        [
            "De Questionnaire zegt dat dit antwoord het enige is (extensie optionExclusive).",
            "The Questionnaire says that this answer is the only one (extension optionExclusive).",
        ],
        ["laat de andere antwoorden weg", "leave the other answers out"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-group",
        "structure",
        ["een groep met een antwoord, of vaker dan mag", "a group with an answer, or more often than it may"],
        ["Een item van type `group` heeft items en geen antwoord.", "An item of type `group` has items and no answer."],
        ["zet het antwoord bij het item waar het bij hoort", "put the answer at the item to which it belongs"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-length",
        "value",
        ["een te lang of te kort antwoord", "an answer that is too long or too short"],
        ["De Questionnaire begrenst het aantal tekens.", "The Questionnaire limits the number of characters."],
        ["pas de lengte van het antwoord aan", "change the length of the answer"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-line",
        "value",
        ["een antwoord van meer regels", "an answer of more lines"],
        [
            "Een vraag van type `string` krijgt één regel; `text` is voor meer.",
            "A question of type `string` gets one line; `text` is for more.",
        ],
        ["maak er één regel van", "make it one line"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-link-id",
        "not-found",
        ["een item dat de Questionnaire niet heeft", "an item that the Questionnaire does not have"],
        [
            "Elk item noemt met `linkId` het item van de Questionnaire waar het bij hoort.",
            "Each item names with `linkId` the item of the Questionnaire to which it belongs.",
        ],
        [
            "verbeter de `linkId`, of noem de goede Questionnaire",
            "correct the `linkId`, or name the right Questionnaire",
        ],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-nesting",
        "structure",
        ["een item op een andere plaats dan in de Questionnaire", "an item in another place than in the Questionnaire"],
        ["De items nestelen zoals in de Questionnaire.", "The items are nested as in the Questionnaire."],
        ["verplaats het item", "move the item"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-not-enabled",
        "business-rule",
        ["een antwoord op een vraag die niet van toepassing is", "an answer to a question that does not apply"],
        [
            "De voorwaarde van het item (`enableWhen`) gaat niet op.",
            "The condition of the item (`enableWhen`) does not hold.",
        ],
        [
            "laat het antwoord weg, of verbeter het antwoord waar de voorwaarde naar vraagt",
            "leave the answer out, or correct the answer that the condition asks for",
        ],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-occurs",
        "required",
        ["te weinig antwoorden", "too few answers"],
        [
            "De Questionnaire vraagt een aantal antwoorden (extensie minOccurs).",
            "The Questionnaire asks for a number of answers (extension minOccurs).",
        ],
        ["voeg antwoorden toe", "add answers"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-option",
        "code-invalid",
        ["een antwoord dat niet bij de keuzes staat", "an answer that is not among the options"],
        ["De vraag is een gesloten keuze.", "The question is a closed choice."],
        ["neem een van de keuzes van de Questionnaire", "use one of the options of the Questionnaire"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-order",
        "structure",
        ["items in een andere volgorde", "items in another order"],
        ["De items staan in de volgorde van de Questionnaire.", "The items stand in the order of the Questionnaire."],
        ["zet de items in die volgorde", "put the items in that order"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-period",
        "business-rule",
        ["een antwoord buiten de geldigheid van de Questionnaire", "an answer outside the period of the Questionnaire"],
        [
            "`effectivePeriod` zegt wanneer de Questionnaire gebruikt wordt.",
            "`effectivePeriod` says when the Questionnaire is in use.",
        ],
        [
            "controleer `authored` en de versie van de Questionnaire",
            "check `authored` and the version of the Questionnaire",
        ],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-question",
        "structure",
        ["items buiten een antwoord", "items outside an answer"],
        ["Onder een vraag staan de items binnen een antwoord.", "Below a question the items stand within an answer."],
        ["verplaats de items naar `answer.item`", "move the items to `answer.item`"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-range",
        "value",
        ["een te groot of te klein antwoord", "an answer that is too large or too small"],
        [
            "De Questionnaire begrenst de waarde (extensies minValue en maxValue).",
            "The Questionnaire limits the value (extensions minValue and maxValue).",
        ],
        ["verbeter het antwoord of zijn eenheid", "correct the answer or its unit"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-reference",
        "structure",
        ["een verwijzing naar een ander type", "a reference to another type than the question asks"],
        [
            "De Questionnaire noemt de typen waarnaar het antwoord mag verwijzen.",
            "The Questionnaire names the types to which the answer may refer.",
        ],
        ["verwijs naar een van die typen", "refer to one of those types"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-regex",
        "value",
        ["een antwoord in een andere vorm", "an answer in another form"],
        [
            "De Questionnaire geeft de vorm als reguliere expressie (extensie regex).",
            "The Questionnaire gives the form as a regular expression (extension regex).",
        ],
        ["schrijf het antwoord in die vorm", "write the answer in that form"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-repeats",
        "structure",
        ["te veel antwoorden", "too many answers"],
        ["De vraag mag niet of niet zo vaak herhalen.", "The question may not repeat, or not so often."],
        ["houd zoveel antwoorden over als mogen", "keep as many answers as are allowed"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-required",
        "required",
        ["een verplicht antwoord ontbreekt", "a required answer is missing"],
        [
            "De Questionnaire eist een antwoord op deze vraag zolang die van toepassing is.",
            "The Questionnaire requires an answer to this question as long as it applies.",
        ],
        [
            "beantwoord de vraag; een onvoltooide lijst heeft status `in-progress`",
            "answer the question; a list that is not finished has status `in-progress`",
        ],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-text",
        "value",
        ["een andere tekst dan in de Questionnaire", "another text than in the Questionnaire"],
        [
            "`text` van een item is de vraag zoals de Questionnaire die stelt.",
            "`text` of an item is the question as the Questionnaire puts it.",
        ],
        ["neem de tekst over, of laat hem weg", "copy the text, or leave it out"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-type",
        "structure",
        ["een antwoord van een ander type", "an answer of another type"],
        ["Het type van de vraag bepaalt dat van het antwoord.", "The type of the question decides that of the answer."],
        [
            "gebruik het element dat bij het type hoort, zoals `valueDate`",
            "use the element that belongs to the type, such as `valueDate`",
        ],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-unit",
        "code-invalid",
        ["een eenheid die niet mag", "a unit that is not allowed"],
        ["De Questionnaire noemt de toegestane eenheden.", "The Questionnaire names the units that are allowed."],
        ["gebruik een van die eenheden, met `system` en `code`", "use one of those units, with `system` and `code`"],
        "questionnaireresponse.html",
    ),
    row(
        "questionnaire-value-set",
        "code-invalid",
        ["een antwoord buiten de waardelijst", "an answer outside the value set"],
        [
            "De antwoorden komen uit de waardelijst van de vraag.",
            "The answers come from the value set of the question.",
        ],
        ["neem een code uit de waardelijst", "use a code of the value set"],
        "questionnaireresponse.html",
    ),
];

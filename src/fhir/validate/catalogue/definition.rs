//! The ids of findings on definitions as instances.

use crate::fhir::validate::catalogue::Meaning;
use crate::fhir::validate::catalogue::row;

/// What is wrong with definitions, in the order of the alphabet.
pub const DEFINITION: &[Meaning] = &[
    row(
        "definition-binding",
        "invariant",
        ["een binding bij een type zonder codes", "a binding with a type that has no codes"],
        [
            "Een waardelijst kan alleen gelden voor een gecodeerd element, een `string` of een `uri` (eld-11).",
            "A value set can only hold for a coded element, a `string` or a `uri` (eld-11).",
        ],
        ["laat `binding` weg, of verbeter `type`", "leave out `binding`, or correct `type`"],
        "elementdefinition-definitions.html#ElementDefinition.binding",
    ),
    row(
        "definition-components",
        "business-rule",
        ["een samengestelde zoekparameter zonder delen", "a composite search parameter without parts"],
        [
            "Een zoekparameter van type `composite` combineert de waarden van twee of meer andere, die `component` noemt.",
            "A search parameter of type `composite` combines the values of two or more others, which `component` names.",
        ],
        [
            "noem de delen in `component`, of kies een ander type",
            "name the parts in `component`, or choose another type",
        ],
        "search.html#composite",
    ),
    row(
        "definition-discriminator",
        "invalid",
        ["een discriminator die nergens heen leidt", "a discriminator that leads nowhere"],
        [
            "Het pad van een discriminator wijst het element aan waaraan de slices te herkennen zijn; het type van wat verdeeld wordt heeft dat element niet.",
            "The path of a discriminator points to the element that tells the slices apart; the type of what is sliced has no such element.",
        ],
        [
            "noem een element van het type, zoals `url` bij een extensie",
            "name an element of the type, like `url` for an extension",
        ],
        "elementdefinition-definitions.html#ElementDefinition.slicing.discriminator.path",
    ),
    row(
        "definition-element",
        "structure",
        ["een element dat het type niet heeft", "an element that the type does not have"],
        [
            "Een profiel beperkt de elementen van zijn type; nieuwe voegt het niet toe.",
            "A profile constrains the elements of its type; it adds no new ones.",
        ],
        [
            "verbeter het pad, of gebruik een extensie voor wat het type niet heeft",
            "correct the path, or use an extension for what the type does not have",
        ],
        "profiling.html",
    ),
    row(
        "definition-slicing",
        "business-rule",
        ["een slice die haar slicing anders opgeeft", "a slice that defines its slicing anew"],
        [
            "Extensies worden altijd (in elk geval) naar `url` verdeeld; het element met de slicing geldt voor alle slices.",
            "Extensions are always sliced by (at least) `url`; the element that carries the slicing applies to all the slices.",
        ],
        [
            "laat `slicing` bij de slice weg, en verdeel de waarde in het profiel van de extensie",
            "leave `slicing` out of the slice, and divide the value in the profile of the extension",
        ],
        "profiling.html#slicing",
    ),
];

//! The planted deviations in the flow as a whole. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "tokens-repeat",
        "FLOW-16",
        "een persoon krijgt steeds hetzelfde access token",
        "a person gets the same access token every time",
    ),
    Defect::new(
        "state-truncated",
        "FLOW-18",
        "een lange state wordt afgekapt op 255 tekens",
        "a long state is cut to 255 characters",
    )
    .masking(&["AUTH-11"]),
    Defect::new(
        "resource-address-shared",
        "FLOW-36",
        "twee gegevensdiensten hebben hetzelfde ResourceEndpoint",
        "two gegevensdiensten have the same ResourceEndpoint",
    ),
    Defect::new(
        "zib-missing",
        "FLOW-35",
        "de rijke patient mist zijn voedingsadvies",
        "the rich patient lacks the nutrition advice",
    ),
];

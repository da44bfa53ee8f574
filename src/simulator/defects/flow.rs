//! The planted deviations in the flow as a whole. Entry point: [`DEFECTS`].

use crate::simulator::defects::Defect;
use crate::simulator::defects::NOBODY_GETS_IN;

pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "tokens-repeat",
        "FLOW-16",
        "een persoon krijgt steeds hetzelfde access token",
        "a person gets the same access token every time",
    )
    .masking(&["TOK-10"]),
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
    Defect::new(
        "single-scope-refused",
        "FLOW-14",
        "een scope zonder gegevensdienst wordt geweigerd, zoals in 1.x",
        "a scope without gegevensdienst is refused, as in 1.x",
    )
    .masking(NOBODY_GETS_IN),
    Defect::new(
        "encoded-redirect-uri-refused",
        "FLOW-17",
        "een redirect_uri met procentcodering wordt niet herkend",
        "a percent-encoded redirect_uri is not recognized",
    )
    .observes(),
    Defect::new(
        "state-markup-stripped",
        "FLOW-18",
        "punthaken worden uit state weggelaten",
        "angle brackets are left out of state",
    ),
    Defect::new(
        "other-dvp-refused",
        "FLOW-33",
        "een andere bekende DVP krijgt geen code",
        "another known DVP gets no code",
    ),
    Defect::new(
        "other-dvp-without-data",
        "FLOW-33",
        "een andere bekende DVP krijgt wel een access token en geen gegevens",
        "another known DVP gets an access token and no data",
    ),
    Defect::new(
        "delisted-provider-refused",
        "FLOW-34",
        "zodra de zorgaanbieder van de Zorgaanbiederslijst verdwijnt wordt er niet meer geleverd",
        "as soon as the provider leaves the Zorgaanbiederslijst nothing is delivered any more",
    ),
];

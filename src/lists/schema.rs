//! The schemas of the lists, as one table: which elements, in which order, how often, with which content.
//!
//! Knows nothing of reading or of what values mean beyond their simple type. Where no XSD was seen (`Evidence::Seen`), the
//! table holds what examples and prose show, and a breach of it weighs a warning at most. Entry points: [`SCHEMAS`], [`of`].

use crate::lists::simple;
use crate::lists::simple::Simple;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// ZAL.
    Zorgaanbiederslijst,
    /// OCL.
    OAuthclientlist,
    /// GNL.
    Gegevensdienstnamenlijst,
    /// WHL.
    Whitelist,
    /// ZAKL.
    Zorgaanbiederskoppellijst,
}

/// How a schema is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// From its XSD.
    Xsd,
    /// From an example or prose only.
    Seen,
}

/// The schema of a list.
#[derive(Debug)]
pub struct Schema {
    /// The list.
    pub kind: Kind,
    /// Its namespace, with the slash at the end.
    pub namespace: &'static str,
    /// Row of the register that asks this schema.
    pub rule: &'static str,
    /// How it is known.
    pub evidence: Evidence,
    /// Which version of the schema it is: Dutch, English.
    pub version: (&'static str, &'static str),
    /// The root element.
    pub root: Part,
}

/// An element in its parent.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Local name.
    pub name: &'static str,
    /// Whether it must be there.
    pub is_required: bool,
    /// Whether it may be there more than once.
    pub is_many: bool,
    /// What is in it.
    pub content: Content,
    /// Values that must differ among its children: the name of an element in each child, or `.` for the child itself.
    pub unique: Option<&'static str>,
}

/// What is in an element.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Text of a simple type, and no elements.
    Text(&'static Simple),
    /// These elements in this order, and no text.
    Parts(&'static [Part]),
    /// Exactly one of these elements, and no text.
    OneOf(&'static [Part]),
}

use Content::OneOf;
use Content::Parts;
use Content::Text;

/// Exactly once.
const fn one(name: &'static str, content: Content) -> Part {
    Part { name, is_required: true, is_many: false, content, unique: None }
}

/// At most once.
const fn maybe(name: &'static str, content: Content) -> Part {
    Part { is_required: false, ..one(name, content) }
}

/// Once or more.
const fn some(name: &'static str, content: Content) -> Part {
    Part { is_many: true, ..one(name, content) }
}

/// Any number of times.
const fn any(name: &'static str, content: Content) -> Part {
    Part { is_required: false, is_many: true, ..one(name, content) }
}

impl Part {
    /// The values of this element must differ among the children.
    const fn unique(self, name: &'static str) -> Part {
        Part { unique: Some(name), ..self }
    }
}

/// Elements in this order. A constant of its own, so that it lasts.
macro_rules! parts {
    [$($part:expr),+ $(,)?] => {{
        const PARTS: &[Part] = &[$($part),+];
        Parts(PARTS)
    }};
}

/// Every schema.
pub static SCHEMAS: &[&Schema] =
    &[&ZAL_RELEASE2, &ZAL_RELEASE3, &OCL_RELEASE2, &OCL_LATER, &GNL_RELEASE1, &WHL_NESTED, &WHL_FLAT, &ZAKL_RELEASE1];

/// The schemas of a list, the one to follow first.
pub fn of(kind: Kind) -> impl Iterator<Item = &'static Schema> {
    SCHEMAS.iter().copied().filter(move |schema| schema.kind == kind)
}

const TIJDSTEMPEL: Part = one("Tijdstempel", Text(&simple::DATUM_TIJD));
const VOLGNUMMER: Part = one("Volgnummer", Text(&simple::POSITIEFNUMMER));
const GEGEVENSDIENST_ID: Part = one("GegevensdienstId", Text(&simple::GEGEVENSDIENST_ID));
const INTERFACEVERSIE_ID: Part = one("InterfaceversieId", Text(&simple::INTERFACEVERSIE_ID));
const ZORGAANBIEDERNAAM: Part = one("Zorgaanbiedernaam", Text(&simple::ZORGAANBIEDERNAAM));
const HOSTNAME: Part = one("Hostname", Text(&simple::HOSTNAME));

// Whitelist.

/// The shape of today: each node holds its Hostname.
pub static WHL_NESTED: Schema = Schema {
    kind: Kind::Whitelist,
    namespace: "xmlns://afsprakenstelsel.medmij.nl/whitelist/release2/",
    rule: "LIST-21",
    evidence: Evidence::Xsd,
    version: (
        "release2, geneste vorm (bestandsversie 9 en later)",
        "release2, nested shape (file version 9 and later)",
    ),
    root: one(
        "Whitelist",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one("MedMijNodes", parts![any("MedMijNode", parts![HOSTNAME])]).unique("Hostname"),
        ],
    ),
};

/// The shape of file version 2, in the same namespace: each node is its Hostname.
pub static WHL_FLAT: Schema = Schema {
    rule: "LIST-20",
    version: ("release2, platte vorm (bestandsversie 2, 2018)", "release2, flat shape (file version 2, 2018)"),
    root: one(
        "Whitelist",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one("MedMijNodes", parts![some("MedMijNode", Text(&simple::HOSTNAME))]).unique("."),
        ],
    ),
    ..WHL_NESTED
};

// OAuthclientlist.

/// Host and name of each client.
pub static OCL_RELEASE2: Schema = Schema {
    kind: Kind::OAuthclientlist,
    namespace: "xmlns://afsprakenstelsel.medmij.nl/oauthclientlist/release2/",
    rule: "LIST-17",
    evidence: Evidence::Xsd,
    version: ("release2 (bestandsversie 5)", "release2 (file version 5)"),
    root: one(
        "OAuthclientlist",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one("OAuthclients", parts![any("OAuthclient", parts![HOSTNAME, ORGANISATIENAAM])]).unique("Hostname"),
        ],
    ),
};

const ORGANISATIENAAM: Part = one("OAuthclientOrganisatienaam", Text(&simple::ORGANISATIENAAM));

/// Later content, known from prose: per client its interface versions and services. Its namespace was not seen.
pub static OCL_LATER: Schema = Schema {
    rule: "LIST-18",
    evidence: Evidence::Seen,
    version: ("latere vorm, waarvan geen schema is gezien", "later shape, of which no schema was seen"),
    root: one(
        "OAuthclientlist",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one(
                "OAuthclients",
                parts![any(
                    "OAuthclient",
                    parts![
                        HOSTNAME,
                        ORGANISATIENAAM,
                        maybe("Vertegenwoordiging", Text(&simple::ANY)),
                        maybe("Interfaceversies", parts![some("Interfaceversie", Parts(OCL_INTERFACEVERSIE))]),
                    ],
                )],
            )
            .unique("Hostname"),
        ],
    ),
    ..OCL_RELEASE2
};

const OCL_INTERFACEVERSIE: &[Part] = &[
    INTERFACEVERSIE_ID,
    one("Gegevensdiensten", parts![some("Gegevensdienst", parts![GEGEVENSDIENST_ID])]).unique("GegevensdienstId"),
];

// Gegevensdienstnamenlijst.

/// Names of services.
pub static GNL_RELEASE1: Schema = Schema {
    kind: Kind::Gegevensdienstnamenlijst,
    namespace: "xmlns://afsprakenstelsel.medmij.nl/gegevensdienstnamenlijst/release1/",
    rule: "LIST-19",
    evidence: Evidence::Xsd,
    version: ("release1 (bestandsversie 7)", "release1 (file version 7)"),
    root: one(
        "Gegevensdienstnamenlijst",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one("Gegevensdiensten", parts![any("Gegevensdienst", parts![GEGEVENSDIENST_ID, WEERGAVENAAM])])
                .unique("GegevensdienstId"),
        ],
    ),
};

const WEERGAVENAAM: Part = one("Weergavenaam", Text(&simple::WEERGAVENAAM));

// Zorgaanbiederslijst.

/// Providers and their services.
pub static ZAL_RELEASE2: Schema = Schema {
    kind: Kind::Zorgaanbiederslijst,
    namespace: "xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release2/",
    rule: "LIST-13",
    evidence: Evidence::Xsd,
    version: ("release2 (bestandsversie 5)", "release2 (file version 5)"),
    root: one(
        "Zorgaanbiederslijst",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one(
                "Zorgaanbieders",
                parts![any(
                    "Zorgaanbieder",
                    parts![
                        ZORGAANBIEDERNAAM,
                        one(
                            "Gegevensdiensten",
                            parts![some(
                                "Gegevensdienst",
                                parts![GEGEVENSDIENST_ID, AUTHORIZATION_ENDPOINT, TOKEN_ENDPOINT, SYSTEEMROLLEN],
                            )],
                        )
                        .unique("GegevensdienstId"),
                    ],
                )],
            )
            .unique("Zorgaanbiedernaam"),
        ],
    ),
};

/// The same with a level of interface versions, as one example shows it.
pub static ZAL_RELEASE3: Schema = Schema {
    kind: Kind::Zorgaanbiederslijst,
    namespace: "xmlns://afsprakenstelsel.medmij.nl/zorgaanbiederslijst/release3/",
    rule: "LIST-14",
    evidence: Evidence::Seen,
    version: ("release3, naar een voorbeeld: geen schema gezien", "release3, after an example: no schema was seen"),
    root: one(
        "Zorgaanbiederslijst",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one(
                "Zorgaanbieders",
                parts![any(
                    "Zorgaanbieder",
                    parts![
                        ZORGAANBIEDERNAAM,
                        maybe("Vertegenwoordiging", Text(&simple::ANY)),
                        one("Aanbiedertype", Text(&simple::AANBIEDERTYPE)),
                        one("Interfaceversies", parts![some("Interfaceversie", Parts(ZAL_INTERFACEVERSIE))]),
                    ],
                )],
            )
            .unique("Zorgaanbiedernaam"),
        ],
    ),
};

const ZAL_INTERFACEVERSIE: &[Part] = &[
    INTERFACEVERSIE_ID,
    one(
        "Gegevensdiensten",
        parts![some(
            "Gegevensdienst",
            // Readers do not agree whether the endpoints and `Abonneren` may be left out.
            parts![
                GEGEVENSDIENST_ID,
                maybe(AUTHORIZATION_ENDPOINT.name, AUTHORIZATION_ENDPOINT.content),
                maybe(TOKEN_ENDPOINT.name, TOKEN_ENDPOINT.content),
                maybe("Abonneren", Parts(ABONNEREN)),
                SYSTEEMROLLEN,
            ],
        )],
    )
    .unique("GegevensdienstId"),
];

const ABONNEREN: &[Part] = &[
    one("MaximaleDuur", Text(&simple::MAXIMALE_DUUR)),
    one("SubscriptionEndpointuri", Text(&simple::SUBSCRIPTION_ENDPOINT)),
];

const AUTHORIZATION_ENDPOINT: Part =
    one("AuthorizationEndpoint", parts![one("AuthorizationEndpointuri", Text(&simple::FRONTCHANNELURI))]);

const TOKEN_ENDPOINT: Part = one("TokenEndpoint", parts![one("TokenEndpointuri", Text(&simple::BACKCHANNELURI))]);

const SYSTEEMROLLEN: Part = one(
    "Systeemrollen",
    parts![some(
        "Systeemrol",
        parts![
            one("Systeemrolcode", Text(&simple::SYSTEEMROLCODE)),
            one("ResourceEndpoint", parts![one("ResourceEndpointuri", Text(&simple::BACKCHANNELURI))]),
        ],
    )],
)
.unique("Systeemrolcode");

// Zorgaanbiederskoppellijst.

/// Who a provider is elsewhere. Not one of the lists that nodes use at run time.
pub static ZAKL_RELEASE1: Schema = Schema {
    kind: Kind::Zorgaanbiederskoppellijst,
    namespace: "xmlns://afsprakenstelsel.medmij.nl/Zorgaanbiederskoppellijst/release1/",
    rule: "LIST-22",
    evidence: Evidence::Seen,
    version: ("release1, naar een voorbeeld: geen schema gezien", "release1, after an example: no schema was seen"),
    root: one(
        "Zorgaanbiederskoppellijst",
        parts![
            TIJDSTEMPEL,
            VOLGNUMMER,
            one(
                "Zorgaanbieders",
                parts![some(
                    "Zorgaanbieder",
                    parts![
                        ZORGAANBIEDERNAAM,
                        one("IdentificerendeKenmerken", parts![some("IdentificerendKenmerk", OneOf(KENMERKEN))]),
                        one(
                            "Gegevensdiensten",
                            parts![some(
                                "Gegevensdienst",
                                parts![
                                    GEGEVENSDIENST_ID,
                                    WEERGAVENAAM,
                                    one(
                                        "Interfaceversies",
                                        parts![some("Interfaceversie", parts![INTERFACEVERSIE_ID])],
                                    ),
                                ],
                            )],
                        ),
                    ],
                )],
            ),
        ],
    ),
};

const KENMERKEN: &[Part] = &[
    one("AGB", Text(&simple::AGB)),
    one("URA", Text(&simple::URA)),
    one("OIN", Text(&simple::OIN)),
    one("HRN", Text(&simple::ANY)),
    one("KVK", Text(&simple::ANY)),
];

impl Kind {
    /// The name of its root element, which is its official name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Zorgaanbiederslijst => "Zorgaanbiederslijst",
            Kind::OAuthclientlist => "OAuthclientlist",
            Kind::Gegevensdienstnamenlijst => "Gegevensdienstnamenlijst",
            Kind::Whitelist => "Whitelist",
            Kind::Zorgaanbiederskoppellijst => "Zorgaanbiederskoppellijst",
        }
    }

    /// The name of its file on the stelselnode, where one is fixed.
    pub fn file_name(self) -> Option<&'static str> {
        match self {
            Kind::Zorgaanbiederslijst => Some("MedMij_Zorgaanbiederslijst.xml"),
            Kind::OAuthclientlist => Some("MedMij_OAuthclientlist.xml"),
            Kind::Gegevensdienstnamenlijst => Some("MedMij_Gegevensdienstnamenlijst.xml"),
            Kind::Whitelist => Some("MedMij_Whitelist.xml"),
            Kind::Zorgaanbiederskoppellijst => None,
        }
    }
}

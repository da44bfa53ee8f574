//! The behaviours on every interface, each with the text that allows it. Data only.

use crate::simulator::behaviours::Behaviour;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour::new(
        "packed-answers",
        "RFC 9110, sections 8.4.1.3 and 12.5.3: a server should heed Accept-Encoding",
        "ieder antwoord is met gzip ingepakt, ook ongevraagd",
        "every answer is packed with gzip, also unasked",
    ),
    Behaviour::new(
        "rate-limit",
        "register, FHIR-24; RFC 6585, section 4",
        "nu en dan komt er 429 Too Many Requests in plaats van een antwoord",
        "now and then 429 Too Many Requests comes in place of an answer",
    ),
];

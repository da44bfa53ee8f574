//! Managing consents (Beheren toestemmingen): a person logs in, sees to whom long consent was given, and ends it.
//!
//! How a DVP leads there was not seen in the Afsprakenstelsel: the browser begins at [`START`].

use crate::simulator::dva::pages;
use crate::simulator::dva::world::World;
use crate::simulator::http::Received;
use crate::simulator::http::Reply;

/// Path of the first page.
pub(super) const START: &str = "/toestemmingen";

/// Answers a request below [`START`].
pub(super) fn answer(world: &World, received: &Received) -> Reply {
    let page = |html| pages::reply(200, html, world.has("framing-allowed"));
    let fields = received.fields();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let rest = received.path.strip_prefix(START).unwrap_or_default();
    if (received.method.as_str(), rest) == ("GET", "") {
        return page(pages::consents_login());
    }
    if (received.method.as_str(), rest) == ("POST", "") {
        let person = world.person_with(field("naam"), field("wachtwoord"));
        return match person {
            Some(person) => page(overview(world, person)),
            None => page(pages::consents_login()),
        };
    }
    let Some(person) = world.grants.let_in_as(field("formulier")) else {
        return pages::reply(400, pages::error("Dit formulier hoort niet bij u.", None), world.has("framing-allowed"));
    };
    let client = field("dvp");
    match rest {
        "/beeindigen" => page(pages::consents_statement(field("formulier"), world.provider(), client)),
        "/bevestigen" => {
            if !world.has("withdrawal-ignored") {
                world.grants.withdraw(person, client);
            }
            if world.does("withdrawal-ends-access") {
                world.grants.end_access(person, client);
            }
            page(overview(world, person))
        }
        _ => page(overview(world, person)),
    }
}

fn overview(world: &World, person: usize) -> String {
    let clients = world.grants.long_consents(person);
    pages::consents_overview(&world.grants.let_in(person), &clients.into_iter().collect::<Vec<_>>())
}

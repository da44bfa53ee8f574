//! CON-13: whether an access token outlives the consent.

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::consent::refresh;
use crate::rules::oauth;
use crate::text;

declare_rule! {
    /// Whether an access token that was issued before the person withdrew the consent works until it expires. No text on that
    /// was found: this is recorded, never a breach.
    ///
    /// ## How it is tested
    /// Where the candidate file says how a person withdraws a consent (`[withdrawal]`), a resource request with the access
    /// token of that consent follows at once.
    /// ## Not covered
    /// The refresh token of the consent (FLOW-08).
    /// ## Source
    /// Afsprakenstelsel 2.x, Beheren toestemmingen (text not seen).
    pub static RULE = {
        id: "CON-13",
        summary: "whether an access token outlives the consent",
        dva: check,
    }
}

fn check(context: &Context, run: &Run) -> Judgement {
    let none = match context.candidate.withdrawal {
        Some(_) => refresh::none(context, run),
        None => Text::new(
            "het kandidaatbestand zegt niet hoe een toestemming eindigt (`[withdrawal]`)",
            "the candidate file does not say how a consent is ended (`[withdrawal]`)",
        ),
    };
    let requests = run.probe("withdrawal").filter(|exchange| exchange.interface == Interface::Resource);
    Judgement::each(requests.filter(|exchange| !oauth::is_no_answer(exchange)), none, |exchange| {
        let status = exchange.status().unwrap_or(0);
        let (code, seen) = if exchange.succeeded() {
            ("access-goes-on", Text::new("het access token werkt nog", "the access token still works"))
        } else {
            ("access-ends", text!("geweigerd met status {status}", "refused with status {status}"))
        };
        let expected = Text::new("beide mag", "either");
        vec![Issue::information(code, "Authorization", expected, seen).at(exchange.number)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::expect;

    #[test]
    fn either_is_told() {
        let get = || Recording::new().probe("withdrawal").get("Patient");
        expect(&RULE, get().json(200, "{}"), &["access-goes-on"]);
        expect(&RULE, get().json(401, "{}"), &["access-ends"]);
        expect(&RULE, Recording::new().get("Patient").json(200, "{}"), &["not seen"]);
    }
}

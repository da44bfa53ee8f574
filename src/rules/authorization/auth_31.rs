//! AUTH-31: what stands in `state`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::declare_rule;
use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Interface;
use crate::exchange::Run;
use crate::rules::Context;
use crate::rules::Judgement;
use crate::rules::client;

declare_rule! {
    /// The DVP's `state` is opaque. Whether it holds an address or readable content is recorded.
    ///
    /// ## How it is tested
    /// The value in each authorization request that arrives, as it is and decoded from base64, is searched for an address and for
    /// JSON; a JWT is JSON as well.
    /// ## Not covered
    /// Content in other forms. That it is there and fresh (AUTH-02), and checked (TOK-13).
    /// ## Source
    /// Afsprakenstelsel, Authorization interface, state (RFC0047); RFC 6749, section 4.1.1.
    pub static RULE = {
        id: "AUTH-31",
        summary: "state is opaque",
        dvp: check,
    }
}

fn check(_: &Context, run: &Run) -> Judgement {
    client::each_value(run, Interface::Authorization, "state", |state| {
        let forms: Vec<String> = [state].into_iter().chain(state.split('.')).flat_map(readings).collect();
        let has = |is: fn(&str) -> bool| forms.iter().any(|form| is(form));
        let told = if has(|text| text.contains("://")) {
            Some(("state-with-address", Text::new("een adres", "an address")))
        } else if has(|text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()) {
            Some(("state-with-content", Text::new("leesbare JSON", "readable JSON")))
        } else {
            None
        };
        let expected = Text::new("een waarde zonder betekenis", "a value without meaning");
        told.map(|(code, seen)| Issue::information(code, "state", expected, seen))
    })
}

/// A text as it is, and decoded where it is base64 of a text.
fn readings(text: &str) -> Vec<String> {
    let bare = text.trim_end_matches('=');
    let decoded = URL_SAFE_NO_PAD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    [Some(text.to_owned()), decoded].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::Recording;
    use crate::rules::testing::client_issues;

    #[test]
    fn what_can_be_read_is_told() {
        let asked = |state: &str| client_issues(&RULE, Recording::new().authorize(&[("state", state)]));
        for good in ["s1", "8f14e45f-ceea-4f0f-9c3b-1d2e3f4a5b6c", "0ctAlvYmSl3VX_8Rz2jQ1w", "a.b.c", "123"] {
            assert_eq!(asked(good), Vec::<String>::new(), "{good}");
        }
        assert_eq!(asked("abc-https://pgo.example/overzicht"), ["state-with-address"]);
        assert_eq!(asked(&URL_SAFE_NO_PAD.encode("https://pgo.example/a")), ["state-with-address"]);
        let content = URL_SAFE_NO_PAD.encode(r#"{"gebruiker": 7}"#);
        assert_eq!(asked(&content), ["state-with-content"]);
        assert_eq!(asked(&format!("{content}.x.y")), ["state-with-content"]);
    }
}

//! What the rules of the candidate's entry in the Zorgaanbiederslijst share. The candidate file stands for that entry: its
//! addresses are those that a DVP gets from the list, and what leads elsewhere in a test is in `[trust.connect]`.

use url::Url;

use crate::diag::Issue;
use crate::diag::Text;
use crate::lists::simple::Simple;
use crate::text;

/// An address as a list has it: without the slash that makes a URL of a host alone.
pub fn listed(url: &Url) -> &str {
    let text = url.as_str();
    if url.path() == "/" { text.trim_end_matches('/') } else { text }
}

/// The finding of an address that a list may not hold.
pub fn address(simple: &Simple, place: String, url: &Url) -> Option<Issue> {
    let seen = listed(url);
    (!simple.holds(seen)).then(|| {
        let expected = Text::new(simple.words.0, simple.words.1);
        Issue::error("address-form", place, expected, text!("`{seen}`", "`{seen}`"))
    })
}

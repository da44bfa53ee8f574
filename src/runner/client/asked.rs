//! Whether a request is the one that a scenario waits for: parameters in any order, more of them allowed.

use url::Url;

use crate::exchange::Request;

/// How the path of a search by POST ends; its parameters stand in the form (FHIR STU3, RESTful API, search).
const SEARCH: &str = "/_search";

/// Whether it is a search by POST.
pub fn is_search(request: &Request) -> bool {
    request.method == "POST" && request.url.split('?').next().is_some_and(|path| path.ends_with(SEARCH))
}

/// Whether a request is `get`, or the search by POST that FHIR allows in its place.
pub fn by(request: &Request, get: &str) -> bool {
    if !is_search(request) {
        return is(&request.url, get);
    }
    let Ok(mut url) = Url::parse(&request.url) else { return false };
    let path = url.path().trim_end_matches(SEARCH).to_owned();
    url.set_path(&path);
    url.query_pairs_mut().extend_pairs(request.body.form());
    is(url.as_str(), get)
}

/// Whether an address is that of the request `get`: path and query relative to any ResourceEndpoint, not percent-encoded, `*`
/// for any id. More parameters are allowed (row FHIR-23), and values of one parameter may stand in another order.
pub fn is(address: &str, get: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let (path, query) = get.split_once('?').unwrap_or((get, ""));
    let decoded = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let segments: Vec<&str> = decoded.trim_end_matches('/').split('/').filter(|part| !part.is_empty()).collect();
    let wanted: Vec<&str> = path.split('/').collect();
    let fits = |(have, want): (&&str, &&str)| *want == "*" || have == want;
    if segments.len() < wanted.len() || !segments.iter().rev().zip(wanted.iter().rev()).all(fits) {
        return false;
    }
    let have: Vec<(String, String)> = url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).all(|(name, value)| {
        let wanted: Vec<&str> = value.split(',').collect();
        have.iter().any(|(key, text)| {
            let mut given: Vec<&str> = text.split(',').collect();
            let mut wanted = wanted.clone();
            given.sort_unstable();
            wanted.sort_unstable();
            key == name && given == wanted
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Body;

    fn check(url: &str, get: &str, expect: bool) {
        assert_eq!(is(url, get), expect, "{url} {get}");
    }

    #[test]
    fn parameters_may_stand_in_any_order_and_form() {
        let get = "Observation/$lastn?category=http://snomed.info/sct|1,http://snomed.info/sct|2&_include=Observation:specimen";
        let base = "https://fhir.example/bgz/Observation/$lastn";
        check(
            &format!(
                "{base}?_include=Observation:specimen&category=http://snomed.info/sct%7C2,http://snomed.info/sct%7C1"
            ),
            get,
            true,
        );
        check(
            &format!(
                "{base}?category=http%3A%2F%2Fsnomed.info%2Fsct%7C1%2Chttp%3A%2F%2Fsnomed.info%2Fsct%7C2&_include=Observation%3Aspecimen&_count=10"
            ),
            get,
            true,
        );
        check(&format!("{base}?_include=Observation:specimen&category=http://snomed.info/sct%7C2"), get, false);
        check("https://fhir.example/Observation/%24lastn?_include=Observation:specimen", get, false);
    }

    #[test]
    fn a_search_by_post_is_the_same_search() {
        let request = |method: &str, url: &str, form: &str| Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
            body: Body::from_bytes(form.as_bytes().to_vec()),
        };
        let get = "Consent?category=http://snomed.info/sct|1";
        let form = "category=http%3A%2F%2Fsnomed.info%2Fsct%7C1&_count=2";
        assert!(by(&request("POST", "https://fhir.example/bgz/Consent/_search", form), get));
        assert!(!by(&request("POST", "https://fhir.example/bgz/Consent/_search", "_count=2"), get));
        assert!(!by(&request("POST", "https://fhir.example/bgz/Consent", form), get));
        assert!(by(&request("GET", &format!("https://fhir.example/bgz/Consent?{form}"), ""), get));
    }

    #[test]
    fn the_path_is_relative_to_any_endpoint() {
        check("https://fhir.example/r3/bgz/Condition?x=1", "Condition", true);
        check("https://fhir.example/Condition/", "Condition", true);
        check("https://fhir.example/Condition/1", "Condition", false);
        check("https://fhir.example/XCondition", "Condition", false);
        check("https://fhir.example/doc/Binary/7", "Binary/*", true);
    }
}

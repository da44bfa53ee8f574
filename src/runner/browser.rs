//! What a browser does with a page: links, forms, and pages that send it on by themselves.
//!
//! No script is run. Of scripts only the well-known form that posts itself on load is understood.

use std::collections::BTreeMap;

use scraper::ElementRef;
use scraper::Html;
use scraper::Selector;
use url::Url;

/// A request that the page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// GET or POST.
    pub method: String,
    /// Where to.
    pub url: Url,
    /// Fields of the form, for POST.
    pub fields: Vec<(String, String)>,
}

/// Longest page that is read, in bytes; readers of HTML need time that grows faster than the page.
const LONGEST_PAGE: usize = 1 << 20;

/// The page, as far as it is read.
fn page(text: &str) -> Html {
    Html::parse_document(&text[..text.floor_char_boundary(LONGEST_PAGE)])
}

impl Submission {
    fn visit(url: Url) -> Self {
        Self { method: "GET".to_owned(), url, fields: Vec::new() }
    }

    /// The address, with the fields that are posted to it in its query: what rules look at.
    pub fn as_url(&self) -> Url {
        let mut url = self.url.clone();
        if !self.fields.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.fields);
        }
        url
    }
}

/// A page that goes elsewhere after more seconds than this does not send the browser on: it ends a session.
const LONGEST_REFRESH: f64 = 30.0;

/// Where an answer sends the browser on to: a redirect, a refresh, or a form that posts itself.
pub fn forward(base: &Url, status: Option<u16>, headers: &[(String, String)], text: &str) -> Option<Submission> {
    let header =
        |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let visit = |target: &str| base.join(target).ok().map(Submission::visit);
    if status.is_some_and(|status| (300..400).contains(&status)) {
        return visit(header("location")?);
    }
    if let Some(url) = header("refresh").and_then(refresh) {
        return visit(&url);
    }
    let lower = text[..text.floor_char_boundary(LONGEST_PAGE)].to_ascii_lowercase();
    if !["http-equiv", "submit", "location"].iter().any(|word| lower.contains(word)) {
        return None;
    }
    let page = page(text);
    let all = |selector: &str| {
        Selector::parse(selector).ok().map(|s| page.select(&s).collect::<Vec<_>>()).unwrap_or_default()
    };
    let metas = all("meta[http-equiv]");
    let meta =
        metas.iter().find(|meta| meta.attr("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh")));
    if let Some(url) = meta.and_then(|meta| refresh(meta.attr("content")?)) {
        return visit(&url);
    }
    let is_done = all("input:not([type=hidden]), select, textarea, button").is_empty();
    let target = all("script").iter().find_map(|script| located(&script.text().collect::<String>()));
    if let Some(url) = target.filter(|_| is_done) {
        return visit(&url);
    }
    let forms = all("form");
    let [form] = forms.as_slice() else { return None };
    let on_load = all("body[onload]").iter().filter_map(|body| body.attr("onload")).any(submits);
    // A script may as well submit at a click: only a form that leaves nothing to do posts itself.
    let by_script = || is_done && all("script").iter().any(|script| submits(&script.text().collect::<String>()));
    if !on_load && !by_script() {
        return None;
    }
    let mut submission = submission(base, *form, None);
    if submission.method == "GET" {
        let fields = std::mem::take(&mut submission.fields);
        submission.url.set_query(None);
        submission.url.query_pairs_mut().extend_pairs(fields);
    }
    Some(submission)
}

/// The address that a script sends the browser to as soon as it runs: the text that is given to `location`. A script that may
/// do so later, in a function or on a condition, does not count.
fn located(script: &str) -> Option<String> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let waits = script.split(|c| !is_name(c)).any(|word| matches!(word, "function" | "if" | "addEventListener"));
    if waits || script.contains("=>") {
        return None;
    }
    script.match_indices("location").find_map(|(at, word)| {
        let (before, rest) = (script.get(..at)?, script.get(at + word.len()..)?);
        let is_the_browsers = match before.strip_suffix('.') {
            Some(owner) => {
                let owner = owner.rsplit(|c| !is_name(c)).next();
                owner.is_some_and(|owner| matches!(owner, "window" | "document" | "self" | "top" | "parent"))
            }
            None => !before.ends_with(is_name),
        };
        let rest = rest.strip_prefix(".href").unwrap_or(rest).trim_start();
        let given = match rest.strip_prefix('=') {
            Some(given) => given,
            None => {
                let called = rest.strip_prefix(".replace").or_else(|| rest.strip_prefix(".assign"))?;
                called.trim_start().strip_prefix('(')?
            }
        };
        literal(given.trim_start()).filter(|_| is_the_browsers)
    })
}

/// The text of the JavaScript literal that this begins with, with the escapes that JSON has too and `\x`.
fn literal(script: &str) -> Option<String> {
    let quote = script.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut text = String::new();
    let mut rest = script.chars();
    rest.next();
    loop {
        match rest.next()? {
            c if c == quote => return Some(text),
            '\n' => return None,
            '\\' => {
                let digits = match rest.next()? {
                    'u' => 4,
                    'x' => 2,
                    c => {
                        text.push(c);
                        continue;
                    }
                };
                let code: String = rest.by_ref().take(digits).collect();
                text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
            }
            c => text.push(c),
        }
    }
}

/// Whether a script calls `submit()` or `requestSubmit()`.
fn submits(script: &str) -> bool {
    let script: String = script.chars().filter(|c| !c.is_whitespace()).collect();
    script.contains("submit()") || script.contains("requestSubmit()")
}

/// The address in a refresh: `0;url=https://…`. None when it comes late: such a page is there to be read.
fn refresh(value: &str) -> Option<String> {
    let (delay, target) = value.split_once([';', ','])?;
    if delay.trim().parse::<f64>().is_ok_and(|seconds| seconds > LONGEST_REFRESH) {
        return None;
    }
    let target = target.trim();
    let target = if target.to_ascii_lowercase().starts_with("url") { target.split_once('=')?.1 } else { target };
    Some(target.trim().trim_matches(['\'', '"']).to_owned())
}

/// Values of the hidden fields of a page.
pub fn hidden_fields(text: &str) -> Vec<String> {
    if !text.contains("hidden") {
        return Vec::new();
    }
    let page = page(text);
    let Ok(selector) = Selector::parse("input[type=hidden]") else { return Vec::new() };
    page.select(&selector).filter_map(|input| input.attr("value")).map(str::to_owned).collect()
}

/// Whether a page has what a selector names.
pub fn has(text: &str, selector: &str) -> bool {
    Selector::parse(selector).is_ok_and(|selector| page(text).select(&selector).next().is_some())
}

/// The link that a selector names on a page.
pub fn link(base: &Url, text: &str, selector: &str) -> Option<Url> {
    let page = page(text);
    let selector = Selector::parse(selector).ok()?;
    let href = page.select(&selector).find_map(|element| element.attr("href"))?;
    base.join(href).ok()
}

/// What a person does with what a selector names by itself: follow a link, or press a button. `None` for all else, which is
/// filled in.
pub fn press(base: &Url, text: &str, selector: &str, fill: &BTreeMap<String, String>) -> Option<Submission> {
    let document = page(text);
    let element = document.select(&Selector::parse(selector).ok()?).next()?;
    let kind = element.attr("type").unwrap_or("text").to_ascii_lowercase();
    match (element.value().name(), kind.as_str()) {
        ("a", _) => base.join(element.attr("href")?).ok().map(Submission::visit),
        ("button" | "form", _) | ("input", "submit" | "image") => form(base, text, selector, fill, None),
        _ => None,
    }
}

/// What submitting the form that a selector names (or the button in it) sends, with these fields filled in by selector, and
/// with this box, radio button or option chosen.
pub fn form(
    base: &Url,
    text: &str,
    submit: &str,
    fill: &BTreeMap<String, String>,
    choose: Option<&str>,
) -> Option<Submission> {
    let page = page(text);
    let selector = Selector::parse(submit).ok()?;
    let chosen = page.select(&selector).next()?;
    let is_form = |element: &ElementRef<'_>| element.value().name() == "form";
    let by_id = chosen.attr("form").and_then(|id| page.select(&Selector::parse(&format!("form#{id}")).ok()?).next());
    let around = || chosen.ancestors().filter_map(ElementRef::wrap).find(is_form);
    let (form, button) = if is_form(&chosen) { (chosen, None) } else { (by_id.or_else(around)?, Some(chosen)) };
    let mut submission = submission(base, form, button);
    for (selector, value) in fill {
        let selector = Selector::parse(selector).ok()?;
        let name = page.select(&selector).find_map(|field| field.attr("name"))?;
        submission.fields.retain(|(known, _)| known != name);
        submission.fields.push((name.to_owned(), value.clone()));
    }
    if let Some(selector) = choose {
        let element = page.select(&Selector::parse(selector).ok()?).next()?;
        let (name, value, is_one_of_many) = choice(element)?;
        let is_kept = |(known, old): &(String, String)| *known != name || is_one_of_many && *old != value;
        submission.fields.retain(is_kept);
        submission.fields.push((name, value));
    }
    if submission.method == "GET" {
        let fields = std::mem::take(&mut submission.fields);
        submission.url.set_query(None);
        submission.url.query_pairs_mut().extend_pairs(fields);
    }
    Some(submission)
}

/// What choosing an element adds to its form: name, value, and whether others of that name may go along.
fn choice(element: ElementRef<'_>) -> Option<(String, String, bool)> {
    if element.value().name() == "option" {
        let list = element.ancestors().filter_map(ElementRef::wrap).find(|around| around.value().name() == "select")?;
        let value = element.attr("value").map_or_else(|| element.text().collect(), str::to_owned);
        return Some((list.attr("name")?.to_owned(), value, list.attr("multiple").is_some()));
    }
    let is_box = element.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox"));
    Some((element.attr("name")?.to_owned(), element.attr("value").unwrap_or("on").to_owned(), is_box))
}

fn submission(base: &Url, form: ElementRef<'_>, button: Option<ElementRef<'_>>) -> Submission {
    let attribute =
        |name: &str, own: &str| button.and_then(|b| b.attr(name)).or_else(|| form.attr(own)).map(str::to_owned);
    let action = attribute("formaction", "action").unwrap_or_default();
    let method = attribute("formmethod", "method").unwrap_or_default();
    let method = if method.eq_ignore_ascii_case("post") { "POST" } else { "GET" };
    let mut fields = Vec::new();
    if let Ok(selector) = Selector::parse("input, select, textarea") {
        fields.extend(form.select(&selector).filter_map(field));
    }
    if let Some(name) = button.and_then(|button| button.attr("name")) {
        let value = button.and_then(|button| button.attr("value")).unwrap_or("");
        fields.push((name.to_owned(), value.to_owned()));
    }
    Submission { method: method.to_owned(), url: base.join(&action).unwrap_or_else(|_| base.clone()), fields }
}

/// Name and value of a field that is sent along without being touched.
fn field(element: ElementRef<'_>) -> Option<(String, String)> {
    let name = element.attr("name")?.to_owned();
    let kind = element.attr("type").unwrap_or("text").to_ascii_lowercase();
    let value = match (element.value().name(), kind.as_str()) {
        ("input", "submit" | "button" | "image" | "reset" | "file") => return None,
        ("input", "checkbox" | "radio") => {
            element.attr("checked")?;
            element.attr("value").unwrap_or("on").to_owned()
        }
        ("select", _) => {
            let selector = Selector::parse("option").ok()?;
            let options: Vec<_> = element.select(&selector).collect();
            let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first())?;
            chosen.attr("value").map_or_else(|| chosen.text().collect(), str::to_owned)
        }
        ("textarea", _) => element.text().collect(),
        _ => element.attr("value").unwrap_or("").to_owned(),
    };
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://auth.example/a/b?x=1").unwrap()
    }

    fn forwards(status: u16, headers: &[(&str, &str)], text: &str) -> Option<String> {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        forward(&base(), Some(status), &headers, text).map(|sent| sent.as_url().into())
    }

    #[test]
    fn every_way_of_sending_a_browser_on_is_seen() {
        let there = Some("https://pgo.example/cb?code=1".to_owned());
        assert_eq!(forwards(302, &[("Location", "https://pgo.example/cb?code=1")], ""), there);
        assert_eq!(forwards(307, &[("location", "/c")], ""), Some("https://auth.example/c".into()));
        assert_eq!(forwards(200, &[("Refresh", "0;url=https://pgo.example/cb?code=1")], ""), there);
        let meta = r#"<meta http-equiv="Refresh" content="0; URL='https://pgo.example/cb?code=1'">"#;
        assert_eq!(forwards(200, &[], meta), there);
        let posting = r#"<body onload="document.forms[0].submit()"><form method=post action="https://pgo.example/cb">
            <input type=hidden name=code value=1></form>"#;
        assert_eq!(forwards(200, &[], posting), there);
        let getting = posting.replace("post", "get");
        assert_eq!(forwards(200, &[], &getting), there);
        let capitals = r#"<META HTTP-EQUIV=REFRESH CONTENT="0; URL=https://pgo.example/cb?code=1">"#;
        assert_eq!(forwards(200, &[], capitals), there);
        for script in [
            "window.location.replace('https://pgo.example/cb?code=1');",
            r#"window.location.href = "https:\/\/pgo.example\/cb?code\u003d1""#,
            r"location = 'https://pgo.example/cb?code\x3d1'",
            "document.location.assign( \"https://pgo.example/cb?code=1\" )",
        ] {
            let page =
                format!("<p>Een ogenblik</p><script>{script}</script><noscript><a href=/x>Verder</a></noscript>");
            assert_eq!(forwards(200, &[], &page), there, "{script}");
        }
        assert_eq!(forwards(200, &[], "<form action=/x></form>"), None);
    }

    #[test]
    fn a_script_that_may_go_elsewhere_later_does_not_send_the_browser_on() {
        for page in [
            "<script>var here = window.location.href; if (top != self) top.location = '/x';</script>",
            "<script>function back() { location.href = '/x'; }</script>",
            "<script>location == '/x'; location.reload('/x'); location.hash = '#x'</script>",
            "<script>var geolocation = '/x', data = {}; data.location = '/x'</script>",
            "<button>ok</button><script>location.href = '/x'</script>",
        ] {
            assert_eq!(forwards(200, &[], page), None, "{page}");
        }
    }

    #[test]
    fn a_form_that_posts_itself_is_posted() {
        let page = r#"<form method=post action=/acs><input type=hidden name=SAMLResponse value=x></form>
            <script>document.forms[0].submit ()</script>"#;
        let sent = forward(&base(), Some(200), &[], page).unwrap();
        assert_eq!((sent.method.as_str(), sent.url.as_str()), ("POST", "https://auth.example/acs"));
        assert_eq!(sent.fields, [("SAMLResponse".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn a_page_that_is_to_be_read_does_not_send_the_browser_on() {
        assert_eq!(forwards(200, &[("refresh", "900; url=/verlopen")], ""), None);
        assert_eq!(forwards(200, &[], r#"<meta http-equiv="refresh" content="300;url=/verlopen">"#), None);
        let login = r#"<form method=post><input name=naam><button>ok</button></form>
            <script>function ok() { document.forms[0].submit(); }</script>"#;
        assert_eq!(forwards(200, &[], login), None);
    }

    #[test]
    fn a_form_is_sent_as_a_browser_sends_it() {
        let page = r#"<form id=f method=post action=/login><input name=csrf type=hidden value=t><input id=n name=naam>
            <input type=checkbox name=lang value=ja><input type=checkbox name=aan value=ja checked>
            <select name=s><option value=1><option value=2 selected></select><button id=ok name=knop value=ok>ok</button></form>"#;
        let fill = BTreeMap::from([("#n".to_owned(), "rijk".to_owned())]);
        let sent = form(&base(), page, "#ok", &fill, None).unwrap();
        let fields: Vec<String> = sent.fields.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(sent.url.as_str(), "https://auth.example/login");
        assert_eq!(fields, ["csrf=t", "aan=ja", "s=2", "knop=ok", "naam=rijk"]);
        assert_eq!(form(&base(), page, "form#other", &fill, None), None);
    }

    #[test]
    fn a_choice_goes_along_and_a_button_is_pressed() {
        let page = r#"<form method=post action=/c><input type=hidden name=lang value=nee><input type=checkbox id=c name=lang value=ja>
            <input type=radio name=duur value=1 checked><input type=radio id=r name=duur value=2>
            <select name=s><option value=a selected><option id=o value=b></select>
            <button id=ja name=besluit value=ja>ja</button><button id=altijd name=besluit value=altijd>altijd</button></form>
            <a id=weg href=/weg>weg</a>"#;
        let nothing = BTreeMap::new();
        let sent = |choose: Option<&str>| {
            let sent = form(&base(), page, "#ja", &nothing, choose).unwrap();
            sent.fields.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
        };
        assert_eq!(sent(None), "lang=nee&duur=1&s=a&besluit=ja");
        assert_eq!(sent(Some("#c")), "lang=nee&duur=1&s=a&besluit=ja&lang=ja");
        assert_eq!(sent(Some("#r")), "lang=nee&s=a&besluit=ja&duur=2");
        assert_eq!(sent(Some("#o")), "lang=nee&duur=1&besluit=ja&s=b");
        let pressed = press(&base(), page, "#altijd", &nothing).unwrap();
        assert_eq!(pressed.fields.last(), Some(&("besluit".to_owned(), "altijd".to_owned())));
        assert_eq!(press(&base(), page, "#weg", &nothing).unwrap().url.path(), "/weg");
        assert_eq!(press(&base(), page, "#c", &nothing), None);
    }
}

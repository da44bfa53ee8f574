//! The behaviours of form: how a page or a resource is put into an answer, in ways that HTTP, HTML, JSON and XML allow.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fhir::Element;
use crate::fhir::json;
use crate::fhir::xml;
use crate::simulator::dva::media::FHIR_VERSION;
use crate::simulator::dva::media::Form;
use crate::simulator::dva::pages;
use crate::simulator::dva::world::World;
use crate::simulator::http::Reply;

/// Sends the browser to the client.
pub(super) fn back(world: &World, target: &str, framing_allowed: bool) -> Reply {
    let redirect = |status| Reply { status, ..pages::redirect(target, framing_allowed) };
    let page = |head: &str, body: &str| {
        let html = format!("<!DOCTYPE html>\n<html><head>{head}<title>Terug</title></head>{body}</html>");
        Reply::new(200, "text/html; charset=utf-8", html).with("cache-control", "no-store")
    };
    let escaped = pages::escape(target);
    if world.does("redirect-without-scheme") {
        pages::redirect(target.strip_prefix("https:").unwrap_or(target), framing_allowed)
    } else if world.does("redirect-302") {
        redirect(302)
    } else if world.does("redirect-307") {
        redirect(307)
    } else if world.does("redirect-meta-refresh") {
        page(&format!("<META HTTP-EQUIV=\"Refresh\" CONTENT=\"0; URL='{escaped}'\">"), "<body><p>Terug</p></body>")
    } else if world.does("redirect-refresh-header") {
        page("", "<body><p>Terug</p></body>").with("refresh", format!("0; url={target}"))
    } else if world.does("redirect-by-script") {
        let text = target.replace('/', "\\/").replace('&', "\\u0026").replace('<', "\\u003c").replace('\'', "\\u0027");
        page("", &format!("<body><p>Een ogenblik</p><script>window.location.replace('{text}');</script></body>"))
    } else if world.does("redirect-self-posting-page") {
        let (action, query) = target.split_once('?').unwrap_or((target, ""));
        let query = query.split('#').next().unwrap_or_default();
        let fields: String = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| {
                let (name, value) = (pages::escape(&name), pages::escape(&value));
                format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
            })
            .collect();
        let action = pages::escape(action);
        // What stands in a fragment cannot be a field.
        match target.contains('#') {
            true => redirect(303),
            false => page(
                "",
                &format!(
                    "<body onload=\"document.forms[0].submit()\"><form method=\"get\" action=\"{action}\">{fields}\
                     <noscript><button>Verder</button></noscript></form></body>"
                ),
            ),
        }
    } else {
        redirect(303)
    }
}

/// A page with a form that posts itself to this address.
pub(super) fn posting_page(action: &str, form_token: &str) -> Reply {
    let html = format!(
        "<!DOCTYPE html>\n<html><head><title>Doorgaan</title></head><body>\n<form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"formulier\" value=\"{}\"><input type=\"hidden\" name=\"RelayState\" value=\"a&amp;b\">\
         </form>\n<script>document.forms[0].submit();</script>\n</body></html>",
        pages::escape(form_token)
    );
    Reply::new(200, "text/html; charset=utf-8", html).with("cache-control", "no-store")
}

/// Name of the parameter that holds a session in an address.
pub(super) const SESSION: &str = "s";

/// The pages that know the session.
const PAGES: [&str; 7] = ["/inloggen", "/toestemming", "/annuleren", "/mededeling", "/tussen", "/verder", "/doorgeven"];

/// An answer whose addresses carry the session, unless they do already.
pub(super) fn carrying(mut reply: Reply, id: &str) -> Reply {
    let carried = |path: &str| format!("{path}?{SESSION}={id}");
    for (name, value) in &mut reply.headers {
        if *name == "location" && PAGES.iter().any(|path| value.ends_with(path)) {
            *value = carried(value);
        }
    }
    let html = String::from_utf8_lossy(&reply.body).into_owned();
    let quoted = |path: &str| (format!("\"{path}\""), format!("\"{}\"", carried(path)));
    reply.body = PAGES.map(quoted).iter().fold(html, |html, (from, to)| html.replace(from, to)).into_bytes();
    reply
}

/// A page as it is served.
pub(super) fn page(world: &World, mut reply: Reply) -> Reply {
    if world.has("no-transport-security") {
        reply.headers.retain(|(name, _)| *name != "strict-transport-security");
    }
    let stays = reply.headers.iter().all(|(name, _)| !matches!(*name, "location" | "refresh"));
    if world.does("pages-expire") && stays {
        let html = String::from_utf8_lossy(&reply.body).into_owned();
        if !html.to_ascii_lowercase().contains("http-equiv") && !html.contains("onload") {
            let expires = "<head>\n<meta http-equiv=\"refresh\" content=\"900; url=/verlopen\">";
            reply.body = html.replacen("<head>", expires, 1).into_bytes();
        }
    }
    reply
}

/// The same answer with its body packed.
pub(super) fn packed(reply: Reply) -> Reply {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let done = encoder.write_all(&reply.body).and_then(|()| encoder.finish());
    match done {
        Ok(body) if !reply.body.is_empty() => Reply { body, ..reply }.with("content-encoding", "gzip"),
        _ => reply,
    }
}

/// The media type of a resource.
pub(super) fn media_type(world: &World, form: Form) -> String {
    let name = match form {
        Form::Json => "json",
        Form::Xml => "xml",
    };
    if world.does("content-type-version-last") {
        format!("application/fhir+{name}; charset=utf-8; fhirVersion={FHIR_VERSION}")
    } else if world.does("content-type-alone") {
        format!("application/FHIR+{name}")
    } else {
        form.media_type()
    }
}

/// A resource as text.
pub(super) fn written(world: &World, form: Form, resource: &Element) -> String {
    let model = Some(world.definitions as _);
    match form {
        // A stroke stands in texts alone, and may be escaped there.
        Form::Json if world.does("json-pretty") => json::write_pretty(resource, model).replace('/', "\\/"),
        Form::Json => json::write(resource, model),
        Form::Xml if world.does("xml-decorated") => decorated(&xml::write_pretty(resource, model)),
        Form::Xml if world.does("xml-prefixed") => prefixed(&xml::write(resource, model)),
        Form::Xml => xml::write(resource, model),
    }
}

fn without_declaration(xml: &str) -> &str {
    match xml.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(xml, |(_, rest)| rest.trim_start()),
        None => xml,
    }
}

fn decorated(xml: &str) -> String {
    let body = without_declaration(xml);
    let (root, rest) = body.split_once('>').unwrap_or((body, ""));
    format!(
        "\u{feff}<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<!-- bron: 1 < 2 & 3 -->\n\
         <?xml-stylesheet type=\"text/xsl\" href=\"fhir.xsl\"?>\n{root}><!-- inhoud --><?verwerk ja?>{rest}<!-- einde -->\n"
    )
}

/// The same document with a prefix for FHIR; XHTML keeps its own default namespace.
fn prefixed(xml: &str) -> String {
    let body =
        without_declaration(xml).replacen(" xmlns=\"http://hl7.org/fhir\"", " xmlns:f=\"http://hl7.org/fhir\"", 1);
    let mut out = String::with_capacity(body.len() * 2);
    let mut in_xhtml = false;
    let mut rest = body.as_str();
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let xhtml = rest.starts_with("<div");
        in_xhtml |= xhtml;
        let marks = if rest.starts_with("</") { "</" } else { "<" };
        out.push_str(marks);
        if !in_xhtml {
            out.push_str("f:");
        }
        // The div of a narrative is the last thing in its element: it ends where `</text>` begins.
        rest = &rest[marks.len()..];
        if in_xhtml && let Some(end) = rest.find("</text>") {
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            in_xhtml = false;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dressed_up_reads_as_the_same() {
        let plain = "<?xml version=\"1.0\"?>\n<Patient xmlns=\"http://hl7.org/fhir\"><text><status value=\"generated\"/>\
                     <div xmlns=\"http://www.w3.org/1999/xhtml\"><div>a</div></div></text><active value=\"true\"/></Patient>";
        let read = |text: &str| {
            let (root, _) = xml::parse(text.as_bytes()).unwrap();
            json::write(&root, None)
        };
        assert!(prefixed(plain).contains("<f:active value=\"true\"/></f:Patient>"), "{}", prefixed(plain));
        assert_eq!(read(&prefixed(plain)), read(plain));
        assert_eq!(read(&decorated(plain)), read(plain));
    }
}

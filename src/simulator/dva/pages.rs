//! The pages that a person meets: landing page, login (in place of DigiD), consent, and errors.
//!
//! Plain server-rendered HTML in Dutch, the language of who reads them. Everything that comes from a request is
//! escaped. The ids are what the login steps of the candidate file name.

use crate::simulator::http::Reply;

/// The landing page: where the person is and what is asked; `shares` for Delen.
pub(super) fn landing(provider: &str, client: &str, shares: bool) -> String {
    let (provider, client) = (escape(provider), escape(client));
    let (title, words) = match shares {
        true => (
            "Gegevens delen",
            format!(
                "<p>U wilt gezondheidsgegevens uit uw persoonlijke gezondheidsomgeving <strong>{client}</strong> delen \
                 met <strong>{provider}</strong>.</p>\n<p>Hierna logt u in en bevestigt u dat. Er wordt niets gedeeld \
                 voordat u dat hebt gedaan.</p>"
            ),
        ),
        false => (
            "Gegevens verzamelen",
            format!(
                "<p>U wilt gezondheidsgegevens van <strong>{provider}</strong> verzamelen in uw persoonlijke \
                 gezondheidsomgeving <strong>{client}</strong>.</p>\n<p>Hierna logt u in en geeft u toestemming. Er worden \
                 geen gegevens gedeeld voordat u dat hebt gedaan.</p>"
            ),
        ),
    };
    let buttons = "<p class=\"knoppen\"><a class=\"knop\" id=\"verder\" href=\"/inloggen\">Verder</a> \
                   <a id=\"annuleren\" href=\"/annuleren\">Annuleren</a></p>";
    page(title, &format!("{words}\n{buttons}"))
}

/// The login page; `extra` is HTML that stands in the form.
pub(super) fn login(form_token: &str, failed: bool, extra: &str) -> String {
    let failure = match failed {
        true => "<p class=\"fout\" role=\"alert\">De gebruikersnaam of het wachtwoord klopt niet.</p>\n",
        false => "",
    };
    page(
        "Inloggen",
        &format!(
            "<p>Deze pagina staat in de plaats van DigiD. Alleen de fictieve personen van deze testomgeving kunnen \
             inloggen.</p>\n{failure}<form id=\"inloggen\" method=\"post\" action=\"/inloggen\">\n\
             <input type=\"hidden\" name=\"formulier\" value=\"{}\">\n\
             {extra}<label for=\"naam\">Gebruikersnaam</label>\n\
             <input id=\"naam\" name=\"naam\" autocomplete=\"username\" required>\n\
             <label for=\"wachtwoord\">Wachtwoord</label>\n\
             <input id=\"wachtwoord\" name=\"wachtwoord\" type=\"password\" autocomplete=\"current-password\" required>\n\
             <p class=\"knoppen\"><button class=\"knop\" id=\"aanmelden\">Inloggen</button> \
             <a id=\"annuleren\" href=\"/annuleren\">Annuleren</a></p>\n</form>",
            escape(form_token)
        ),
    )
}

/// A page that has to be read before one goes on.
pub(super) fn notice() -> String {
    page(
        "Mededeling",
        "<p>U logt voor het eerst in.</p>\n<p class=\"knoppen\"><a class=\"knop\" id=\"gelezen\" href=\"/toestemming\">Verder</a></p>",
    )
}

/// The consent page. Consent for an indefinite time is offered and not chosen beforehand.
pub(super) fn consent(form_token: &str, person: &str, provider: &str, client: &str, by_buttons: bool) -> String {
    let (choice, button) = match by_buttons {
        false => (
            "<p class=\"keuze\"><input type=\"checkbox\" id=\"onbepaald\" name=\"onbepaald\" value=\"ja\">\n\
             <label for=\"onbepaald\">Ik geef deze toestemming voor onbepaalde tijd. Zij vervalt als er zes maanden geen \
             gegevens zijn verzameld; intrekken kan altijd.</label></p>\n",
            "",
        ),
        true => {
            ("", "<button id=\"onbepaald\" name=\"besluit\" value=\"altijd\">Toestaan voor onbepaalde tijd</button> ")
        }
    };
    page(
        "Toestemming geven",
        &format!(
            "<p>Ingelogd als <strong>{}</strong>.</p>\n<form id=\"toestemming\" method=\"post\" action=\"/toestemming\">\n\
             <input type=\"hidden\" name=\"formulier\" value=\"{}\">\n\
             <p>Geeft u <strong>{}</strong> toestemming om uw gezondheidsgegevens eenmalig beschikbaar te stellen aan \
             <strong>{}</strong>?</p>\n\
             {choice}\
             <p class=\"knoppen\"><button class=\"knop\" id=\"toestaan\" name=\"besluit\" value=\"toestaan\">Toestaan</button> \
             {button}<button id=\"weigeren\" name=\"besluit\" value=\"weigeren\">Weigeren</button></p>\n</form>",
            escape(person),
            escape(form_token),
            escape(provider),
            escape(client)
        ),
    )
}

/// The page that asks to confirm what is shared. The confirmation holds for this once, so no more is offered.
pub(super) fn confirmation(form_token: &str, person: &str, provider: &str, client: &str) -> String {
    page(
        "Bevestigen",
        &format!(
            "<p>Ingelogd als <strong>{}</strong>.</p>\n<form id=\"toestemming\" method=\"post\" action=\"/toestemming\">\n\
             <input type=\"hidden\" name=\"formulier\" value=\"{}\">\n\
             <p>Bevestigt u dat u nu documenten uit <strong>{}</strong> beschikbaar wilt stellen aan \
             <strong>{}</strong>? Deze bevestiging geldt alleen voor deze ene keer.</p>\n\
             <p class=\"knoppen\"><button class=\"knop\" id=\"toestaan\" name=\"besluit\" value=\"toestaan\">Bevestigen</button> \
             <button id=\"weigeren\" name=\"besluit\" value=\"weigeren\">Weigeren</button></p>\n</form>",
            escape(person),
            escape(form_token),
            escape(client),
            escape(provider)
        ),
    )
}

/// The way in to the overview of consents.
pub(super) fn consents_login() -> String {
    page(
        "Toestemmingen beheren",
        "<p>Log in om te zien aan welke gezondheidsomgevingen u voor onbepaalde tijd toestemming gaf.</p>\n\
         <form id=\"inloggen\" method=\"post\" action=\"/toestemmingen\">\n<label for=\"naam\">Gebruikersnaam</label>\n\
         <input id=\"naam\" name=\"naam\" autocomplete=\"username\" required>\n\
         <label for=\"wachtwoord\">Wachtwoord</label>\n<input id=\"wachtwoord\" name=\"wachtwoord\" type=\"password\" \
         autocomplete=\"current-password\" required>\n<p class=\"knoppen\"><button class=\"knop\">Inloggen</button></p>\n</form>",
    )
}

/// To whom a person gave long consent.
pub(super) fn consents_overview(form_token: &str, clients: &[String]) -> String {
    let row = |client: &String| {
        format!(
            "<li><strong>{client}</strong> <button name=\"dvp\" value=\"{client}\" class=\"beeindigen\">Beëindigen</button></li>\n",
            client = escape(client)
        )
    };
    let rows: String = clients.iter().map(row).collect();
    let list = match rows.is_empty() {
        true => "<p>U gaf geen toestemming voor onbepaalde tijd.</p>".to_owned(),
        false => format!("<ul>\n{rows}</ul>"),
    };
    page(
        "Uw toestemmingen",
        &format!(
            "<form method=\"post\" action=\"/toestemmingen/beeindigen\">\n\
             <input type=\"hidden\" name=\"formulier\" value=\"{}\">\n{list}\n</form>",
            escape(form_token)
        ),
    )
}

/// The statement that ends a consent (Beëindigingsverklaring Toestemming).
pub(super) fn consents_statement(form_token: &str, provider: &str, client: &str) -> String {
    page(
        "Toestemming beëindigen",
        &format!(
            "<form method=\"post\" action=\"/toestemmingen/bevestigen\">\n\
             <input type=\"hidden\" name=\"formulier\" value=\"{}\">\n\
             <input type=\"hidden\" name=\"dvp\" value=\"{client}\">\n\
             <p>Wilt u dat <strong>{}</strong> geen gezondheidsgegevens meer beschikbaar stelt aan <strong>{client}</strong>?</p>\n\
             <p class=\"knoppen\"><button class=\"knop\" id=\"bevestigen\">Beëindigen</button> \
             <button id=\"terug\" formaction=\"/toestemmingen/overzicht\">Annuleren</button></p>\n</form>",
            escape(form_token),
            escape(provider),
            client = escape(client),
        ),
    )
}

/// An error that the person cannot do anything about here. `back` is an address for a link back, where that is allowed.
pub(super) fn error(message: &str, back: Option<&str>) -> String {
    let back = back.map_or_else(String::new, |address| {
        format!(
            "\n<p class=\"knoppen\"><a id=\"terug\" href=\"{}\">Terug naar uw gezondheidsomgeving</a></p>",
            escape(address)
        )
    });
    page("Er ging iets mis", &format!("<p class=\"fout\" role=\"alert\">{}</p>{back}", escape(message)))
}

/// An answer with a page and the headers that protect it.
pub(super) fn reply(status: u16, html: String, framing_allowed: bool) -> Reply {
    protect(Reply::new(status, "text/html; charset=utf-8", html), framing_allowed)
}

/// A redirect that the browser follows with a GET.
pub(super) fn redirect(target: &str, framing_allowed: bool) -> Reply {
    protect(Reply::empty(303).with("location", target), framing_allowed)
}

fn protect(reply: Reply, framing_allowed: bool) -> Reply {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";
    let reply = match framing_allowed {
        true => reply.with("content-security-policy", policy),
        false => reply
            .with("content-security-policy", format!("{policy}; frame-ancestors 'none'"))
            .with("x-frame-options", "DENY"),
    };
    reply
        .with("x-content-type-options", "nosniff")
        .with("referrer-policy", "no-referrer")
        .with("strict-transport-security", "max-age=31536000")
        .with("cache-control", "no-store")
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"nl\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - Referentie-DVA</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>Referentie-DVA <span>toetsbank</span></header>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n\
         <footer>Testomgeving: alle personen zijn fictief.</footer>\n</body>\n</html>\n"
    )
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:0;color:#1c2733;background:#eef2f6}\
header{background:#12395b;color:#fff;padding:1rem 1.5rem;font-weight:600}header span{font-weight:400;opacity:.75}\
main{max-width:34rem;margin:2rem auto;background:#fff;padding:1.5rem 2rem;border-radius:.5rem;box-shadow:0 1px 4px #0002}\
h1{font-size:1.4rem;margin-top:0}label{display:block;margin-top:.75rem}.keuze{display:flex;gap:.75rem}\
.keuze label{margin:0}input:not([type]),input[type=password]{width:100%;box-sizing:border-box;padding:.5rem;font:inherit}\
.knoppen{margin-top:1.5rem;display:flex;gap:1rem;align-items:center}\
.knop,button{font:inherit;padding:.55rem 1.2rem;border-radius:.3rem;border:1px solid #12395b;background:#fff;color:#12395b;\
text-decoration:none;cursor:pointer}.knop{background:#12395b;color:#fff}.fout{color:#8c1d18;font-weight:600}\
footer{text-align:center;color:#5a6875;font-size:.875rem;padding:1rem}";

/// Text for HTML, also inside a quoted attribute.
pub(in crate::simulator) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let html = error("<script>", Some("\"><b>"));
        assert!(html.contains("&lt;script&gt;") && html.contains("href=\"&quot;&gt;&lt;b&gt;\""), "{html}");
    }

    #[test]
    fn consent_for_an_indefinite_time_is_offered_and_not_chosen() {
        let html = consent("x", "Iemand", "huis", "pgo", false);
        let document = scraper::Html::parse_document(&html);
        let selector = scraper::Selector::parse("input#onbepaald").unwrap();
        let option = document.select(&selector).next().unwrap();
        assert_eq!(option.value().attr("checked"), None);
    }

    #[test]
    fn a_confirmation_is_for_this_once() {
        let html = confirmation("x", "Iemand", "huis", "pgo");
        assert!(html.contains("alleen voor deze ene keer") && !html.contains("onbepaald"), "{html}");
        assert!(landing("huis", "pgo", true).contains("delen met <strong>huis</strong>"));
    }

    #[test]
    fn pages_may_not_be_framed() {
        let header = |reply: &Reply, name: &str| {
            reply.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        };
        let safe = reply(200, landing("a", "b", false), false);
        assert_eq!(header(&safe, "x-frame-options").as_deref(), Some("DENY"));
        let unsafe_one = reply(200, landing("a", "b", false), true);
        assert_eq!(header(&unsafe_one, "x-frame-options"), None);
        assert!(!header(&unsafe_one, "content-security-policy").unwrap().contains("frame-ancestors"));
    }
}

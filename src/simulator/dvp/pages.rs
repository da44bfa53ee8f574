//! What the person sees at the DVP.

use crate::simulator::dva::escape;
use crate::simulator::http::Reply;

/// A page with a title and a text.
pub(super) fn page(status: u16, title: &str, text: &str) -> Reply {
    let (title, text) = (escape(title), escape(text));
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"nl\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} - Referentie-PGO</title>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n<p id=\"uitkomst\">{text}</p>\n</main>\n</body>\n</html>\n"
    );
    Reply::new(status, "text/html; charset=utf-8", html)
        .with("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
        .with("x-content-type-options", "nosniff")
        .with("x-frame-options", "DENY")
        .with("referrer-policy", "no-referrer")
        .with("strict-transport-security", "max-age=31536000")
        .with("cache-control", "no-store")
}

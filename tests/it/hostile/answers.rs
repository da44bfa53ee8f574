//! What the hostile server answers, case by case.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::hostile_server::Answer;
use crate::hostile_server::Asked;
use crate::hostile_server::End;
use crate::hostile_server::GOOD;

pub const PASSWORD: &str = "Kanarie-W8woord&<77>";
pub const CODE: &str = "kanarie-code-5f2e9c1b7a44d0";
pub const TOKEN: &str = "kanarie-token-9b1c7de2f3a455";
pub const FIRST_TOKEN: &str = "kanarie-first-0c7de2f3a455aa";
pub const BSN: &str = "999911120";
pub const REDIRECT_URI: &str = "https://pgo.example/cb";
pub const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}evil";

/// What the server does, by the first part of the path.
pub fn behave(asked: &Asked) -> Answer {
    let mut parts = asked.path.trim_start_matches('/').splitn(2, '/');
    let (case, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    match rest {
        "authorize" => authorization(case, asked),
        "token" => token(case),
        "page" => closed(http(200, "text/html", "<form id=inloggen method=post action=/login-elsewhere/x></form>")),
        _ => resource(case, asked),
    }
}

fn authorization(case: &str, asked: &Asked) -> Answer {
    let state = asked.query.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap_or("");
    let to = |target: &str| closed(redirect(target));
    match case {
        "auth-loop" => to("/auth-loop/authorize?again"),
        "auth-other-host" => to("https://login.somebody-else.example/steal"),
        "auth-no-element" => closed(http(200, "text/html", &format!("<p>{EVIL}</p>"))),
        "auth-form-elsewhere" => closed(http(
            200,
            "text/html",
            "<form id=inloggen method=post action='https://steal.example/x'><input id=w name=w></form>",
        )),
        "auth-html-bomb" => closed(http(200, "text/html", &"<b><i><p>".repeat(100_000))),
        "auth-error" => to(&format!("{REDIRECT_URI}?error={}&state={state}", PASSWORD.replace('&', "%26"))),
        "auth-hang" => Answer { bytes: Vec::new(), end: End::Hang },
        "auth-403" => closed(http(403, "text/html", "no")),
        _ => to(&format!("{REDIRECT_URI}?code={CODE}&state={state}")),
    }
}

fn token(case: &str) -> Answer {
    let plain = format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":900,"scope":"x"}}"#);
    let json = |text: &str| closed(http(200, "application/json", text));
    match case {
        "token-cut" => Answer {
            bytes: format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{\"access_token\":\"{TOKEN}\""
            )
            .into_bytes(),
            end: End::Close,
        },
        "token-html" => closed(http(200, "text/html", &format!("<p>access_token={TOKEN}</p>"))),
        "token-deep" => json(&"[".repeat(100_000)),
        "token-twice" => json(&plain.replacen('{', &format!(r#"{{"access_token":"{FIRST_TOKEN}","#), 1)),
        _ => json(&plain),
    }
}

fn resource(case: &str, asked: &Asked) -> Answer {
    let fhir = |text: &str| closed(http(200, "application/fhir+json", text));
    let bundle = |next: &str| {
        let link =
            if next.is_empty() { String::new() } else { format!(r#","link":[{{"relation":"next","url":"{next}"}}]"#) };
        fhir(&format!(r#"{{"resourceType":"Bundle","type":"searchset","total":0{link}}}"#))
    };
    let hex: String = TOKEN.bytes().map(|byte| format!("{byte:02x}")).collect();
    let echo = format!(
        r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","code":"login","diagnostics":"{TOKEN} {CODE} {PASSWORD} {} {hex} {} {BSN}"}}]}}"#,
        STANDARD.encode(TOKEN),
        STANDARD.encode(PASSWORD),
    );
    match case {
        "html" => closed(http(200, "text/html", &format!("<html>{EVIL}</html>"))),
        "cut" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000\r\n\r\n{\"resourceType\":".to_vec(),
            end: End::Close,
        },
        "cut-without-close" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000\r\n\r\n{\"resou".to_vec(),
            end: End::Cut,
        },
        "chunked-without-end" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"resourceType\":".to_vec(),
            end: End::Close,
        },
        "slow" => Answer {
            bytes: b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n{\"resourceType\":".to_vec(),
            end: End::Drip,
        },
        "hang" => Answer { bytes: Vec::new(), end: End::Hang },
        "gigantic" => closed(http(200, "application/fhir+json", &" ".repeat(3 << 20))),
        "redirect-loop" => closed(redirect(&asked.path)),
        "redirect-host" => closed(redirect("https://steal.example/x")),
        "invalid-utf8" => {
            let body = [&b"{\"resourceType\":\"Bundle\xff\xfe "[..], TOKEN.as_bytes(), b"\"}"].concat();
            closed(raw("HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json", &body))
        }
        "deep-json" => fhir(&format!(r#"{{"resourceType":"Bundle","entry":{}"#, "[".repeat(500_000))),
        "deep-xml" => closed(http(200, "application/fhir+xml", &"<a>".repeat(200_000))),
        "xml-dtd" => closed(http(
            200,
            "application/fhir+xml",
            "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]><Bundle xmlns=\"http://hl7.org/fhir\"><id value=\"&a;&c;\"/></Bundle>",
        )),
        "status-204" => closed(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        "status-1xx" => closed(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_vec()),
        "status-1xx-endless" => Answer { bytes: b"HTTP/1.1 100 Continue\r\n\r\n".repeat(20_000), end: End::Hang },
        "status-799" => closed(http(799, "application/fhir+json", "{}")),
        "status-none" => closed(b"HTTP/1.1 OK\r\n\r\n".to_vec()),
        "status-429" => closed(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n".to_vec()),
        "status-429-now" => closed(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n".to_vec()),
        "status-503" => closed(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n".to_vec()),
        "header-bomb" => closed(format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Bomb: 1\r\n".repeat(20_000)).into_bytes()),
        "header-long" => closed(format!("HTTP/1.1 200 OK\r\nX-Bomb: {}\r\n\r\n", "a".repeat(4 << 20)).into_bytes()),
        "header-bytes" => closed(raw(&format!("HTTP/1.1 200 OK\r\nX-{TOKEN}: {TOKEN}\r\nX-Odd: \u{202e}{EVIL}"), b"x")),
        "gzip" => closed(raw(
            "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Encoding: gzip",
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0],
        )),
        "gzip-bomb" => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&[b' '; 4 << 20]).unwrap();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Encoding: gzip";
            closed(raw(head, &packed.finish().unwrap()))
        }
        "br" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Encoding: br";
            closed(raw(head, TOKEN.as_bytes()))
        }
        "duplicate-keys" => fhir(r#"{"resourceType":"Bundle","type":"searchset","type":"history","total":0}"#),
        "echo" => closed(raw(
            &format!("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/fhir+json\r\nX-Echo: {TOKEN} {hex}"),
            echo.as_bytes(),
        )),
        "hostile-fields" => {
            let evil = EVIL.replace('"', "\\\"");
            fhir(&format!(
                r#"{{"resourceType":"Bundle","type":"{evil}","{evil}":"{evil}","total":1,"entry":[{{"fullUrl":"{evil}","resource":{{"resourceType":"AllergyIntolerance","id":"{evil}","meta":{{"profile":["{evil}"]}},"text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(3)</script></div>"}},"code":{{"text":"{evil}"}}}}}}]}}"#
            ))
        }
        "next-other-host" => bundle("https://steal.example/fhir?page=2"),
        "next-plain-http" => bundle(&format!("http://{GOOD}/fhir?page=2")),
        "next-loop" => bundle(&format!("https://{GOOD}/next-loop/AllergyIntolerance?page=2")),
        "next-endless" => {
            let page: u32 = asked.query.strip_prefix("page=").and_then(|text| text.parse().ok()).unwrap_or(0);
            bundle(&format!("https://{GOOD}/next-endless/AllergyIntolerance?page={}", page + 1))
        }
        _ => bundle(""),
    }
}

fn closed(bytes: Vec<u8>) -> Answer {
    Answer { bytes, end: End::Close }
}

fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), format!("\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn http(status: u16, media_type: &str, body: &str) -> Vec<u8> {
    raw(&format!("HTTP/1.1 {status} X\r\nContent-Type: {media_type}"), body.as_bytes())
}

fn redirect(target: &str) -> Vec<u8> {
    raw(&format!("HTTP/1.1 302 Found\r\nLocation: {target}"), b"")
}

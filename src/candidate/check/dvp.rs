//! What must hold of the candidate file of a DVP beyond its form.

use url::Url;

use crate::candidate::check::Checker;
use crate::candidate::dvp::LONGEST;

impl Checker<'_> {
    pub(super) fn check_dvp(&mut self) {
        self.production();
        self.redirect_uri("/client/redirect_uri", self.text("/client/client_id").as_deref());
        for pointer in self.all("/client/hosts").into_iter().chain(["/client/client_id".to_owned()]) {
            let Some(host) = self.text(&pointer) else { continue };
            let is_host = Url::parse(&format!("https://{host}/")).is_ok_and(|url| url.host_str() == Some(&host));
            if !is_host {
                self.fail(
                    &pointer,
                    format!("`{host}` is no host name"),
                    "write `pgo.voorbeeld.example`, in lower case",
                );
            }
        }
        self.trust();
        let port = self.value("/world/port").and_then(serde_json::Value::as_u64);
        if port.is_some_and(|port| !(1..65535).contains(&port)) {
            self.fail("/world/port", "the port is out of range", "the next one is used too: at most 65534");
        }
        self.world();
        self.drive();
        self.waivers();
    }

    fn world(&mut self) {
        if let Some(suffix) = self.text("/world/host_suffix") {
            let url = Url::parse(&format!("https://x.{suffix}/"));
            if !url.is_ok_and(|url| url.host_str() == Some(&format!("x.{suffix}"))) {
                self.fail(
                    "/world/host_suffix",
                    format!("`{suffix}` is no domain"),
                    "write `medmij.voorbeeld.example`, in lower case, without a point before it",
                );
            }
        }
        for i in 0..self.length("/world/certificates") {
            self.pem(&format!("/world/certificates/{i}/certificate"), "CERTIFICATE");
            self.pem(&format!("/world/certificates/{i}/key"), "PRIVATE KEY");
        }
    }

    fn drive(&mut self) {
        if self.value("/drive").is_none() {
            return;
        }
        if self.value("/drive/start").is_none() && self.value("/drive/collect").is_none() {
            let error = self.document.key_error("/drive", "nothing starts collecting");
            let hint = "give `start`, the address at which a person begins, or `collect`, a command or call; leave \
                        [drive] out when people do it (`toetsbank serve`)";
            self.errors.push(error.hint(hint));
        }
        if let Some(start) = self.text("/drive/start") {
            let filled =
                ["${provider}", "${service}", "${patient}"].iter().fold(start.clone(), |s, v| s.replace(v, "x"));
            if !Url::parse(&filled).is_ok_and(|url| url.scheme() == "https" && url.has_host()) {
                self.fail(
                    "/drive/start",
                    format!("`{start}` is no https address"),
                    "write `https://pgo.voorbeeld.example/verzamelen?aanbieder=${provider}&dienst=${service}`",
                );
            }
        }
        let is_own = self.value("/drive/own_browser").and_then(serde_json::Value::as_bool) == Some(true);
        let has = |name: &str| self.value(name).is_some();
        if is_own && (!has("/drive/collect") || has("/drive/open") || has("/drive/start")) {
            let message = "with a browser of its own a DVP is started by `collect` alone";
            self.fail("/drive/own_browser", message, "leave `start` and `open` out, and give `collect`");
        }
        for name in ["/drive/collect", "/drive/open"] {
            self.hook(name);
        }
        self.seconds("/drive/settle");
        self.pages("/drive/steps");
    }

    fn hook(&mut self, pointer: &str) {
        if self.value(pointer).is_none() {
            return;
        }
        let (command, post) = (format!("{pointer}/command"), format!("{pointer}/post"));
        if (self.length(&command) > 0) == self.value(&post).is_some() {
            let message = "a hook is either a `command` or a `post`";
            self.fail(
                pointer,
                message,
                "write `{ command = [\"./start.sh\", \"${provider}\"] }` or `{ post = \"http://…\" }`",
            );
        }
        if let Some(text) = self.text(&post) {
            match Url::parse(&text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                    self.found.urls.insert(post.clone(), url);
                }
                _ => self.fail(
                    &post,
                    format!("`{text}` is no http or https address"),
                    "write `http://127.0.0.1:9000/collect`",
                ),
            }
        }
        let headers = format!("{pointer}/headers");
        if !self.keys(&headers).is_empty() && self.value(&post).is_none() {
            self.fail(&headers, "a command has no `headers`", "leave them out, or use `post`");
        }
        self.seconds(&format!("{pointer}/timeout"));
    }

    fn seconds(&mut self, pointer: &str) {
        let Some(value) = self.value(pointer).and_then(serde_json::Value::as_f64) else { return };
        if !(0.0..=LONGEST).contains(&value) {
            self.fail(pointer, format!("`{value}` is out of range"), "give seconds, at most 3600");
        }
    }

    /// Pointers of the elements of a list.
    fn all(&self, pointer: &str) -> Vec<String> {
        (0..self.length(pointer)).map(|i| format!("{pointer}/{i}")).collect()
    }
}

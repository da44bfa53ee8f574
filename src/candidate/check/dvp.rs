//! What must hold of the candidate file of a DVP beyond its form.

use url::Url;

use crate::candidate::check::Checker;
use crate::candidate::dvp::LONGEST;
use crate::text;

impl Checker<'_> {
    pub(super) fn check_dvp(&mut self) {
        self.production();
        self.redirect_uri("/client/redirect_uri", self.text("/client/client_id").as_deref());
        for pointer in self.all("/client/hosts").into_iter().chain(["/client/client_id".to_owned()]) {
            let Some(host) = self.text(&pointer) else { continue };
            let is_host = Url::parse(&format!("https://{host}/")).is_ok_and(|url| url.host_str() == Some(&host));
            if !is_host {
                let message = text!("`{host}` is geen hostnaam", "`{host}` is no host name");
                let hint = text!(
                    "schrijf `pgo.voorbeeld.example`, in kleine letters",
                    "write `pgo.voorbeeld.example`, in lower case"
                );
                self.fail(&pointer, message, hint);
            }
        }
        self.trust();
        let port = self.value("/world/port").and_then(serde_json::Value::as_u64);
        if port.is_some_and(|port| !(1..65535).contains(&port)) {
            let message = text!("de poort valt buiten het bereik", "the port is out of range");
            let hint =
                text!("de volgende wordt ook gebruikt: ten hoogste 65534", "the next one is used too: at most 65534");
            self.fail("/world/port", message, hint);
        }
        self.world();
        self.drive();
        self.waivers();
    }

    fn world(&mut self) {
        if let Some(suffix) = self.text("/world/host_suffix") {
            let url = Url::parse(&format!("https://x.{suffix}/"));
            if !url.is_ok_and(|url| url.host_str() == Some(&format!("x.{suffix}"))) {
                let message = text!("`{suffix}` is geen domein", "`{suffix}` is no domain");
                let hint = text!(
                    "schrijf `medmij.voorbeeld.example`, in kleine letters, zonder punt ervoor",
                    "write `medmij.voorbeeld.example`, in lower case, without a point before it"
                );
                self.fail("/world/host_suffix", message, hint);
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
            let message = text!("niets begint met verzamelen", "nothing starts collecting");
            let hint = text!(
                "geef `start`, het adres waar een persoon begint, of `collect`, een commando of aanroep; laat [drive] \
                 weg als mensen het doen (`toetsbank serve`)",
                "give `start`, the address at which a person begins, or `collect`, a command or call; leave [drive] \
                 out when people do it (`toetsbank serve`)"
            );
            self.errors.push(self.document.key_error("/drive", message).hint(hint));
        }
        if let Some(start) = self.text("/drive/start") {
            let filled =
                ["${provider}", "${service}", "${patient}"].iter().fold(start.clone(), |s, v| s.replace(v, "x"));
            if !Url::parse(&filled).is_ok_and(|url| url.scheme() == "https" && url.has_host()) {
                let message = text!("`{start}` is geen https-adres", "`{start}` is no https address");
                let example = "https://pgo.voorbeeld.example/verzamelen?aanbieder=${provider}&dienst=${service}";
                self.fail("/drive/start", message, text!("schrijf `{example}`", "write `{example}`"));
            }
        }
        let is_own = self.value("/drive/own_browser").and_then(serde_json::Value::as_bool) == Some(true);
        let has = |name: &str| self.value(name).is_some();
        if is_own && (!has("/drive/collect") || has("/drive/open") || has("/drive/start")) {
            let message = text!(
                "een DVP met een eigen browser begint alleen met `collect`",
                "with a browser of its own a DVP is started by `collect` alone"
            );
            let hint = text!(
                "laat `start` en `open` weg, en geef `collect`",
                "leave `start` and `open` out, and give `collect`"
            );
            self.fail("/drive/own_browser", message, hint);
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
            let message = text!("een hook is een `command` of een `post`", "a hook is either a `command` or a `post`");
            let command = "{ command = [\"./start.sh\", \"${provider}\"] }";
            let post = "{ post = \"http://…\" }";
            let hint = text!("schrijf `{command}` of `{post}`", "write `{command}` or `{post}`");
            self.fail(pointer, message, hint);
        }
        if let Some(text) = self.text(&post) {
            match Url::parse(&text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                    self.found.urls.insert(post.clone(), url);
                }
                _ => {
                    let message =
                        text!("`{text}` is geen http- of https-adres", "`{text}` is no http or https address");
                    let hint =
                        text!("schrijf `http://127.0.0.1:9000/collect`", "write `http://127.0.0.1:9000/collect`");
                    self.fail(&post, message, hint);
                }
            }
        }
        let headers = format!("{pointer}/headers");
        if !self.keys(&headers).is_empty() && self.value(&post).is_none() {
            let message = text!("een commando heeft geen `headers`", "a command has no `headers`");
            let hint = text!("laat ze weg, of gebruik `post`", "leave them out, or use `post`");
            self.fail(&headers, message, hint);
        }
        self.seconds(&format!("{pointer}/timeout"));
    }

    fn seconds(&mut self, pointer: &str) {
        let Some(value) = self.value(pointer).and_then(serde_json::Value::as_f64) else { return };
        if !(0.0..=LONGEST).contains(&value) {
            let message = text!("`{value}` valt buiten het bereik", "`{value}` is out of range");
            let hint = text!("geef seconden, ten hoogste 3600", "give seconds, at most 3600");
            self.fail(pointer, message, hint);
        }
    }

    /// Pointers of the elements of a list.
    fn all(&self, pointer: &str) -> Vec<String> {
        (0..self.length(pointer)).map(|i| format!("{pointer}/{i}")).collect()
    }
}

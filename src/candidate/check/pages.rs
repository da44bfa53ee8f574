//! What must hold of the pages in a candidate file that the browser goes through: to log in, and to end a consent.

use scraper::Selector;

use crate::candidate::check::Checker;
use crate::document::child;

impl Checker<'_> {
    pub(super) fn login(&mut self) {
        let mode = self.mode();
        if mode == "form" && self.length("/login/steps") == 0 {
            let pointer = if self.value("/login").is_some() { "/login" } else { "" };
            let error = self.document.key_error(pointer, "login mode `form` without steps");
            self.errors
                .push(error.hint("describe each page under [login] `steps`, or choose mode `manual` or `token`"));
        }
        self.selector_at("/login/indefinite");
        self.pages("/login/steps");
    }

    pub(super) fn withdrawal(&mut self) {
        self.url("/withdrawal/start");
        self.pages("/withdrawal/steps");
    }

    pub(super) fn pages(&mut self, at: &str) {
        for i in 0..self.length(at) {
            let step = format!("{at}/{i}");
            let follow = self.text(&format!("{step}/follow"));
            let submit = self.text(&format!("{step}/submit"));
            if follow.is_some() == submit.is_some() {
                let error = self.document.error(&step, "a page goes on by either `follow` or `submit`");
                self.errors.push(error.hint("`follow` for a link, `submit` for a form or its button"));
            }
            for key in ["follow", "submit", "cancel"] {
                self.selector_at(&format!("{step}/{key}"));
            }
            for field in self.keys(&format!("{step}/fill")) {
                let pointer = child(&format!("{step}/fill"), &field);
                self.selector(&pointer, &field, true);
            }
        }
    }

    fn selector_at(&mut self, pointer: &str) {
        if let Some(selector) = self.text(pointer) {
            self.selector(pointer, &selector, false);
        }
    }

    fn selector(&mut self, pointer: &str, selector: &str, is_key: bool) {
        if Selector::parse(selector).is_ok() {
            return;
        }
        let message = format!("`{selector}` is no CSS selector");
        let error =
            if is_key { self.document.key_error(pointer, message) } else { self.document.error(pointer, message) };
        self.errors.push(error.hint("write one such as `#naam` or `form#inloggen`"));
    }
}

//! What must hold of the pages in a candidate file that the browser goes through: to log in, and to end a consent.

use scraper::Selector;

use crate::candidate::check::Checker;
use crate::document::child;
use crate::text;

impl Checker<'_> {
    pub(super) fn login(&mut self) {
        let mode = self.mode();
        if mode == "form" && self.length("/login/steps") == 0 {
            let pointer = if self.value("/login").is_some() { "/login" } else { "" };
            let message = text!("mode `form` van [login] zonder steps", "login mode `form` without steps");
            let hint = text!(
                "beschrijf elke pagina onder [login] `steps`, of kies mode `manual` of `token`",
                "describe each page under [login] `steps`, or choose mode `manual` or `token`"
            );
            self.errors.push(self.document.key_error(pointer, message).hint(hint));
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
                let message = text!(
                    "een pagina gaat verder met `follow` of met `submit`",
                    "a page goes on by either `follow` or `submit`"
                );
                let hint = text!(
                    "`follow` voor een link, `submit` voor een formulier of de knop ervan",
                    "`follow` for a link, `submit` for a form or its button"
                );
                self.errors.push(self.document.error(&step, message).hint(hint));
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
        let message = text!("`{selector}` is geen CSS-selector", "`{selector}` is no CSS selector");
        let error =
            if is_key { self.document.key_error(pointer, message) } else { self.document.error(pointer, message) };
        let hint =
            text!("schrijf er een zoals `#naam` of `form#inloggen`", "write one such as `#naam` or `form#inloggen`");
        self.errors.push(error.hint(hint));
    }
}

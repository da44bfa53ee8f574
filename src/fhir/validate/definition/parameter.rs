//! Whether a SearchParameter of type `composite` says what it combines (search.html, "Composite Search Parameters").

use crate::fhir::validate::walk::Run;
use crate::fhir::validate::walk::Spot;
use crate::text;

impl Run<'_> {
    /// Judges the number of components: a composite combines the values of two or more parameters.
    pub fn search_parameter(&mut self, spot: Spot<'_>) {
        let count = spot.element.all("component").count();
        if spot.element.text("type") != Some("composite") || count >= 2 {
            return;
        }
        let expected =
            text!("minstens 2 keer `component` bij type `composite`", "at least 2 `component` with type `composite`");
        self.misfit(spot, "definition-components", expected, text!("{count} keer", "{count}"));
    }
}

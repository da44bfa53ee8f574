//! What the rules over TLS scans share: the scans of a run, and the list of those rules for `toetsbank probe tls`.

use crate::diag::Issue;
use crate::diag::Text;
use crate::exchange::Run;
use crate::exchange::TlsScan;
use crate::rules::Judgement;
use crate::rules::tls;

/// What a rule says of one scan; `None`: the scan does not show it.
pub type OfScan = fn(&TlsScan) -> Option<Vec<Issue>>;

/// The rules that judge a scan, by local id of their row.
pub const OF_SCAN: &[(&str, OfScan)] = &[
    ("TLS-01", tls::tls_01::of_scan),
    ("TLS-05", tls::tls_05::of_scan),
    ("TLS-06", tls::tls_06::of_scan),
    ("TLS-18", tls::tls_18::of_scan),
    ("TLS-22", tls::tls_22::of_scan),
    ("TLS-23", tls::tls_23::of_scan),
    ("TLS-24", tls::tls_24::of_scan),
    ("TLS-30", tls::tls_30::of_scan),
    ("TLS-31", tls::tls_31::of_scan),
];

/// The judgement over all scans of a run: one occasion each.
pub(super) fn judge(run: &Run, of_scan: OfScan) -> Judgement {
    let none = if run.scans.is_empty() {
        Text::new(
            "geen TLS-scan: die gaat alleen uit met `active = true` en `tls = true` onder `[probes]`, zonder `--scenario`",
            "no TLS scan: it is made only with `active = true` and `tls = true` under `[probes]`, without `--scenario`",
        )
    } else {
        Text::new("de TLS-scans laten het niet zien", "the TLS scans do not show it")
    };
    Judgement::each(run.scans.iter().filter_map(of_scan), none, |issues| issues)
}

/// The place of a finding: the address and what of it.
pub(super) fn place(scan: &TlsScan, what: &str) -> String {
    format!("{} {what}", scan.address)
}

/// Names, each in back quotes.
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

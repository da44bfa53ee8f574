//! The systeemrolcodes that public sources show in lists, with the gegevensdienst that each belongs to.
//!
//! The official Catalogus has more: a code that is not here is not wrong. Entry points: [`gegevensdienst`], [`service_of`], [`nearest`].

use crate::diag::suggestion;

/// Code of the side of the provider, and GegevensdienstId.
static KNOWN: &[(&str, &str)] = &[
    ("EA-2.0-AFB-FHIR", "47"),
    ("MM-3.0-BZB-FHIR", "48"),
    ("MM-2.0-HGB-FHIR", "49"),
    ("MM-2.0-GGB-FHIR", "50"),
    ("MM-3.0-PLB-FHIR", "51"),
    ("MM-3.0-PDB-FHIR", "51"),
    ("MM-2.0-MVB-FHIR", "52"),
    ("MM-2.A-AIB-FHIR", "58"),
    ("MM-3.0-LZB-FHIR", "61"),
    ("MM-1.0-VAB-FHIR", "63"),
    ("GZ-1.0-IZB-FHIR", "65"),
    ("MM-2.1-BZB-FHIR", "1"),
    ("LAB-1.1-LRB-FHIR", "4"),
    ("MM-1.2-PLB-FHIR", "6"),
    ("MM-1.2-PDB-FHIR", "6"),
    ("MM-1.0-GGB-FHIR", "17"),
    ("MMC-PTB-zib2020/R4-beta.2", "900000101"),
    ("MZ-PRB-beta.2", "900000102"),
    ("MMC-TOB-zib2020/R4-beta.2", "900000103"),
    ("MZ-OHB-beta.2", "900000104"),
    ("MZ-CRB-beta.2", "900000105"),
    ("MZ-PAB-beta.2", "900000106"),
    ("MMC-ASB-beta.2", "900000107"),
    ("MZ-PSB-beta.2", "900000108"),
    ("MZ-DFB-beta.2", "900000109"),
    ("MMC-PAB-zib2020/R4-beta.2", "900000110"),
    ("MMC-ENB-zib2020/R4-beta.2", "900000111"),
    ("MMC-BPB-zib2017/STU3-rc.2", "900000401"),
    ("MMC-BHB-zib2017/STU3-rc.2", "900000402"),
    ("MMC-BWB-zib2017/STU3-rc.2", "900000403"),
    ("MMC-ALB-zib2017/STU3-rc.2", "900000404"),
    ("MMC-NAB-zib2017/STU3-rc.2", "900000405"),
    ("MMC-LSB-zib2017/STU3-rc.2", "900000406"),
    ("MMC-PAB-zib2017/STU3-rc.2", "900000407"),
    ("MMC-BTB-zib2017/STU3-rc.2", "900000409"),
    ("MMC-FBB-zib2017/STU3-rc.2", "900000410"),
    ("MMC-REB-zib2017/STU3-rc.2", "900000411"),
    ("MMC-PRB-zib2017/STU3-rc.2", "900000412"),
];

/// The GegevensdienstId that a systeemrolcode belongs to, when it is a code that we know.
pub fn gegevensdienst(code: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == code).map(|(_, id)| *id)
}

/// The gegevensdienst that an address of a candidate file is for: that of its systeemrolcode, or the GegevensdienstId itself,
/// which stands in the place of a code that no source shows.
pub fn service_of(key: &str) -> Option<&str> {
    let is_id = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    gegevensdienst(key).or(is_id.then_some(key))
}

/// The known code that is most like this one.
pub fn nearest(code: &str) -> Option<&'static str> {
    suggestion(code, KNOWN.iter().map(|(known, _)| *known))
}

/// Whether a code has one of the forms that codes have: `MM-3.0-BZB-FHIR`, or of a granular service `MMC-PTB-…`.
pub fn has_usual_form(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let capitals = |text: &str| text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    match parts.as_slice() {
        [prefix, version, transaction, "FHIR"] => {
            capitals(prefix) && capitals(transaction) && version.starts_with(|c: char| c.is_ascii_digit())
        }
        [prefix, transaction, _, ..] => capitals(prefix) && capitals(transaction),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fit_a_list_and_stand_once() {
        let mut codes: Vec<&str> = KNOWN.iter().map(|(code, _)| *code).collect();
        assert!(codes.iter().all(|code| (1..=30).contains(&code.len())));
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
        assert_eq!(gegevensdienst("MM-3.0-PDB-FHIR"), Some("51"));
        assert_eq!([service_of("57"), service_of("MM-3.0-PDB-FHIR"), service_of("X")], [Some("57"), Some("51"), None]);
        assert!(KNOWN.iter().all(|(code, _)| has_usual_form(code)));
        assert!(!has_usual_form("bgz") && !has_usual_form("MM-3.0-bzb-FHIR"));
        assert_eq!(nearest("MM-3.0-BZX-FHIR"), Some("MM-3.0-BZB-FHIR"));
    }
}

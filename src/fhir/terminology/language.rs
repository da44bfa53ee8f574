//! The grammar of language tags: what RFC 5646 (BCP 47) calls well-formed. Knows no registered languages or regions.
//!
//! Entry point: [`is_well_formed`].

/// Tags from before the grammar that do not follow it (RFC 5646, section 2.1, `irregular`), in lower case. The regular ones
/// follow it, or begin with a language and subtags that only its order refuses.
const GRANDFATHERED: &[&str] = &[
    "en-gb-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "sgn-be-fr",
    "sgn-be-nl",
    "sgn-ch-de",
    "art-lojban",
    "cel-gaulish",
    "no-bok",
    "no-nyn",
    "zh-guoyu",
    "zh-hakka",
    "zh-min",
    "zh-min-nan",
    "zh-xiang",
];

/// Most extended languages (`zh-yue`) in one tag.
const EXTENDED: usize = 3;

/// Whether a text is a language tag. Languages of four letters are reserved and those of five to eight do not exist
/// (section 2.2.1), so the language has two or three.
pub(super) fn is_well_formed(tag: &str) -> bool {
    let lower = tag.to_ascii_lowercase();
    if GRANDFATHERED.contains(&&*lower) {
        return true;
    }
    let parts: Vec<&str> = lower.split('-').collect();
    let subtag = |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !parts.iter().all(subtag) {
        return false;
    }
    match parts.as_slice() {
        ["x", rest @ ..] => !rest.is_empty(),
        [language, rest @ ..] if matches!(language.len(), 2 | 3) && letters(language) => is_rest(rest),
        _ => false,
    }
}

/// What follows the language: extended languages, script, region, variants, extensions, private use, in that order.
fn is_rest(mut rest: &[&str]) -> bool {
    for _ in 0..EXTENDED {
        take(&mut rest, |part| part.len() == 3 && letters(part));
    }
    take(&mut rest, |part| part.len() == 4 && letters(part));
    take(&mut rest, |part| (part.len() == 2 && letters(part)) || (part.len() == 3 && digits(part)));
    let mut variants: Vec<&str> = Vec::new();
    while let Some(variant) = take(&mut rest, is_variant) {
        if variants.contains(&variant) {
            return false;
        }
        variants.push(variant);
    }
    let mut singletons: Vec<&str> = Vec::new();
    while let Some(singleton) = take(&mut rest, |part| part.len() == 1) {
        if singleton == "x" {
            return !rest.is_empty();
        }
        if singletons.contains(&singleton) || take(&mut rest, |part| part.len() > 1).is_none() {
            return false;
        }
        singletons.push(singleton);
        while take(&mut rest, |part| part.len() > 1).is_some() {}
    }
    rest.is_empty()
}

/// The first part, when it is one of these.
fn take<'t>(rest: &mut &[&'t str], fits: impl Fn(&str) -> bool) -> Option<&'t str> {
    let (first, others) = rest.split_first()?;
    fits(first).then(|| {
        *rest = others;
        *first
    })
}

fn is_variant(part: &str) -> bool {
    part.len() >= 5 || (part.len() == 4 && part.starts_with(|first: char| first.is_ascii_digit()))
}

fn letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_well_formed;

    #[test]
    fn the_examples_of_the_rfc_are_well_formed() {
        let good = "nl nl-NL NL de zh-Hant zh-cmn-Hans-CN yue-HK sr-Latn-RS sl-rozaj-biske de-CH-1901 sl-IT-nedis \
                    hy-Latn-IT-arevela es-419 de-CH-x-phonebk az-Arab-x-AZE-derbend x-whatever qaa-Qaaa-QM-x-southern \
                    en-US-u-islamcal zh-CN-a-myext-x-private en-a-myext-b-another i-klingon en-GB-oed zh-min-nan x-a \
                    de-DE-u-co-phonebk";
        for tag in good.split_whitespace() {
            assert!(is_well_formed(tag), "{tag}");
        }
    }

    #[test]
    fn what_the_grammar_refuses_is_not() {
        let bad = "nederlands n nl_NL nl- unknown-code nl-veeltelang 12 x i-onbekend de-419-DE a-DE ar-a-aaa-b-bbb-a-ccc \
                   nl-NL-NL nl-x nl-a nl-a-b nl-rozaj-rozaj nl--NL -nl nl-NL-Latn zh-aaa-bbb-ccc-ddd";
        for tag in bad.split_whitespace().chain(["", "nl NL"]) {
            assert!(!is_well_formed(tag), "{tag}");
        }
    }
}

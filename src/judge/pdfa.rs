//! Whether a document is PDF/A as it claims: what a reader of the file can decide, not a full veraPDF.
//!
//! Row FHIR-27 of the register: PDF header, not encrypted, XMP metadata with `pdfaid` part and conformance, no JavaScript
//! or launch actions, fonts embedded (ISO 19005-1, 6.1.2, 6.1.3, 6.3.4, 6.6.1, 6.7.11).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lopdf::Dictionary;
use lopdf::Document;
use lopdf::Object;

use crate::diag::Issue;
use crate::diag::Text;
use crate::judge::finding::Draft;
use crate::plan::Expectation;
use crate::text;

/// Largest document that is looked into, in bytes.
const LARGEST: usize = 64 << 20;

/// Judges a document that stands in a body as base64.
pub fn check_base64(text: &str, place: &str, exchange: u32, expectation: &Expectation, drafts: &mut Vec<Draft>) {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match STANDARD.decode(compact) {
        Ok(bytes) => check(&bytes, place, exchange, expectation, drafts),
        Err(error) => {
            let seen = text!("geen base64: {error}", "no base64: {error}");
            let expected = Text::new("een document als base64", "a document as base64");
            let issue = Issue::error("pdf-unreadable", place, expected, seen).at(exchange);
            drafts.push(Draft::of_expectation(expectation, issue));
        }
    }
}

/// Judges the bytes of a document.
pub fn check(bytes: &[u8], place: &str, exchange: u32, expectation: &Expectation, drafts: &mut Vec<Draft>) {
    for (code, expected, seen) in problems(bytes) {
        let issue = Issue::error(code, place, expected, seen).at(exchange);
        drafts.push(Draft::of_expectation(expectation, issue));
    }
}

type Problem = (&'static str, Text, Text);

fn problems(bytes: &[u8]) -> Vec<Problem> {
    if !bytes.starts_with(b"%PDF-") {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(16)]).into_owned();
        let seen = text!("begint met `{start}`", "starts with `{start}`");
        return vec![("pdf-header", Text::new("een PDF (begint met `%PDF-`)", "a PDF (starts with `%PDF-`)"), seen)];
    }
    if bytes.len() > LARGEST {
        let seen = Text::new("te groot om in te lezen", "too large to look into");
        return vec![("pdf-unreadable", Text::new("een leesbare PDF", "a readable PDF"), seen)];
    }
    let document = match Document::load_mem(bytes) {
        Ok(document) => document,
        Err(error) => {
            let seen = text!("niet te lezen: {error}", "cannot be read: {error}");
            return vec![("pdf-unreadable", Text::new("een leesbare PDF", "a readable PDF"), seen)];
        }
    };
    let mut out = Vec::new();
    if document.trailer.has(b"Encrypt") {
        let expected = Text::new("niet versleuteld", "not encrypted");
        out.push(("pdf-encrypted", expected, Text::new("versleuteld (`Encrypt`)", "encrypted (`Encrypt`)")));
    }
    if let Some(seen) = wrong_claim(&document) {
        let expected = Text::new(
            "XMP-metadata met `pdfaid:part` en `pdfaid:conformance`",
            "XMP metadata with `pdfaid:part` and `pdfaid:conformance`",
        );
        out.push(("pdfa-claim", expected, seen));
    }
    for name in forbidden_actions(&document) {
        let expected = Text::new("geen JavaScript- of Launch-acties", "no JavaScript or Launch actions");
        out.push(("pdfa-action", expected, text!("een actie van soort `{name}`", "an action of kind `{name}`")));
    }
    for font in fonts_not_embedded(&document) {
        let expected = Text::new("alle lettertypen ingesloten", "all fonts embedded");
        out.push(("pdfa-font", expected, text!("`{font}` is niet ingesloten", "`{font}` is not embedded")));
    }
    out
}

/// What is wrong with the claim in the metadata; `None` when it is there and whole.
fn wrong_claim(document: &Document) -> Option<Text> {
    let metadata = document
        .catalog()
        .ok()
        .and_then(|catalog| catalog.get(b"Metadata").ok())
        .and_then(|object| resolve(document, object))
        .and_then(|object| object.as_stream().ok());
    let Some(stream) = metadata else {
        return Some(Text::new("geen XMP-metadata", "no XMP metadata"));
    };
    let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
    let xmp = String::from_utf8_lossy(&content);
    let part = property(&xmp, "part");
    let conformance = property(&xmp, "conformance");
    match (part.as_deref(), conformance.as_deref()) {
        (Some("1"), Some("A" | "B")) | (Some("2" | "3"), Some("A" | "B" | "U")) => None,
        // PDF/A-4 has no conformance level, or E or F (ISO 19005-4).
        (Some("4"), None | Some("E" | "F")) => None,
        (None, _) => Some(Text::new("geen `pdfaid:part`", "no `pdfaid:part`")),
        (Some(part), conformance) => {
            let level = conformance.unwrap_or("-");
            Some(text!("deel `{part}`, niveau `{level}`", "part `{part}`, conformance `{level}`"))
        }
    }
}

/// A property of the `pdfaid` schema, written as an element or as an attribute, whatever prefix its namespace has.
fn property(xmp: &str, name: &str) -> Option<String> {
    const NAMESPACE: &str = "http://www.aiim.org/pdfa/ns/id/";
    let start = xmp.find("<rdf:RDF").or_else(|| xmp.find("<x:xmpmeta")).or_else(|| xmp.find('<'))?;
    let end = xmp.rfind("<?xpacket end").unwrap_or(xmp.len());
    let document = roxmltree::Document::parse(xmp.get(start..end)?.trim_end_matches(['\0', ' ', '\n', '\r'])).ok();
    let document = document.or_else(|| roxmltree::Document::parse(xmp.trim()).ok())?;
    document.descendants().filter(|node| node.is_element()).find_map(|node| {
        let as_element = node.tag_name().namespace() == Some(NAMESPACE) && node.tag_name().name() == name;
        let text = if as_element { node.text() } else { node.attribute((NAMESPACE, name)) };
        text.map(|text| text.trim().to_owned())
    })
}

fn forbidden_actions(document: &Document) -> Vec<String> {
    let mut out = Vec::new();
    for object in document.objects.values() {
        visit(object, 0, &mut |dictionary| {
            let kind = dictionary.get(b"S").ok().and_then(|kind| kind.as_name().ok());
            if let Some(name @ (b"JavaScript" | b"Launch")) = kind {
                out.push(String::from_utf8_lossy(name).into_owned());
            }
        });
    }
    out.sort();
    out.dedup();
    out
}

/// Names of fonts without a font program. Type 3 fonts carry their glyphs themselves; a Type 0 font has it in its descendant.
fn fonts_not_embedded(document: &Document) -> Vec<String> {
    let mut out = Vec::new();
    for object in document.objects.values() {
        visit(object, 0, &mut |dictionary| {
            let name = |key: &[u8]| dictionary.get(key).ok().and_then(|object| object.as_name().ok());
            let own_program = matches!(name(b"Subtype"), Some(b"Type3" | b"Type0"));
            if name(b"Type") != Some(b"Font") || own_program {
                return;
            }
            let descriptor = dictionary.get(b"FontDescriptor").ok().and_then(|object| resolve(document, object));
            let embedded = descriptor.and_then(|object| object.as_dict().ok()).is_some_and(|descriptor| {
                [b"FontFile".as_slice(), b"FontFile2", b"FontFile3"].iter().any(|key| descriptor.has(key))
            });
            if !embedded {
                out.push(String::from_utf8_lossy(name(b"BaseFont").unwrap_or(b"?")).into_owned());
            }
        });
    }
    out.sort();
    out.dedup();
    out
}

fn resolve<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    match object {
        Object::Reference(id) => document.get_object(*id).ok(),
        other => Some(other),
    }
}

/// Shows every dictionary in an object, also those of streams and lists; not those behind references.
fn visit(object: &Object, depth: usize, see: &mut dyn FnMut(&Dictionary)) {
    const DEEPEST: usize = 32;
    if depth > DEEPEST {
        return;
    }
    let dictionary = match object {
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        Object::Array(items) => {
            items.iter().for_each(|item| visit(item, depth + 1, see));
            return;
        }
        _ => return,
    };
    see(dictionary);
    dictionary.iter().for_each(|(_, value)| visit(value, depth + 1, see));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::json;

    /// The document in one of our fixtures.
    fn fixture(text: &str) -> Vec<u8> {
        let (binary, _) = json::parse(text.as_bytes()).unwrap();
        STANDARD.decode(binary.text("content").unwrap()).unwrap()
    }

    fn check(bytes: &[u8], expect: &[&str]) {
        let codes: Vec<&str> = problems(bytes).into_iter().map(|(code, _, _)| code).collect();
        assert_eq!(codes, expect);
    }

    #[test]
    fn what_is_pdf_a_has_no_problem() {
        check(&fixture(include_str!("../../fixtures/pdfa-3-0/Binary-pdfa-rich-binary-1.json")), &[]);
        check(&fixture(include_str!("../../fixtures/pdfa-3-0/Binary-pdfa-rich-binary-2.json")), &[]);
    }

    #[test]
    fn what_we_share_is_pdf_a() {
        let sent = include_str!("../../suites/delen-pdfa-3-0/fixtures/two-documents.json");
        let (bundle, _) = json::parse(sent.as_bytes()).unwrap();
        let documents = bundle.all("entry").filter_map(|entry| entry.child("resource")?.text("content"));
        let documents: Vec<Vec<u8>> = documents.map(|content| STANDARD.decode(content).unwrap()).collect();
        assert_eq!(documents.len(), 2);
        documents.iter().for_each(|bytes| check(bytes, &[]));
    }

    #[test]
    fn what_a_plain_pdf_lacks_is_named() {
        let plain = fixture(include_str!("../../fixtures/pdfa-3-0-defect/Binary-pdfa-rich-binary-1.json"));
        check(&plain, &["pdfa-claim", "pdfa-font"]);
    }

    #[test]
    fn what_is_no_pdf_is_said_to_be_none() {
        check(b"<html>", &["pdf-header"]);
        check(b"%PDF-1.4\nnothing more", &["pdf-unreadable"]);
        check(b"", &["pdf-header"]);
    }

    #[test]
    fn a_claim_is_read_as_element_and_as_attribute_under_any_prefix() {
        let rdf = |inner: &str| {
            format!(
                "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{inner}</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
            )
        };
        let element =
            rdf("<rdf:Description xmlns:a='http://www.aiim.org/pdfa/ns/id/'><a:part>2</a:part></rdf:Description>");
        let attribute = rdf("<rdf:Description xmlns:pdfaid='http://www.aiim.org/pdfa/ns/id/' pdfaid:part='2'/>");
        let foreign = rdf("<rdf:Description xmlns:pdfaid='http://example.org/' pdfaid:part='2'/>");
        assert_eq!(property(&element, "part").as_deref(), Some("2"));
        assert_eq!(property(&attribute, "part").as_deref(), Some("2"));
        assert_eq!(property(&foreign, "part"), None);
    }
}

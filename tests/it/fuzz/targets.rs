//! What an input is and what is done with it. Nothing is expected of the answer but that there is one.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;
use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionKind;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::definitions::Layer;
use toetsbank::fhir::json;
use toetsbank::fhir::path::Context;
use toetsbank::fhir::path::Dialect;
use toetsbank::fhir::path::Expression;
use toetsbank::fhir::path::Temporal;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::UnknownExtensions;
use toetsbank::fhir::validate::Validator;
use toetsbank::fhir::xml;
use toetsbank::lists;
use toetsbank::packages;
use toetsbank::packages::embedded;
use toetsbank::pki;
use toetsbank::probe::Reader;

use crate::fuzz::expression;
use crate::fuzz::handshakes;
use crate::fuzz::material::Material;
use crate::fuzz::mutate;
use crate::fuzz::random::Random;

/// What an input may use beside its number.
pub struct Bench<'m> {
    /// Valid material.
    pub material: &'m Material,
    /// A file to write packages to; each thread has its own.
    pub file: &'m Path,
}

/// A kind of input.
pub struct Target {
    /// Its name in reports.
    pub name: &'static str,
    /// How many of a thousand inputs are of this kind.
    pub share: u64,
    /// Makes the input of these numbers and does all that is done with such an input.
    pub run: fn(&Bench<'_>, &mut Random),
}

/// All kinds. Shares follow what one costs: reading is cheap, compiling a package is not.
pub const TARGETS: &[Target] = &[
    Target { name: "json", share: 300, run: read_json },
    Target { name: "xml", share: 240, run: read_xml },
    Target { name: "list", share: 40, run: read_list },
    Target { name: "tls", share: 20, run: read_tls },
    Target { name: "fhirpath", share: 300, run: evaluate },
    Target { name: "validate", share: 60, run: validate },
    Target { name: "compact", share: 20, run: open_compact },
    Target { name: "package", share: 20, run: open_package },
];

/// The kind of the input with this number.
pub fn target_of(number: u64) -> &'static Target {
    let mut at = number.wrapping_mul(7) % 1000;
    let found = TARGETS.iter().find(|target| match at.checked_sub(target.share) {
        Some(rest) => {
            at = rest;
            false
        }
        None => true,
    });
    found.unwrap_or(&TARGETS[0])
}

/// A resource that was valid, changed, as text.
fn changed(from: &[Value], names: &[String], random: &mut Random) -> Vec<u8> {
    let (mut value, other) = (random.pick(from).clone(), random.pick(from));
    mutate::tree(&mut value, other, names, random);
    let mut text = value.to_string().into_bytes();
    if random.once_in(3) {
        mutate::bytes(&mut text, other.to_string().as_bytes(), random);
    }
    if random.once_in(2000) {
        text = grown(text, random);
    }
    text
}

/// A text with one piece of it repeated until it is large.
fn grown(text: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let (start, end) = random.range(text.len());
    let piece = text[start..end].repeat((200_000 / (end - start).max(1)).min(100_000));
    [&text[..start], &piece, &text[end..]].concat()
}

fn read_json(bench: &Bench<'_>, random: &mut Random) {
    let material = bench.material;
    let text = changed(&material.resources, &material.names, random);
    if let Ok((resource, _)) = json::parse(&text) {
        let model = embedded::definitions(FhirVersion::Stu3);
        match random.below(4) {
            0 => drop(json::write(&resource, Some(model))),
            1 => drop(xml::write(&resource, Some(model))),
            2 => drop(json::write_pretty(&resource, None)),
            _ => {}
        }
    }
}

fn read_xml(bench: &Bench<'_>, random: &mut Random) {
    let (mut text, other) = (random.pick(&bench.material.xml).clone(), random.pick(&bench.material.xml));
    mutate::bytes(&mut text, other, random);
    if random.once_in(2000) {
        text = grown(text, random);
    }
    if let Ok((resource, _)) = xml::parse(&text) {
        let model = embedded::definitions(FhirVersion::Stu3);
        match random.below(3) {
            0 => drop(json::write(&resource, Some(model))),
            1 => drop(xml::write_pretty(&resource, Some(model))),
            _ => {}
        }
    }
}

/// One or two lists of the stelselnode.
fn read_list(bench: &Bench<'_>, random: &mut Random) {
    let lists = &bench.material.lists;
    let mut readings = Vec::new();
    for _ in 0..=random.below(2) {
        let (mut text, other) = (random.pick(lists).clone(), random.pick(lists));
        mutate::bytes(&mut text, other, random);
        if random.once_in(2000) {
            text = grown(text, random);
        }
        readings.push(lists::read("MedMij_Whitelist.xml", &text));
    }
    lists::across(&readings);
    for list in readings.iter().filter_map(|reading| reading.list.as_ref()) {
        drop(lists::parse(lists::write(list).as_bytes()));
    }
}

/// What a server answers to a ClientHello, in pieces of any size, and a certificate.
fn read_tls(bench: &Bench<'_>, random: &mut Random) {
    let flights = &bench.material.flights;
    let (mut bytes, other) = (random.pick(flights).clone(), random.pick(flights));
    mutate::bytes(&mut bytes, other, random);
    if random.once_in(2000) {
        bytes = grown(bytes, random);
    }
    let size = 1 + random.below(bytes.len().max(1));
    let mut reader = Reader::default();
    let _ = bytes.chunks(size).any(|piece| reader.feed(piece));
    for certificate in reader.finish().chain {
        drop(pki::facts(&certificate));
    }
    let mut certificate = handshakes::CERTIFICATE.to_vec();
    mutate::bytes(&mut certificate, other, random);
    drop(pki::facts(&certificate));
}

fn validate(bench: &Bench<'_>, random: &mut Random) {
    let material = bench.material;
    let parsed = if random.once_in(4) {
        let (mut text, other) = (random.pick(&material.xml).clone(), random.pick(&material.xml));
        mutate::bytes(&mut text, other, random);
        xml::parse(&text)
    } else {
        json::parse(&changed(&material.resources, &material.names, random))
    };
    let Ok((resource, problems)) = parsed else { return };
    let validator = random.pick(&material.validators);
    validator.validate_read(&resource, &problems, &[], options(random));
}

fn options(random: &mut Random) -> Options {
    let unknown_extensions = if random.once_in(2) { UnknownExtensions::Allow } else { UnknownExtensions::Error };
    Options { unknown_extensions, now: Temporal::parse_date_time("2026-01-01T12:00:00Z") }
}

fn evaluate(bench: &Bench<'_>, random: &mut Random) {
    let material = bench.material;
    let text = match random.below(3) {
        0 => expression::any(3, random),
        1 => {
            let mut text = random.pick(&material.expressions).clone().into_bytes();
            mutate::bytes(&mut text, random.pick(&material.expressions).as_bytes(), random);
            String::from_utf8_lossy(&text).into_owned()
        }
        _ => {
            let text = random.pick(&material.expressions);
            let words: Vec<&str> = text.split(' ').collect();
            let at = random.below(words.len());
            let piece = expression::piece(random);
            [&words[..at], &[piece], words.get(at + random.below(2)..).unwrap_or_default()].concat().join(" ")
        }
    };
    if std::env::var_os("SHOW").is_some() {
        println!("{text}");
    }
    let Ok(parsed) = Expression::parse(&text) else { return };
    let model = embedded::definitions(FhirVersion::Stu3);
    let resource = random.pick(&material.trees);
    let kind = resource.resource_type.as_deref().unwrap_or_default();
    let _ = parsed.check(kind, model);
    let Some(now) = Temporal::parse_date_time("2026-01-01T12:00:00Z") else { return };
    let mut context = Context::new(model, resource, now);
    if random.once_in(2) {
        context.dialect = Dialect::Lenient;
    }
    context.terminology = Some(material.validators[0].terminology());
    // The limit of a real evaluation is tested by itself; here many inputs must fit in little time.
    context.limits.steps = 100_000;
    if let Ok(items) = parsed.evaluate(resource, &context) {
        items.iter().take(100).for_each(|item| drop(item.to_string()));
    }
}

/// A file of compact definitions with damage, before or after compression.
fn open_compact(bench: &Bench<'_>, random: &mut Random) {
    let mut file = bench.material.compact.clone();
    if random.once_in(2) {
        mutate::bytes(&mut file, &bench.material.compact, random);
    } else {
        let mut text = Vec::new();
        if std::io::Read::read_to_end(&mut MultiGzDecoder::new(&*file), &mut text).is_err() {
            return;
        }
        // Mostly in its head, where the index is.
        let head = if random.once_in(4) { text.len() } else { text.len().min(3000) };
        let mut start = text[..head].to_vec();
        mutate::bytes(&mut start, &text, random);
        file = packed(&start);
        file.extend(packed(&text[head..]));
    }
    if let Ok(layer) = Layer::open_compact(file) {
        use_layer(bench, layer, random);
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default()
}

/// A package with changed definitions; sometimes the archive itself is damaged.
fn open_package(bench: &Bench<'_>, random: &mut Random) {
    let material = bench.material;
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut manifest =
        br#"{"name":"a.b","version":"1.0.0","fhirVersions":["3.0.2"],"dependencies":{"c":"2"}}"#.to_vec();
    if random.once_in(4) {
        mutate::bytes(&mut manifest, b"{[\"\":1e9,null]}", random);
    }
    add(&mut builder, "package/package.json", &manifest);
    for at in 0..=random.below(3) {
        let (mut value, other) = (random.pick(&material.definitions).clone(), random.pick(&material.definitions));
        mutate::tree(&mut value, other, &material.definition_names, random);
        add(&mut builder, &format!("package/{at}.json"), value.to_string().as_bytes());
    }
    let Ok(mut file) = builder.into_inner().and_then(GzEncoder::finish) else { return };
    if random.once_in(4) {
        let other = file.clone();
        mutate::bytes(&mut file, &other, random);
    }
    if fs::write(bench.file, &file).is_err() {
        return;
    }
    if let Ok(layer) = packages::open(bench.file) {
        use_layer(bench, layer, random);
    }
}

fn add(builder: &mut tar::Builder<GzEncoder<Vec<u8>>>, name: &str, text: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    let _ = builder.append_data(&mut header, name, text);
}

/// Reads everything in a layer and judges a resource by its profiles.
fn use_layer(bench: &Bench<'_>, layer: Layer, random: &mut Random) {
    let layer = Arc::new(layer);
    let mut layers = vec![layer.clone()];
    layers.extend(embedded::layers(FhirVersion::Stu3));
    let set = Arc::new(DefinitionSet::new(FhirVersion::Stu3, layers));
    let urls = |kind| layer.canonicals(kind).map(|(url, _)| url.to_owned()).take(40).collect::<Vec<String>>();
    let profiles = urls(DefinitionKind::StructureDefinition);
    let validator = Validator::new(set.clone());
    for url in urls(DefinitionKind::ValueSet) {
        validator.terminology().codes(&url);
    }
    for url in urls(DefinitionKind::CodeSystem) {
        validator.terminology().exists(&url, None, "a");
    }
    for url in urls(DefinitionKind::Questionnaire) {
        set.questionnaire(&url);
    }
    let resource: &Element = random.pick(&bench.material.trees);
    for url in profiles.iter().take(4) {
        let _ = validator.schemas().schema(validator.schemas().slot(url));
    }
    if !profiles.is_empty() {
        let profile: &String = random.pick(&profiles);
        validator.validate(resource, &[profile], options(random));
    }
}

//! Warm validation of zib resources on one core: prints median and 99th percentile a resource.
//!
//! The resources are those of the BgZ fixtures, validated again and again by compiled profiles.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages::embedded;

/// Rounds over all resources; the first warms up and is not counted.
const ROUNDS: usize = 200;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bgz-3-0");
    let mut resources = Vec::new();
    for path in files(&folder) {
        let Ok(text) = fs::read(&path) else { continue };
        if let Ok((resource, _)) = json::parse(&text) {
            resources.push(resource);
        }
    }
    let start = Instant::now();
    let definitions = DefinitionSet::new(FhirVersion::Stu3, embedded::layers(FhirVersion::Stu3));
    let validator = Validator::new(Arc::new(definitions));
    println!("definitions opened in {:?}", start.elapsed());
    let start = Instant::now();
    resources.iter().for_each(|resource| once(&validator, resource));
    println!("first round, profiles compiled on the way: {:?} for {} resources", start.elapsed(), resources.len());
    let mut times: Vec<Duration> = Vec::new();
    let mut slowest = vec![Duration::ZERO; resources.len()];
    for _ in 0..ROUNDS {
        for (resource, slowest) in resources.iter().zip(&mut slowest) {
            let start = Instant::now();
            once(&validator, resource);
            times.push(start.elapsed());
            *slowest = (*slowest).max(start.elapsed());
        }
    }
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 1000).copied().unwrap_or_default();
    println!("validate, warm, one core: median {:?}, 99 % {:?}", at(500), at(990));
    let mut order: Vec<usize> = (0..resources.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(slowest[*at]));
    for at in order.into_iter().take(3) {
        println!("  slowest: {:?} {}/{}", slowest[at], resources[at].name, resources[at].text("id").unwrap_or("-"));
    }
}

fn once(validator: &Validator, resource: &Element) {
    std::hint::black_box(validator.validate(resource, &[], Options::default()));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = Vec::new();
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

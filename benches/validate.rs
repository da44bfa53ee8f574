//! What validation costs: warm on one core, in a new process, in memory, and opening the definitions of R4.
//!
//! The resources are those of the BgZ fixtures, validated again and again by compiled profiles. Peak memory is taken in a
//! process of its own (this program with [`MEMORY`]), so that nothing else counts.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use toetsbank::fhir::Element;
use toetsbank::fhir::definitions::DefinitionKind;
use toetsbank::fhir::definitions::DefinitionSet;
use toetsbank::fhir::definitions::FhirVersion;
use toetsbank::fhir::json;
use toetsbank::fhir::schema::SchemaSet;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages::embedded;

/// Rounds over all resources; the first warms up and is not counted.
const ROUNDS: usize = 200;

/// New processes that the median is taken of.
const PROCESSES: usize = 7;

/// Argument that makes this program compile profiles and tell its peak memory.
const MEMORY: &str = "--memory";

fn main() {
    if std::env::args().any(|argument| argument == MEMORY) {
        return compile_all();
    }
    warm();
    open_r4();
    memory();
    new_process();
}

fn warm() {
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

/// Opens the definitions of R4 and reads each StructureDefinition.
fn open_r4() {
    let start = Instant::now();
    let definitions = DefinitionSet::new(FhirVersion::R4, embedded::layers(FhirVersion::R4));
    let opened = start.elapsed();
    let canonicals = definitions.canonicals(DefinitionKind::StructureDefinition);
    let read = canonicals.filter_map(|(url, _)| std::hint::black_box(definitions.structure(url))).count();
    println!("R4 core: opened in {opened:?}, {read} StructureDefinitions read after {:?}", start.elapsed());
}

fn memory() {
    let output = std::env::current_exe().and_then(|program| Command::new(program).arg(MEMORY).output());
    match output {
        Ok(output) if output.status.success() => print!("{}", String::from_utf8_lossy(&output.stdout)),
        Ok(output) => println!("peak memory not measured: {}", output.status),
        Err(error) => println!("peak memory not measured: {error}"),
    }
}

/// Compiles every profile of the STU3 core and zib2017 and keeps them all.
fn compile_all() {
    let packages = ["nictiz.fhir.nl.stu3.zib2017", "hl7.fhir.r3.core"];
    let carried = embedded::EMBEDDED.iter().filter(|package| packages.contains(&package.name));
    let layers = carried.filter_map(|package| package.layer()).collect();
    let schemas = SchemaSet::new(Arc::new(DefinitionSet::new(FhirVersion::Stu3, layers)));
    let canonicals = schemas.definitions().canonicals(DefinitionKind::StructureDefinition);
    let (compiled, failed): (Vec<bool>, Vec<bool>) =
        canonicals.map(|(url, _)| schemas.schema(schemas.slot(url)).is_ok()).partition(|compiled| *compiled);
    let (compiled, failed) = (compiled.len(), failed.len());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown", str::trim);
    println!("STU3 core and zib2017, {compiled} profiles compiled, {failed} not: peak memory {peak}");
}

/// Validates one blood pressure with the release binary, a process each time.
fn new_process() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let binary = root.join("target/release/toetsbank");
    if !binary.is_file() {
        println!("validate in a new process: not measured, build with `cargo build --release` first");
        return;
    }
    let resource = root.join("fixtures/bgz-3-0/Observation-bgz-rich-blood-pressure-1.json");
    let mut times = Vec::new();
    for _ in 0..PROCESSES {
        let start = Instant::now();
        let mut command = Command::new(&binary);
        command.arg("validate").arg(&resource).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => times.push(start.elapsed()),
            Ok(status) => return println!("validate in a new process: not measured, {status}"),
            Err(error) => return println!("validate in a new process: not measured, {error}"),
        }
    }
    times.sort();
    println!("validate a blood pressure in a new process: median {:?} of {PROCESSES}", times[PROCESSES / 2]);
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

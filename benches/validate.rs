//! What validation costs: warm on one core, in a new process, in memory; reading definitions; the usual invariants.
//!
//! Criterion measures the times. Two figures it cannot give are printed before: the 99th percentile over all resources,
//! since it knows means and medians of samples only, and peak memory, which is taken in a process of its own (this
//! program with [`MEMORY`]), so that nothing else counts.

#[path = "peer/src/invariants.rs"]
mod invariants;

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use criterion::Criterion;
use criterion::Throughput;
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
use toetsbank::fhir::schema::SchemaSet;
use toetsbank::fhir::validate::Options;
use toetsbank::fhir::validate::Validator;
use toetsbank::packages::embedded;

type Outcome = Result<(), Box<dyn Error>>;

/// The resource of the single measurements, among the fixtures.
const BLOOD_PRESSURE: &str = "fixtures/bgz-3-0/Observation-bgz-rich-blood-pressure-1.json";

/// Rounds over all resources for the percentiles; the first warms up and is not counted.
const ROUNDS: usize = 200;

/// Argument that makes this program compile profiles and tell its peak memory.
const MEMORY: &str = "--memory";

fn main() -> Outcome {
    if std::env::args().any(|argument| argument == MEMORY) {
        compile_all();
        return Ok(());
    }
    let resources = resources()?;
    let definitions = DefinitionSet::new(FhirVersion::Stu3, embedded::layers(FhirVersion::Stu3));
    let validator = Validator::new(Arc::new(definitions));
    percentiles(&validator, &resources);
    memory();
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    warm(&mut criterion, &validator, &resources)?;
    new_process(&mut criterion);
    definitions_of_r4(&mut criterion)?;
    fhirpath(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// The resources of the BgZ fixtures.
fn resources() -> Result<Vec<Element>, Box<dyn Error>> {
    let mut found = Vec::new();
    for path in files(&root().join("fixtures/bgz-3-0"))? {
        found.push(json::parse(&fs::read(path)?)?.0);
    }
    Ok(found)
}

fn percentiles(validator: &Validator, resources: &[Element]) {
    let start = Instant::now();
    resources.iter().for_each(|resource| once(validator, resource));
    println!("first round, profiles compiled on the way: {:?} for {} resources", start.elapsed(), resources.len());
    let mut times: Vec<Duration> = Vec::new();
    let mut slowest = vec![Duration::ZERO; resources.len()];
    for _ in 0..ROUNDS {
        for (resource, slowest) in resources.iter().zip(&mut slowest) {
            let start = Instant::now();
            once(validator, resource);
            times.push(start.elapsed());
            *slowest = (*slowest).max(start.elapsed());
        }
    }
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 1000).copied().unwrap_or_default();
    println!("validate, warm, one core, over all resources: median {:?}, 99 % {:?}", at(500), at(990));
    let mut order: Vec<usize> = (0..resources.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(slowest[*at]));
    for at in order.into_iter().take(3) {
        println!("  slowest: {:?} {}/{}", slowest[at], resources[at].name, resources[at].text("id").unwrap_or("-"));
    }
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

fn warm(criterion: &mut Criterion, validator: &Validator, resources: &[Element]) -> Outcome {
    let (pressure, _) = json::parse(&fs::read(root().join(BLOOD_PRESSURE))?)?;
    let mut group = criterion.benchmark_group("validate, warm");
    group.bench_function("blood pressure", |bencher| bencher.iter(|| once(validator, &pressure)));
    group.throughput(Throughput::Elements(resources.len() as u64));
    group.bench_function("all BgZ fixtures", |bencher| {
        bencher.iter(|| resources.iter().for_each(|resource| once(validator, resource)));
    });
    group.finish();
    Ok(())
}

/// Validates one blood pressure with the binary, a process each time.
fn new_process(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("validate, new process");
    group.sample_size(20);
    group.bench_function("blood pressure", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
            command.arg("validate").arg(root().join(BLOOD_PRESSURE)).stdout(Stdio::null()).stderr(Stdio::null());
            assert!(command.status().is_ok_and(|status| status.success()), "the blood pressure must be valid");
        });
    });
    group.finish();
}

/// Opens the compact definitions of the core of R4, and reads all of them.
fn definitions_of_r4(criterion: &mut Criterion) -> Outcome {
    let core = embedded::EMBEDDED.iter().find(|package| package.name == "hl7.fhir.r4.core").ok_or("no core of R4")?;
    let open =
        || Layer::open_compact(core.file).map(|layer| DefinitionSet::new(FhirVersion::R4, vec![Arc::new(layer)]));
    open()?;
    let structures = |set: &DefinitionSet| {
        let canonicals = set.canonicals(DefinitionKind::StructureDefinition);
        canonicals.filter_map(|(url, _)| set.structure(url)).count()
    };
    let codes = |set: &DefinitionSet| {
        let value_sets = set.canonicals(DefinitionKind::ValueSet).filter_map(|(url, _)| set.value_set(url)).count();
        let systems = set.canonicals(DefinitionKind::CodeSystem).filter_map(|(url, _)| set.code_system(url)).count();
        value_sets + systems
    };
    let mut group = criterion.benchmark_group("core of R4");
    group.sample_size(50);
    group.bench_function("open", |bencher| bencher.iter(|| open().is_ok()));
    group.bench_function("open, read every StructureDefinition", |bencher| {
        bencher.iter_with_large_drop(|| open().map(|set| (structures(&set), set)));
    });
    group.bench_function("open, read every definition", |bencher| {
        bencher.iter_with_large_drop(|| open().map(|set| (structures(&set), codes(&set), set)));
    });
    group.finish();
    Ok(())
}

/// One evaluation of each invariant that the peer is asked too (`make bench-peer`).
fn fhirpath(criterion: &mut Criterion) -> Outcome {
    let definitions = embedded::definitions(FhirVersion::R4);
    let (resource, _) = json::parse(invariants::RESOURCE.as_bytes())?;
    let now = Temporal::parse_date_time("2024-03-01T10:00:00Z").ok_or("a moment")?;
    let mut group = criterion.benchmark_group("FHIRPath");
    for (key, declared, member) in invariants::INVARIANTS {
        let text = invariants::invariant(definitions, declared, key).ok_or("an invariant")?;
        let expression = Expression::parse(text)?;
        let focus = invariants::focus(definitions, &resource, member);
        let mut context = Context::new(definitions, &resource, now);
        // dom-3 as published asks `as` of several items.
        context.dialect = Dialect::Lenient;
        group.bench_function(key, |bencher| bencher.iter(|| expression.holds(black_box(focus), &context)));
    }
    group.finish();
    Ok(())
}

fn once(validator: &Validator, resource: &Element) {
    black_box(validator.validate(resource, &[], Options::default()));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

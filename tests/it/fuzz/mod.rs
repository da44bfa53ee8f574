//! Hostile input: JSON, XML, lists, FHIRPath, packages, compact definitions and answers of TLS servers, made from valid ones by chance.
//!
//! Input number N is the same everywhere, so that what fails can be run again by its number:
//! `make fuzz FROM=N COUNT=1`. Without these settings [`USUAL`] inputs run, from number 0.

mod expression;
mod handshakes;
mod material;
mod mutate;
pub mod random;
mod targets;

use std::env;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use material::Material;
use random::Random;
use targets::Bench;

/// Inputs of an ordinary test run.
const USUAL: u64 = 100_000;

/// An input that takes longer hangs. Generous: the machine may be busy, and tests are built without optimisation.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all threads share.
#[derive(Default)]
struct Shared {
    next: AtomicU64,
    failures: Mutex<Vec<String>>,
    slowest: Mutex<(Duration, u64)>,
}

/// What one thread is doing: a number that is one more than that of its input, or 0.
type Doing = Arc<Mutex<(u64, Option<Instant>)>>;

#[test]
fn any_input_has_an_answer() {
    let number = |name: &str, usual: u64| match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("`{name}` must be a number, not `{text}`")),
        Err(_) => usual,
    };
    let (from, count) = (number("TOETSBANK_FUZZ_FROM", 0), number("TOETSBANK_FUZZ_COUNT", USUAL));
    let material = Arc::new(Material::load());
    assert!(material.resources.len() > 100 && material.definitions.len() > 20 && material.expressions.len() > 50);
    let shared = Arc::new(Shared { next: AtomicU64::new(from), ..Shared::default() });
    let start = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let mut workers = Vec::new();
    for at in 0..thread::available_parallelism().map_or(1, usize::from) {
        let (material, shared, doing) = (material.clone(), shared.clone(), Doing::default());
        let (file, seen) = (folder.path().join(format!("{at}.tgz")), doing.clone());
        let run = move || work(&Bench { material: &material, file: &file }, &shared, from + count, &seen);
        // Such a stack as a program's first thread has; a reader that needs more fails here.
        workers.push((thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap(), doing));
    }
    while workers.iter().any(|(worker, _)| !worker.is_finished()) {
        thread::sleep(Duration::from_millis(20));
        for (_, doing) in &workers {
            let (number, since) = *doing.lock().unwrap_or_else(PoisonError::into_inner);
            let hangs = since.is_some_and(|since| since.elapsed() > PATIENCE);
            let name = targets::target_of(number).name;
            assert!(!hangs, "input {number} ({name}) hangs; make fuzz FROM={number} COUNT=1");
        }
    }
    for (worker, _) in workers {
        worker.join().unwrap();
    }
    let (longest, slow) = *shared.slowest.lock().unwrap();
    let name = targets::target_of(slow).name;
    println!("{count} inputs from {from} in {:.1?}; the slowest, {slow} ({name}), took {longest:.1?}", start.elapsed());
    let failures = shared.failures.lock().unwrap();
    assert!(failures.is_empty(), "{} inputs panic:\n{}", failures.len(), failures.join("\n"));
}

/// Takes inputs until all are done.
fn work(bench: &Bench<'_>, shared: &Shared, end: u64, doing: &Doing) {
    loop {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            return;
        }
        let start = Instant::now();
        *doing.lock().unwrap_or_else(PoisonError::into_inner) = (number, Some(start));
        let target = targets::target_of(number);
        if panic::catch_unwind(AssertUnwindSafe(|| (target.run)(bench, &mut Random::of(number)))).is_err() {
            let mut failures = shared.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.push(format!("make fuzz FROM={number} COUNT=1  ({})", target.name));
            if failures.len() > 20 {
                return;
            }
        }
        let took = start.elapsed();
        let mut slowest = shared.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        *slowest = (*slowest).max((took, number));
        *doing.lock().unwrap_or_else(PoisonError::into_inner) = (number, None);
    }
}

#[test]
fn the_kinds_of_input_share_all_numbers() {
    assert_eq!(targets::TARGETS.iter().map(|target| target.share).sum::<u64>(), 1000);
    let counted = |name: &str| (0..1000).filter(|number| targets::target_of(*number).name == name).count() as u64;
    assert!(targets::TARGETS.iter().all(|target| counted(target.name) == target.share));
}

//! Start-up, whole-run time and peak memory of the binary: what a user waits for, a process each time.
//!
//! Criterion measures the times; peak memory is read from `/proc` in one run before. Run with `make bench`.

use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use criterion::Criterion;
use criterion::SamplingMode;

/// Runs that the statistics are of: the least that criterion takes, since each is a whole run.
const RUNS: usize = 10;

fn main() {
    let out = std::env::temp_dir().join("toetsbank-bench");
    let out = out.to_string_lossy();
    let bgz = ["run", "bgz", "--quiet", "--out", &out];
    let cases: [(&str, &[&str]); 5] = [
        ("start-up (--version)", &["--version"]),
        ("suites check (all suites loaded)", &["suites", "check"]),
        ("run bgz, rule probes apart", &[&bgz[..], &["--scenario", "bgz-3-0"]].concat()),
        ("run bgz, with rule probes", &bgz),
        ("run (all suites)", &["run", "--quiet", "--out", &out]),
    ];
    for (what, arguments) in &cases {
        println!("{what:<36} peak memory {:>6.1} MB", peak(start(arguments)) as f64 / 1e3);
    }
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    let mut group = criterion.benchmark_group("process");
    group.sample_size(RUNS).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(500));
    for (what, arguments) in &cases {
        group.bench_function(*what, |bencher| bencher.iter(|| start(arguments).wait()));
    }
    group.finish();
    criterion.final_summary();
}

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toetsbank"));
    match command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => panic!("the binary does not start: {error}"),
    }
}

/// The most memory that was resident while the process ran, in kB.
fn peak(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while let Ok(None) = child.try_wait() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let high_water = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(high_water.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
        std::thread::sleep(Duration::from_micros(500));
    }
    peak
}

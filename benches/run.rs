//! Start-up, whole-run time and peak memory of the release binary, each as the median of some runs.
//!
//! Plain processes and the clock: what a user waits for. Run with `make bench`.

use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

const RUNS: usize = 7;

fn main() {
    let binary = env!("CARGO_BIN_EXE_toetsbank");
    let out = std::env::temp_dir().join("toetsbank-bench");
    let out = out.to_string_lossy();
    println!("median of {RUNS} runs");
    show("start-up (--version)", binary, &["--version"]);
    show("suites check (all suites loaded)", binary, &["suites", "check"]);
    show("run bgz, rule probes apart", binary, &["run", "bgz", "--quiet", "--scenario", "bgz-3-0", "--out", &out]);
    show("run bgz, with rule probes", binary, &["run", "bgz", "--quiet", "--out", &out]);
    show("run (all suites)", binary, &["run", "--quiet", "--out", &out]);
}

fn show(what: &str, binary: &str, arguments: &[&str]) {
    let mut times = Vec::new();
    let mut peak = 0;
    for _ in 0..RUNS {
        let (time, memory) = measure(binary, arguments);
        times.push(time);
        peak = peak.max(memory);
    }
    times.sort();
    let median = times[times.len() / 2].as_secs_f64() * 1e3;
    println!("{what:<36} {median:>9.1} ms   peak {:>6.1} MB", peak as f64 / 1e3);
}

/// Time of one process and its peak resident memory in kB, read from `/proc` while it runs.
fn measure(binary: &str, arguments: &[&str]) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = match Command::new(binary).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => panic!("{binary} does not start: {error}"),
    };
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let high_water = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(high_water.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_micros(500)),
            _ => return (start.elapsed(), peak),
        }
    }
}

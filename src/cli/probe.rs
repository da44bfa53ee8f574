//! `toetsbank probe tls`: what TLS an address speaks, graded by the NCSC guideline.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::net::ToSocketAddrs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use crate::cli;
use crate::cli::Globals;
use crate::env::Env;
use crate::event::Verdict;
use crate::exchange::TlsScan;
use crate::pki;
use crate::probe;
use crate::probe::Target;
use crate::report::tls as shown;
use crate::report::tls::Graded;
use crate::report::tls::Told;
use crate::requirement::register;
use crate::rules::tls::ncsc;
use crate::rules::tls::scan::OF_SCAN;

/// Find out what an address speaks
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank probe tls fhir.voorbeeld.example")]
pub struct ProbeArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Grade a TLS endpoint by the NCSC guideline
    ///
    /// Offers every version and every cipher suite, one handshake each, and grades what the server accepts. Only scan
    /// systems that you may scan.
    #[command(after_help = "Example: toetsbank probe tls fhir.voorbeeld.example --format json")]
    Tls {
        /// The host, with a port when it is not 443
        #[arg(value_name = "HOST[:PORT]")]
        host: String,
        /// Where the host is, when its name does not lead there
        #[arg(long, value_name = "ADDRESS:PORT")]
        connect: Option<String>,
        /// The client certificate (chain, PEM) to show to a server that asks for one
        #[arg(long, value_name = "FILE", requires = "key")]
        certificate: Option<PathBuf>,
        /// Its private key (PEM)
        #[arg(long, value_name = "FILE", requires = "certificate")]
        key: Option<PathBuf>,
        /// Longest wait for one answer, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
        timeout: u64,
        /// Form of the output
        #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
        format: FormatArgument,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    /// A table
    Text,
    /// One JSON object
    Json,
}

/// Carries out the command: 0 when nothing fails, 1 when something does, 2 for a wrong address, 3 when nothing was seen.
pub fn run(args: &ProbeArgs, globals: Globals) -> u8 {
    let Action::Tls { host, connect, certificate, key, timeout, format } = &args.action;
    let target = target(host, connect.as_deref(), Duration::from_secs(*timeout)).and_then(|target| {
        let Some((certificate, key)) = certificate.as_deref().zip(key.as_deref()) else { return Ok(target) };
        let identity = pki::certified(&file(certificate)?, &file(key)?);
        let identity = identity.map_err(|error| format!("`{}`: {error}", certificate.display()))?;
        Ok(Target { identity: Some(identity), ..target })
    });
    let target = match target {
        Ok(target) => target,
        Err(message) => {
            eprintln!("toetsbank: {message}");
            return cli::USAGE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&format!("start the runtime: {error}")),
    };
    let scan = runtime.block_on(probe::scan(&target, &Env::system()));
    let (graded, told) = (graded(&scan), told(&scan));
    let text = match format {
        FormatArgument::Json => {
            let value = shown::to_json(&scan, &graded, &told, globals.lang);
            serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
        }
        FormatArgument::Text => shown::to_text(&scan, &graded, &told, globals.lang),
    };
    // A closed pipe is no failure.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    match shown::verdict(&scan, &told) {
        Verdict::Fail => cli::FAILED,
        Verdict::Error => cli::COULD_NOT_JUDGE,
        _ => cli::OK,
    }
}

/// Reads a file that an option names.
fn file(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
}

/// The host and the place to connect to.
fn target(host: &str, connect: Option<&str>, patience: Duration) -> Result<Target, String> {
    let host = host.strip_prefix("https://").unwrap_or(host).trim_end_matches('/');
    let is_bare_v6 = host.matches(':').count() > 1 && !host.starts_with('[');
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !is_bare_v6 && !port.contains(']') => {
            (name, port.parse::<u16>().map_err(|_| format!("`{port}` is no port: use a number up to 65535"))?)
        }
        _ => (host, 443),
    };
    let name = name.trim_matches(['[', ']']).to_owned();
    let place = connect.map_or_else(|| format!("{}:{port}", bracketed(&name)), str::to_owned);
    let address: Option<SocketAddr> = place.to_socket_addrs().ok().and_then(|mut found| found.next());
    let address = address
        .ok_or_else(|| format!("`{place}` has no address: check the name, or say where it is with `--connect`"))?;
    Ok(Target { name: format!("{}:{port}", bracketed(&name)), host: name, address, patience, identity: None })
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// Every fact of a scan that the guideline grades, in the words of the output.
fn graded(scan: &TlsScan) -> Vec<Graded> {
    let told = ncsc::facts(scan).into_iter().map(|fact| Graded {
        kind: fact.kind.word(),
        of: fact.version.to_owned(),
        name: fact.name,
        grades: [fact.grade.edition_2_1, fact.grade.edition_2025]
            .map(|level| level.map(|level| (level.word(), level.text()))),
    });
    told.collect()
}

/// What the rules say of a scan, each finding at most as severe as its row allows.
fn told(scan: &TlsScan) -> Vec<Told> {
    let mut out = Vec::new();
    for (rule, of_scan) in OF_SCAN {
        let Some(row) = register().row(rule) else { continue };
        for mut issue in of_scan(scan).unwrap_or_default() {
            issue.severity = row.verdict.limit(issue.severity);
            out.push(Told { rule, issue });
        }
    }
    out.sort_by_key(|told| std::cmp::Reverse(told.issue.severity));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(host: &str) -> (String, String) {
        let target = target(host, Some("127.0.0.1:1"), Duration::from_secs(1)).unwrap();
        (target.name, target.host)
    }

    #[test]
    fn hosts_are_read_with_and_without_port() {
        let pair = |name: &str, host: &str| (name.to_owned(), host.to_owned());
        assert_eq!(named("fhir.example"), pair("fhir.example:443", "fhir.example"));
        assert_eq!(named("https://fhir.example:8443/"), pair("fhir.example:8443", "fhir.example"));
        assert_eq!(named("::1"), pair("[::1]:443", "::1"));
        assert_eq!(named("[::1]:444"), pair("[::1]:444", "::1"));
        assert!(target("fhir.example:99999", None, Duration::from_secs(1)).is_err());
    }
}

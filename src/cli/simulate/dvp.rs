//! `toetsbank simulate dvp`: the reference DVP on its own, in a world of another process.
//!
//! Arguments and words only; the work is in `simulator::dvp`. Entry point: [`run`].

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

use crate::candidate;
use crate::candidate::World;
use crate::cli::private::put;
use crate::cli::simulate::BrokenArgs;
use crate::cli::simulate::Failure;
use crate::cli::simulate::list;
use crate::cli::simulate::planted;
use crate::diag::Lang;
use crate::env::Env;
use crate::pki::Authority;
use crate::simulator::SimulatorError;
use crate::simulator::dvp;
use crate::simulator::dvp::DEFECTS;
use crate::simulator::dvp::DvpConfig;
use crate::simulator::dvp::HOST;

/// The reference DVP: a PGO without a face, for a world that runs elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank simulate dvp --proxy 127.0.0.1:8444 --ca world/ca.pem --port 8450")]
pub struct DvpArgs {
    /// HTTP proxy (CONNECT) of the world, by which its names are found
    #[arg(long, value_name = "HOST:PORT", required_unless_present = "list_defects")]
    proxy: Option<SocketAddr>,
    /// Authority of the world's certificates, PEM
    #[arg(long, value_name = "FILE", required_unless_present = "list_defects")]
    ca: Option<PathBuf>,
    /// Port to listen at. Else any free port
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    #[command(flatten)]
    broken: BrokenArgs,
    /// Write a candidate file when ready: the folder of `--ca` is that of its world, the port before `--proxy` its port
    #[arg(long, value_name = "FILE")]
    write_candidate: Option<PathBuf>,
}

/// Lists, or serves until Ctrl-C.
pub(super) fn run(args: &DvpArgs, lang: Lang) -> Result<(), Failure> {
    if args.broken.list_defects {
        list(DEFECTS, args.broken.format, lang);
        return Ok(());
    }
    let env = Env::system();
    let read = |file: &PathBuf| fs::read_to_string(file).map_err(|source| Failure::Read { file: file.clone(), source });
    let trusted = args.ca.iter().map(read).collect::<Result<_, _>>()?;
    let defects = planted(&args.broken.defects, DEFECTS)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let own = |source| Failure::Start(SimulatorError::Pki(source));
        let authority = Authority::new(&env, "toetsbank referentie-DVP CA").map_err(own)?;
        let config = DvpConfig {
            env: env.clone(),
            connect: BTreeMap::new(),
            proxy: args.proxy,
            trusted,
            authority: &authority,
            port: args.port,
            defects,
            behaviours: Vec::new(),
        };
        let dvp = dvp::start(config).await.map_err(Failure::Start)?;
        if let Some(file) = &args.write_candidate {
            let folder = args.ca.as_deref().and_then(Path::parent).and_then(|folder| std::path::absolute(folder).ok());
            let port = args.proxy.map(|proxy| proxy.port().wrapping_sub(1));
            let world = World { folder, port, ..dvp::world() };
            let candidate = dvp::describe_apart(&dvp, &authority, world).map_err(Failure::Start)?;
            let text = candidate::to_toml(&candidate);
            put(file, &text).map_err(|source| Failure::Write { file: file.clone(), source })?;
        }
        println!("{}", ready(&dvp.address().to_string(), lang));
        // Without a signal handler there is no other way to stop than the process' end.
        tokio::signal::ctrl_c().await.map_err(Failure::Runtime)?;
        dvp.stop().await;
        Ok(())
    })
}

/// The one line that says that it serves.
fn ready(address: &str, lang: Lang) -> String {
    match lang {
        Lang::Nl => format!("de referentie-DVP luistert op {address} als {HOST}; Ctrl-C stopt haar"),
        Lang::En => format!("the reference DVP listens on {address} as {HOST}; Ctrl-C stops it"),
    }
}

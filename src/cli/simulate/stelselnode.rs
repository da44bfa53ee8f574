//! `toetsbank simulate stelselnode`: the lists for a candidate that fetches its own.
//!
//! Arguments and words only; the work is in `simulator::stelselnode`. Entry point: [`serve`].

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::cli::private::put;
use crate::cli::simulate::Failure;
use crate::diag::Lang;
use crate::env::Env;
use crate::simulator::dva;
use crate::simulator::stelselnode;
use crate::simulator::stelselnode::HOST;
use crate::simulator::stelselnode::Publication;
use crate::simulator::stelselnode::StelselnodeConfig;

/// The stelselnode: serves the lists over mutual TLS on loopback, by the names and the query of the Afsprakenstelsel.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: toetsbank simulate stelselnode --data lists/ --client-ca pki/ca.pem --write-ca node.pem"
)]
pub struct StelselnodeArgs {
    /// Folder with lists (`MedMij_Whitelist.xml` and so on), served as they are; else those of the reference DVA
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port to listen at. Else any free port
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Authority of the client certificates to take, PEM (repeatable); else its own
    #[arg(long = "client-ca", value_name = "FILE")]
    client_ca: Vec<PathBuf>,
    /// Write the authority of its own certificate when ready, PEM
    #[arg(long, value_name = "FILE")]
    write_ca: Option<PathBuf>,
}

/// Serves until Ctrl-C.
pub(super) fn serve(args: &StelselnodeArgs, lang: Lang) -> Result<(), Failure> {
    let env = Env::system();
    let publication = match &args.data {
        Some(folder) => Publication::folder(folder).map_err(Failure::Start)?,
        None => Publication::of(&dva::lists(&env)),
    };
    let read = |file: &PathBuf| fs::read_to_string(file).map_err(|source| Failure::Read { file: file.clone(), source });
    let clients = args.client_ca.iter().map(read).collect::<Result<_, _>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let config = StelselnodeConfig { env, publication, clients, port: args.port };
        let node = stelselnode::start(config).await.map_err(Failure::Start)?;
        if let Some(file) = &args.write_ca {
            let text = &node.authority().certificate;
            put(file, text).map_err(|source| Failure::Write { file: file.clone(), source })?;
        }
        println!("{}", ready(node.port(), lang));
        // Without a signal handler there is no other way to stop than the process' end.
        tokio::signal::ctrl_c().await.map_err(Failure::Runtime)?;
        node.stop().await;
        Ok(())
    })
}

/// The one line that says that it serves.
fn ready(port: u16, lang: Lang) -> String {
    match lang {
        Lang::Nl => format!("de stelselnode luistert op 127.0.0.1:{port} als {HOST} en localhost; Ctrl-C stopt hem"),
        Lang::En => format!("the stelselnode listens on 127.0.0.1:{port} as {HOST} and localhost; Ctrl-C stops it"),
    }
}

//! `toetsbank completions` and `toetsbank man`: from the same definition as the arguments.

use std::io;

use clap::Args;
use clap::Command;
use clap_complete::Shell;

use crate::cli;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank completions bash > /etc/bash_completion.d/toetsbank")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the man page
#[derive(Debug, Args)]
#[command(after_help = "Example: toetsbank man | man -l -")]
pub struct Man {}

/// Prints the completions of a command line.
pub fn completions(arguments: &Completions, mut command: Command) -> u8 {
    clap_complete::generate(arguments.shell, &mut command, "toetsbank", &mut io::stdout());
    cli::OK
}

/// Prints the man page of a command line: the program, then each of its commands.
pub fn man(command: Command) -> u8 {
    let mut out = io::stdout();
    let mut pages = vec![command.clone()];
    pages.extend(command.get_subcommands().filter(|command| command.get_name() != "help").cloned());
    // A closed pipe is no reason for another status.
    let _ = pages.into_iter().try_for_each(|page| clap_mangen::Man::new(page).render(&mut out));
    cli::OK
}

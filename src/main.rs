//! The binary: arguments in, exit status out. Everything else is the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(toetsbank::cli::main())
}

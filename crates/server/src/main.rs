//! The `noroshi` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(noroshi::cli::run(std::env::args_os(), &std::env::vars().collect()))
}

//! blacklistd: the command line with what it needs of this machine.

use std::process::ExitCode;

use blacklistd::local::ThisMachine;

fn main() -> ExitCode {
    blacklist_cli::main(&ThisMachine)
}

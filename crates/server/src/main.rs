//! The `noroshi` command.

use std::{
    env,
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode},
};

/// Lets glibc give back what was freed, of which a demo has much: it lives through a year before it serves. It reads this only
/// where a program begins.
const GIVE_BACK: [(&str, &str); 2] = [("MALLOC_TRIM_THRESHOLD_", "131072"), ("MALLOC_ARENA_MAX", "2")];

fn main() -> ExitCode {
    let plays = env::args_os().skip(1).any(|word| word == "demo");
    if plays
        && env::var_os(GIVE_BACK[0].0).is_none()
        && let Ok(program) = env::current_exe()
    {
        // Where it cannot begin anew, it goes on and keeps more.
        let _ = Command::new(program).args(env::args_os().skip(1)).envs(GIVE_BACK).exec();
    }
    ExitCode::from(noroshi::cli::run(env::args_os(), &env::vars().collect()))
}

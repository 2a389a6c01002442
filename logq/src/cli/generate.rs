//! What the command line says of itself to others: completions for shells, and the man page.

use super::trace;
use super::typed::{Fields, Search};
use crate::Status;
use clap::{CommandFactory as _, Parser};
use clap_complete::Shell;
use std::io::{self, Write};

/// Print completions for a shell, or the man page
#[derive(Debug, Parser)]
#[command(name = "logq", bin_name = "logq", override_usage = "logq --completions SHELL\n       logq --man")]
#[group(required = true)]
pub(super) struct Generate {
    /// Print completions for a shell
    #[arg(long, value_name = "SHELL", conflicts_with = "man")]
    completions: Option<Shell>,

    /// Print the man page
    #[arg(long)]
    man: bool,
}

/// Prints what was asked for.
pub(super) fn run(typed: &Generate, stdout: &mut dyn Write, _stderr: &mut dyn Write) -> io::Result<Status> {
    let mut command = whole();
    match typed.completions {
        Some(shell) => {
            // The generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "logq", &mut script);
            stdout.write_all(&script)?;
        }
        None => clap_mangen::Man::new(command).render(&mut &mut *stdout)?,
    }
    Ok(Status::Found)
}

/// The whole command line, which is otherwise taken apart by its first word.
fn whole() -> clap::Command {
    let part = |command: clap::Command, name: &'static str| command.name(name).bin_name(name);
    Search::command()
        .subcommand(part(trace::Typed::command(), "trace"))
        .subcommand(part(Fields::command(), "fields"))
        .disable_help_subcommand(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(words: &[&str]) -> String {
        let typed = Generate::try_parse_from(words).unwrap();
        let mut stdout = Vec::new();
        assert_eq!(run(&typed, &mut stdout, &mut Vec::new()).unwrap(), Status::Found);
        String::from_utf8(stdout).unwrap()
    }

    #[test]
    fn every_option_is_completed_and_in_the_manual() {
        let manual = printed(&["logq", "--man"]).replace('\\', "");
        let texts = ["bash", "zsh", "fish"].map(|shell| (shell, printed(&["logq", "--completions", shell])));
        for option in whole().get_arguments().filter_map(clap::Arg::get_long) {
            for (shell, text) in &texts {
                let written = if *shell == "fish" { format!("-l {option}") } else { format!("--{option}") };
                assert!(text.contains(&written), "{shell} knows no {written}");
            }
            assert!(manual.contains(&format!("--{option}")), "no --{option} in the manual");
        }
        for (shell, text) in &texts {
            assert!(text.contains("trace") && text.contains("fields"), "{shell}");
        }
    }
}

//! Arguments of `lazyhex load`.

use std::path::PathBuf;

use clap::Parser;

/// Make a file of its dump.
///
/// Reads what `hexdump -C`, xxd (with -c, -g, -u and -a), `xxd -p`, hexyl and `lazyhex dump` print; the first line says
/// which. Digits may have been edited: the characters beside them are not read. Bytes go where the addresses say, as
/// with `xxd -r`: what is left out is a hole, which reads as zeros, and what comes twice is written twice. A line `*`
/// repeats the one before. What cannot be read is an error with its line, and no file is made.
#[derive(Debug, Parser)]
#[command(name = "lazyhex load", version, override_usage = "lazyhex load DUMP -o FILE")]
#[command(
    after_help = "Exit codes: 0 written, 1 a line could not be read, or the file not be written, 2 wrong usage.\n\
                        What xxd -b and xxd -e print is refused where their characters show it."
)]
pub(crate) struct LoadArgs {
    /// The dump; `-` is standard input
    #[arg(value_name = "DUMP")]
    pub(crate) dump: PathBuf,
    /// The new file; `-` is standard output. A file that exists is never replaced
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

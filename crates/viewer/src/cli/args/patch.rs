//! Arguments of `lazyhex patch`.

use std::path::PathBuf;

use clap::Parser;

/// Apply a patch in the format IPS, BPS or bsdiff, and write the result to a new file.
///
/// The format is recognised by the first bytes of the patch. Everything is checked first: of BPS the
/// checksums of the patch and of FILE, and the checksum of the result before it gets its name. IPS and
/// bsdiff have none, so a line on standard error says that FILE could not be checked.
#[derive(Debug, Parser)]
#[command(name = "lazyhex patch", version, override_usage = "lazyhex patch FILE PATCH -o OUT")]
#[command(
    after_help = "Exit codes: 0 written, 1 the patch is damaged or for another file, or something could not be \
                        read or written, 2 wrong usage."
)]
pub(crate) struct PatchArgs {
    /// The file, which is not changed; `-` reads standard input into memory
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The patch; `-` reads standard input into memory
    #[arg(value_name = "PATCH")]
    pub(crate) patch: PathBuf,
    /// The new file; `-` is standard output. A file that exists is never replaced
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
}

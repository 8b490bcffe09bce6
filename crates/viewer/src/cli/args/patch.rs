//! Arguments of `lazyhex patch`.

use std::path::PathBuf;

use clap::{ArgGroup, Parser};

use crate::format::parse_bytes::{BadBytes, parse_bytes};
use crate::format::parse_size::{Offset, parse_count, parse_offset};

/// Change bytes of a file, or apply a patch in the format IPS, BPS or bsdiff.
///
/// FILE is changed in place, as in the view: what will be written is compared with what is in the file, the
/// old and the new bytes go to a journal, and only then is the file written to; cut short, it is finished or
/// taken back by `lazyhex --recover FILE`. With -o, the patched bytes become a new file, and FILE is not
/// changed.
///
/// The format of a patch is recognised by its first bytes. Everything is checked first: of BPS the
/// checksums of the patch and of FILE, and that of the result before anything is written. IPS and
/// bsdiff have none, so a line on standard error says that FILE could not be checked.
#[derive(Debug, Parser)]
#[command(name = "lazyhex patch", version)]
#[command(override_usage = "lazyhex patch [OPTIONS] FILE --at OFFSET --bytes HEX\n       \
                            lazyhex patch [OPTIONS] FILE --at OFFSET --from FILE\n       \
                            lazyhex patch [OPTIONS] FILE --at OFFSET --fill HEX --len COUNT\n       \
                            lazyhex patch [OPTIONS] FILE --at OFFSET --delete COUNT\n       \
                            lazyhex patch [OPTIONS] FILE PATCH [-o OUT]")]
#[command(group = ArgGroup::new("change").required(true).args(["patch", "bytes", "from", "fill", "delete"]))]
#[command(group = ArgGroup::new("inserts").multiple(true).args(["bytes", "from", "fill"]))]
#[command(
    after_help = "Exit codes: 0 written, 1 nothing was written: the patch is damaged or for another file, the file \
                        is read-only, in use, replaced or changed meanwhile, or there is no room, 2 wrong usage."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct PatchArgs {
    /// The file; with -o, `-` is standard input, kept in a temporary file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The patch; `-` is standard input
    #[arg(value_name = "PATCH", conflicts_with = "at")]
    pub(crate) patch: Option<PathBuf>,
    /// Write to a new file instead; `-` is standard output. A file that exists is never replaced
    #[arg(short, long, value_name = "OUT", requires = "patch", conflicts_with = "at")]
    pub(crate) output: Option<PathBuf>,
    /// Change the bytes from this offset on; -16 is 16 bytes before the end. What is between the end of the
    /// file and a later offset becomes zeros
    #[arg(long, value_name = "OFFSET", value_parser = parse_offset, allow_hyphen_values = true)]
    pub(crate) at: Option<Offset>,
    /// Overwrite with these bytes: `de ad`, `dead`
    #[arg(long, value_name = "HEX", value_parser = hex, requires = "at")]
    pub(crate) bytes: Option<Hex>,
    /// Overwrite with all bytes of this file; `-` reads standard input
    #[arg(long, value_name = "FILE", requires = "at")]
    pub(crate) from: Option<PathBuf>,
    /// Overwrite with these bytes, again and again, as many as --len says
    #[arg(long, value_name = "HEX", value_parser = hex, requires_all = ["at", "len"])]
    pub(crate) fill: Option<Hex>,
    /// How many bytes --fill writes
    #[arg(long, value_name = "COUNT", value_parser = parse_count, requires = "fill")]
    pub(crate) len: Option<u64>,
    /// Delete this many bytes; what follows them moves
    #[arg(long, value_name = "COUNT", value_parser = parse_count, requires = "at")]
    pub(crate) delete: Option<u64>,
    /// Insert instead of overwriting; what follows moves
    #[arg(long, requires = "inserts")]
    pub(crate) insert: bool,
    /// Print the ranges that would be written, the checks, and what would be lost. Nothing is written
    #[arg(long, conflicts_with = "output")]
    pub(crate) dry_run: bool,
    /// Allow FILE to be a block device
    #[arg(long, conflicts_with = "output")]
    pub(crate) write_device: bool,
    /// Keep no journal: if writing is cut short, the file has old and new bytes
    #[arg(long, conflicts_with = "output")]
    pub(crate) no_journal: bool,
}

/// Bytes of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

fn hex(text: &str) -> Result<Hex, BadBytes> {
    parse_bytes(text).map(Hex)
}

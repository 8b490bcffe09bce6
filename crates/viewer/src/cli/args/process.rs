//! Processes instead of files: `--pid 4242`, and `/proc/4242/mem`.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, StringValueParser, TypedValueParser};
use memmap::plugin::Schemes;
use memmap::process::Processes;

/// The scheme of locations of processes.
const SCHEME: &str = "pid";

/// Adds the scheme of processes, unless a plug-in has it.
pub(crate) fn with_processes(schemes: Schemes) -> Schemes {
    let is_taken = schemes.names().contains(&SCHEME);
    if is_taken { schemes } else { schemes.with(SCHEME, Processes) }
}

/// Parses `4242`, as the location of that process.
pub(super) fn pid() -> impl TypedValueParser<Value = PathBuf> {
    StringValueParser::new().try_map(|text| {
        let number = text.parse::<u32>().ok();
        number.map(location_of).ok_or("a process is named by its number, such as 4242")
    })
}

fn location_of(number: u32) -> PathBuf {
    format!("{SCHEME}://{number}").into()
}

/// Parses a path or a location. The memory of a process is opened by its number: its file has no length, and
/// cannot be mapped.
pub(super) fn file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| location(&path).unwrap_or(path))
}

fn location(path: &Path) -> Option<PathBuf> {
    let number = path.to_str()?.strip_prefix("/proc/")?.strip_suffix("/mem")?;
    number.parse().ok().map(location_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_process_is_no_other_file() {
        for (path, known) in [
            ("/proc/4242/mem", Some("pid://4242")),
            ("/proc/self/mem", None),
            ("/proc/4242/maps", None),
            ("/proc/4242/task/1/mem", None),
            ("/tmp/4242/mem", None),
        ] {
            assert_eq!(location(Path::new(path)), known.map(PathBuf::from), "{path}");
        }
    }
}

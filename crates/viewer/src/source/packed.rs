//! Files packed with gzip or zstd: `unpack://` before a path, or a location, asks for the bytes in them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memmap::plugin::Schemes;
use memmap::unpack::{self, Cost, Offer, Unpacked};
use memmap::{AnyMap, MemMap, Progress, Result};

use super::{Source, printable};

const SCHEME: &str = "unpack://";

/// What bytes were unpacked from, and what that costs.
#[derive(Debug, Clone)]
pub(crate) struct Packing {
    pub(crate) kind: unpack::Packing,
    pub(crate) packed_len: u64,
    /// How much could be unpacked.
    pub(crate) len: u64,
    pub(crate) cost: Cost,
    /// How long opening took.
    pub(crate) took: Duration,
    /// Why there may be more in the file.
    pub(crate) damage: Option<String>,
}

/// The location of what is in a packed file.
pub(crate) fn location(packed: &Path) -> PathBuf {
    if packed.to_str().is_some() {
        let mut location = OsString::from(SCHEME);
        location.push(packed);
        return location.into();
    }
    // A location is UTF-8: other bytes are encoded, as locations of files encode them.
    let path = std::path::absolute(packed).unwrap_or_else(|_| packed.to_owned());
    let mut location = format!("{SCHEME}file://");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            location.push(char::from(byte));
        } else {
            location.push('%');
            location.extend(
                [byte >> 4, byte & 15].map(|it| char::from_digit(it.into(), 16).unwrap_or('0')),
            );
        }
    }
    location.into()
}

/// The packed file of a location.
pub(crate) fn inner(location: &Path) -> Option<PathBuf> {
    location.to_str()?.strip_prefix(SCHEME).map(PathBuf::from)
}

/// Opens what is in a packed file.
pub(super) fn open(
    location: &Path,
    inner: &Path,
    schemes: &Schemes,
    progress: &Progress,
) -> Result<Source> {
    let packed = schemes.open(inner, MemMap::options())?;
    let packed_len = packed.len();
    let begun = Instant::now();
    let map = Unpacked::open(packed, progress)?;
    let unpacked = map.mapping();
    let packing = Packing {
        kind: unpacked.packing(),
        packed_len,
        len: map.len() - u64::from(unpacked.stopped().is_some()),
        cost: unpacked.cost(),
        took: begun.elapsed(),
        damage: unpacked.stopped().map(ToString::to_string),
    };
    let name = printable(inner.file_name().unwrap_or(inner.as_os_str()));
    let location = Some(location.into());
    Ok(Source { name, location, packing: Some(packing), ..Source::new(map.erase(), "") })
}

/// What a file is packed with and what `--unpack` would cost; `None` if it is not packed.
pub(crate) fn offer(map: &AnyMap) -> Option<Offer> {
    // What cannot be read is not known to be packed.
    Offer::of(map).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_leads_to_its_packed_file() {
        for path in ["a.gz", "/tmp/a b?#%.gz", "s3://lake/x.gz"] {
            assert_eq!(inner(&location(Path::new(path))), Some(PathBuf::from(path)));
        }
        assert_eq!(inner(Path::new("a.gz")), None);
    }
}

//! `lazyhex info` in JSON, and the array in a `.npy` file. The text form is the `Display`
//! implementation of the explanation.

use std::ffi::OsStr;
use std::path::Path;

use memmap::array::npy::{Header, Preamble};
use memmap::unpack::{Needs, Offer};
use memmap::{
    AnyMap, MemMap, Proofs, Region, explain::Access, explain::Device, explain::Explanation,
    explain::FileKind, explain::FileSystem, explain::FileSystemKind, explain::Limit,
    explain::Mappability, explain::Partition, explain::ProofAvailability, explain::Warning,
    plugin::PinnedBy, plugin::Remote, plugin::Schemes, widen,
};
use serde_json::{Value, json};

use crate::format::packing::offer_text;
use crate::format::units::in_units;
use crate::source::{bytes_unless_utf8, npy_layout, printable};

/// The header of a `.npy` file, or the error.
pub(crate) type Npy = Result<Header, memmap::array::Error>;

/// The array in `file`, which was explained; `None` if it does not start with the `.npy` magic, or cannot be read.
pub(crate) fn npy(it: &Explanation, file: &Path, schemes: &Schemes) -> Option<Npy> {
    if !matches!(it.kind, FileKind::Regular | FileKind::Plugin) {
        return None;
    }
    let map = schemes.open(file, MemMap::options()).ok()?;
    let is_npy = map.read_at(0, Preamble::MAGIC.len()).is_ok_and(|start| start == Preamble::MAGIC);
    is_npy.then(|| npy_layout::header(&map, 0, it.len.unwrap_or(u64::MAX)))
}

/// Describes the array, in the format of the explanation.
pub(crate) fn npy_text(npy: &Npy, file_len: Option<u64>) -> String {
    let header = match npy {
        Ok(header) => header,
        Err(error) => return row("array", &format!("not readable: {}", error.kind())),
    };
    let mut text = row(
        "array",
        &format!(
            "version {}, {} order, data of {} bytes from byte {} on{}",
            header.version(),
            header.order(),
            header.data_len(),
            header.data_start(),
            if is_cut_short(header, file_len) { ", truncated" } else { "" },
        ),
    );
    text += &row("dtype", &header.dtype().to_string());
    text + &row("shape", &npy_layout::shape(header.shape()))
}

/// What `--unpack` would cost, in the format of the explanation.
pub(crate) fn packed_text(offer: &Offer) -> String {
    row("packed", &offer_text(offer))
}

/// The same in JSON.
pub(crate) fn packed_json(offer: &Offer) -> Value {
    json!({
        "with": offer.packing.to_string(),
        "unpacked_length": offer.unpacked_len,
        "needs": match offer.needs {
            Needs::Table => "table",
            Needs::Headers => "headers",
            _ => "pass",
        },
    })
}

/// What a plug-in says of its source, in the format of the explanation.
pub(crate) fn plugin_text(map: &AnyMap) -> String {
    let remote = map.remote().map(|remote| remote_text(&remote)).unwrap_or_default();
    remote + &regions_text(map.regions())
}

/// Adds the same to an explanation in JSON.
pub(crate) fn add_plugin_json(value: &mut Value, map: &AnyMap) {
    if let Some(remote) = map.remote() {
        value["remote"] = remote_json(&remote);
    }
    if !map.regions().is_empty() {
        value["regions"] = regions_json(map.regions());
    }
}

/// The regions of a process, in the format of the explanation.
fn regions_text(regions: &[Region]) -> String {
    let mut text = String::new();
    for (index, region) in regions.iter().enumerate() {
        let Region { range, access, name, .. } = region;
        let label = if index == 0 { "regions" } else { "" };
        let len = in_units(range.end - range.start);
        let name = printable(OsStr::new(name));
        let line =
            format!("\n  {label:15}{:x}-{:x} {access} {len:>10}  {name}", range.start, range.end);
        text += line.trim_end();
    }
    text
}

/// What pins an object of a server, and what it cost to ask, in the format of the explanation.
fn remote_text(remote: &Remote) -> String {
    let pinned = match &remote.pinned {
        None => "by nothing: if it is replaced, old and new bytes may be mixed".to_owned(),
        Some(pinned) => match pinned.by {
            PinnedBy::VersionId => format!("by {pinned}"),
            _ => format!("by {pinned}, which another version may have too"),
        },
    };
    let fetched = in_units(remote.fetched);
    row("pinned", &pinned)
        + &row("fetched", &format!("{fetched}, by requests: {}", remote.requests))
}

/// The same in JSON.
fn remote_json(remote: &Remote) -> Value {
    let name = |by| match by {
        PinnedBy::VersionId => "version-id",
        PinnedBy::Checksum => "checksum",
        _ => "etag",
    };
    json!({
        "pinned_by": remote.pinned.as_ref().map(|pinned| name(pinned.by)),
        "version": remote.pinned.as_ref().map(|pinned| pinned.version.to_string()),
        "requests": remote.requests,
        "fetched": remote.fetched,
    })
}

/// The regions in JSON.
fn regions_json(regions: &[Region]) -> Value {
    let of = |region: &Region| {
        json!({
            "start": region.range.start,
            "end": region.range.end,
            "access": region.access,
            "name": region.name,
            "file_offset": region.file_offset,
            "is_readable": region.is_readable,
        })
    };
    regions.iter().map(of).collect()
}

/// The array in JSON; `null` if there is none.
pub(crate) fn npy_json(npy: Option<&Npy>, file_len: Option<u64>) -> Value {
    match npy {
        None => Value::Null,
        Some(Err(error)) => json!({ "error": error.kind().to_string() }),
        Some(Ok(header)) => json!({
            "version": header.version().to_string(),
            "dtype": header.dtype().to_string(),
            "shape": header.shape(),
            "order": header.order().to_string(),
            "offset": header.data_start(),
            "length": header.data_len(),
            "is_cut_short": is_cut_short(header, file_len),
        }),
    }
}

fn is_cut_short(header: &Header, file_len: Option<u64>) -> bool {
    let end = widen(header.data_start()).saturating_add(header.data_len());
    file_len.is_some_and(|len| len < end)
}

/// A label and a text, wrapped and indented as in an explanation.
fn row(label: &str, text: &str) -> String {
    const TEXT_WIDTH: usize = 63;
    let (mut row, mut len) = (format!("\n  {label:15}"), 0);
    for word in text.split(' ') {
        let word_len = word.chars().count();
        if len > 0 && len + 1 + word_len > TEXT_WIDTH {
            row.push('\n');
            row += &" ".repeat(17);
            len = 0;
        }
        row += if len > 0 { " " } else { "" };
        row += word;
        len += word_len + usize::from(len > 0);
    }
    row
}

/// A JSON object without line breaks. Sizes are in bytes. `null` means unknown or not applicable; a
/// limit whose `max` is `null` is unlimited.
///
/// In a path that is not UTF-8, invalid bytes are replaced by U+FFFD. Then `path_is_lossy` is true,
/// and `path_bytes` has the path in base64. What is not a file has no path; `location` names it.
pub(crate) fn json(it: &Explanation) -> Value {
    let path = it.origin.as_path();
    let mut object = json!({
        "path": path.map(|path| path.to_string_lossy()),
        "path_is_lossy": path.is_some_and(|path| path.to_str().is_none()),
        "kind": kind(it.kind),
        "length": it.len,
        "stored": it.stored.map(|stored| json!({
            "data": stored.data,
            "holes": stored.holes,
            "runs": stored.runs,
            "on_disk": stored.on_disk,
            "looked_at": stored.looked_at,
        })),
        "resident": it.resident.map(|resident| json!({
            "bytes": resident.bytes,
            "looked_at": resident.looked_at,
            "is_certain": resident.is_certain,
        })),
        "device": it.device.as_ref().map(device),
        "file_system": it.file_system.as_ref().map(file_system),
        "page_size": it.page_size,
        "access": it.access.map(|access| match access {
            Access::MappedPrivately => "mapped-privately",
            Access::Read => "read",
            _ => "mapped",
        }),
        "modes": it.verdicts.iter().map(verdict).collect::<Vec<_>>(),
        "frozen_by": it.proof(Proofs::any()).map(|proof| proof.to_string()),
        "proofs": it.proofs.iter().map(prospect).collect::<Vec<_>>(),
        "limits": {
            "mappings": it.limits.mappings.map(limit),
            "address_space": it.limits.address_space.map(limit),
            "locked_memory": it.limits.locked_memory.map(limit),
            "open_files": it.limits.open_files.map(limit),
            "memory": it.limits.memory,
        },
        "warnings": it.warnings().iter().map(warning).collect::<Vec<_>>(),
    });
    if let Value::Object(object) = &mut object {
        if let Some(bytes) = path.and_then(bytes_unless_utf8) {
            object.insert("path_bytes".to_owned(), bytes.into());
        }
        if path.is_none() {
            object.insert("location".to_owned(), it.origin.as_location().into());
        }
    }
    object
}

fn device(it: &Device) -> Value {
    json!({
        "sector_size": it.sector_size,
        "physical_sector_size": it.physical_sector_size,
        "is_read_only": it.is_read_only,
        "serial": it.serial,
        "partition": it.partition.as_ref().map(partition),
        "partitions": it.partitions.iter().map(partition).collect::<Vec<_>>(),
        "used_by": it.used_by,
    })
}

fn partition(part: &Partition) -> Value {
    json!({
        "disk": part.disk,
        "number": part.number,
        "start": part.start,
        "length": part.len,
    })
}

fn file_system(on: &FileSystem) -> Value {
    json!({
        "name": on.name,
        "kind": match on.kind {
            FileSystemKind::Local => "local",
            FileSystemKind::Memory => "memory",
            FileSystemKind::Network => "network",
            FileSystemKind::Layered => "layered",
            FileSystemKind::Program => "program",
            FileSystemKind::Pseudo => "made-up",
            _ => "unknown",
        },
        "is_read_only": on.is_read_only,
        "free": on.free,
        "total": on.total,
        "block_size": on.block_size,
    })
}

fn verdict(verdict: &Mappability) -> Value {
    json!({
        "mode": verdict.mode().as_str(),
        "is_possible": verdict.is_possible(),
        "is_tried": verdict.is_tried(),
        "error": verdict.refusal().map(ToString::to_string),
    })
}

fn prospect(prospect: &ProofAvailability) -> Value {
    json!({
        "proof": prospect.proof.to_string(),
        "holds": prospect.why_not.is_none(),
        "why_not": prospect.why_not,
    })
}

fn limit(limit: Limit) -> Value {
    json!({ "now": limit.now, "max": limit.max })
}

fn warning(warning: &Warning) -> Value {
    json!({ "name": warning.name(), "text": warning.to_string() })
}

/// The type of a file in JSON. The `Display` form is a phrase for sentences.
const fn kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Regular => "regular",
        FileKind::BlockDevice => "block-device",
        FileKind::CharDevice => "char-device",
        FileKind::Directory => "directory",
        FileKind::Fifo => "fifo",
        FileKind::Socket => "socket",
        FileKind::Proc => "proc",
        FileKind::Sys => "sys",
        FileKind::Pseudo => "made-up",
        FileKind::Plugin => "plug-in",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use memmap::{
        Error, ErrorKind, Mode, explain::Limits, explain::Residency, explain::Stored, plugin::Op,
        proof::Proof,
    };

    use super::*;

    /// An explanation with all parts present: a sparse terabyte on an overlay file system.
    fn explanation() -> Explanation {
        let path = "/data/evil\u{1b}[2J\n\"name\"";
        let mut it = Explanation::new(Path::new(path), FileKind::Regular);
        it.len = Some(1 << 40);
        it.stored = Some(Stored {
            data: 1 << 30,
            holes: 3 << 30,
            runs: 4096,
            on_disk: (1 << 30) + (1 << 20),
            looked_at: 4 << 30,
        });
        it.resident = Some(Residency { bytes: 4096, looked_at: 1 << 29, is_certain: true });
        let mut on = FileSystem::new("overlay", FileSystemKind::Layered);
        (on.free, on.total, on.block_size) = (1 << 31, (1 << 37) + 1, 4096);
        it.file_system = Some(on);
        it.page_size = Some(4096);
        let refuse = |op, kind| Err::<(), _>(Error::new(op, kind).with_origin(it.origin.clone()));
        it.verdicts = vec![
            Mappability::tried(Mode::Read, Ok(())),
            Mappability::concluded(Mode::ReadWrite, Ok(())),
            Mappability::concluded(
                Mode::Create,
                refuse(Op::Create, ErrorKind::PermissionDenied { mode: Mode::Create }),
            ),
            Mappability::tried(
                Mode::CopyOnWrite,
                refuse(Op::Map, ErrorKind::OutOfMemory { len: 1 << 40 }),
            ),
        ];
        it.proofs = vec![
            ProofAvailability::new(Proof::Lease, None),
            ProofAvailability::new(
                Proof::Reflink,
                Some("its file system cannot clone files".to_owned()),
            ),
            ProofAvailability::new(Proof::Snapshot, None),
        ];
        let limit = |now, max| Some(Limit { now, max });
        it.limits = Limits::default();
        it.limits.mappings = limit(Some(65_000), Some(65_530));
        it.limits.address_space = limit(Some(8 << 20), None);
        it.limits.locked_memory = limit(None, Some(8 << 20));
        it.limits.open_files = limit(Some(4), Some(1024));
        it.limits.memory = Some(1 << 29);
        it
    }

    #[test]
    fn an_explanation_as_text() {
        let text = explanation().to_string();
        insta::assert_snapshot!(text);
        assert!(text.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn an_explanation_as_json() {
        let value = json(&explanation());
        assert!(!value.to_string().contains(|c: char| c.is_control()));
        insta::assert_snapshot!(format!("{value:#}"));
    }

    #[test]
    fn a_device_says_how_it_is_written() {
        let mut it = Explanation::new(Path::new("/dev/x"), FileKind::BlockDevice);
        it.len = Some(1 << 20);
        let (sector_size, physical_sector_size) = (Some(512), Some(4096));
        let partition = |number, start, len| Partition { disk: "x".to_owned(), number, start, len };
        it.device = Some(Device {
            sector_size,
            physical_sector_size,
            is_read_only: Some(true),
            serial: Some("WD-\x1b1".to_owned()),
            partitions: vec![partition(1, 2048, 1 << 19), partition(2, 1 << 19, 1 << 19)],
            used_by: Some("mounted at /".to_owned()),
            ..Device::default()
        });
        let value = json(&it);
        insta::assert_snapshot!(format!("{it}\n\n{:#}", value["device"]));
        it.device =
            Some(Device { partition: Some(partition(1, 2048, 1 << 19)), ..Device::default() });
        assert!(it.to_string().contains("  partition      1 of x, from byte 2048"), "{it}");
    }

    #[test]
    fn what_is_not_known_is_null() {
        let value = json(&Explanation::new(Path::new("/dev/x"), FileKind::CharDevice));
        for key in ["length", "stored", "resident", "file_system", "page_size"] {
            assert!(value[key].is_null(), "{key}");
        }
        assert_eq!(
            (value["kind"].as_str(), value["modes"].as_array()),
            (Some("char-device"), Some(&vec![]))
        );
    }
}

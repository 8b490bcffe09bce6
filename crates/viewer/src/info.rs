//! What is known of a file, as JSON for programs. As text an explanation prints itself.

use memmap::{
    Explanation, FileKind, FileSystem, FileSystemKind, Limit, Prospect, Verdict, Warning,
};
use serde_json::{Value, json};

/// An object without line breaks. Sizes are bytes; what is `null` is not known, or does not exist
/// for such a file. A limit whose `max` is `null` is none.
///
/// A path that is no UTF-8 has U+FFFD for what is not, and `path_is_lossy` says so.
pub(crate) fn json(it: &Explanation) -> Value {
    json!({
        "path": it.path.to_string_lossy(),
        "path_is_lossy": it.path.to_str().is_none(),
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
        "file_system": it.file_system.as_ref().map(file_system),
        "page_size": it.page_size,
        "modes": it.verdicts.iter().map(verdict).collect::<Vec<_>>(),
        "proofs": it.proofs.iter().map(prospect).collect::<Vec<_>>(),
        "limits": {
            "mappings": it.limits.mappings.map(limit),
            "address_space": it.limits.address_space.map(limit),
            "locked_memory": it.limits.locked_memory.map(limit),
            "open_files": it.limits.open_files.map(limit),
            "memory": it.limits.memory,
        },
        "warnings": it.warnings().iter().map(warning).collect::<Vec<_>>(),
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
            FileSystemKind::MadeUp => "made-up",
            _ => "unknown",
        },
        "is_read_only": on.is_read_only,
        "free": on.free,
        "total": on.total,
        "block_size": on.block_size,
    })
}

fn verdict(verdict: &Verdict) -> Value {
    json!({
        "mode": verdict.mode().as_str(),
        "is_possible": verdict.is_possible(),
        "is_tried": verdict.is_tried(),
        "error": verdict.refusal().map(ToString::to_string),
    })
}

fn prospect(prospect: &Prospect) -> Value {
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

/// A name for programs; the one that is printed is a part of a sentence.
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
        FileKind::MadeUp => "made-up",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use memmap::{Error, ErrorKind, Limits, Mode, Op, Proof, Residency, Stored};

    use super::*;

    /// One with everything in it: a terabyte with holes, on layers.
    fn explanation() -> Explanation {
        let path = "/data/evil\u{1b}[2J\n\"name\"";
        let mut it = Explanation::new(path, FileKind::Regular);
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
        let refuse = |op, kind| Err::<(), _>(Error::new(op, kind).with_path(&it.path));
        it.verdicts = vec![
            Verdict::tried(Mode::Read, Ok(())),
            Verdict::concluded(Mode::ReadWrite, Ok(())),
            Verdict::concluded(
                Mode::Create,
                refuse(Op::Create, ErrorKind::PermissionDenied { mode: Mode::Create }),
            ),
            Verdict::tried(
                Mode::CopyOnWrite,
                refuse(Op::Map, ErrorKind::OutOfMemory { len: 1 << 40 }),
            ),
        ];
        it.proofs = vec![
            Prospect::new(Proof::Lease, None),
            Prospect::new(Proof::Clone, Some("its file system cannot clone files".to_owned())),
            Prospect::new(Proof::Snapshot, None),
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
    fn what_is_not_known_is_null() {
        let value = json(&Explanation::new("/dev/x", FileKind::CharDevice));
        for key in ["length", "stored", "resident", "file_system", "page_size"] {
            assert!(value[key].is_null(), "{key}");
        }
        assert_eq!(
            (value["kind"].as_str(), value["modes"].as_array()),
            (Some("char-device"), Some(&vec![]))
        );
    }
}

//! Patches of bytes in memory: for tests, and what is done with bytes that attack, for fuzzing.

use std::path::Path;

use memmap::{AnyMap, Progress, RamMap, widen};

use super::{Patch, PatchError, PatchFormat, write};
use memmap::compare::{Difference, DifferenceKind};

/// Longer targets are not made of bytes that attack.
const TARGET_LEN_MAX: u64 = 64 << 20;

fn map(bytes: &[u8]) -> AnyMap {
    RamMap::from_reader(bytes).expect("memory").erase()
}

/// The target that a patch makes of a source.
pub(crate) fn applied(source: &[u8], patch: &[u8]) -> Result<Vec<u8>, PatchError> {
    let (source, patch) = (map(source), map(patch));
    let progress = Progress::new();
    let patch = Patch::read(&patch, &progress)?;
    let len = patch.target_len(&source, &progress)?;
    let failed = |error| PatchError::Target { len, error };
    let mut target = RamMap::new(len).map_err(failed)?.erase();
    patch.apply(&source, &mut target, &progress)?;
    target.read_at(0, usize::try_from(len).unwrap_or(usize::MAX)).map_err(failed)
}

/// The patch that makes a target of a source.
pub(crate) fn made(
    format: PatchFormat,
    source: &[u8],
    target: &[u8],
    differences: &[Difference],
) -> Result<Vec<u8>, PatchError> {
    let mut out = Vec::new();
    let (source, target) = (map(source), map(target));
    write(format, &source, &target, differences, &mut out, &Progress::new())?;
    Ok(out)
}

/// Everything after what is equal at the start of both.
fn one_difference(source: &[u8], target: &[u8]) -> Vec<Difference> {
    let same = source.iter().zip(target).take_while(|(a, b)| a == b).count();
    let kind = match (source.len() == same, target.len() == same) {
        (true, true) => return Vec::new(),
        (true, false) => DifferenceKind::OnlyInB,
        (false, true) => DifferenceKind::OnlyInA,
        (false, false) => DifferenceKind::Changed,
    };
    let (start, a, b) = (widen(same), widen(source.len()), widen(target.len()));
    vec![Difference { kind, a: start..a, b: start..b }]
}

/// Applies a patch that is made of these bytes, and then makes a patch from them. The first byte is the length
/// of the source; the rest is the source and the patch, or the source and the target.
fn body(name: &str, bytes: &[u8]) {
    let Some((&len, rest)) = bytes.split_first() else { return };
    let (source, rest) = rest.split_at(usize::from(len).min(rest.len()));
    hostile(source, rest);
    if let Ok(patch) = make(name, source, rest) {
        match applied(source, &patch) {
            Ok(target) => assert!(target == rest, "another target"),
            Err(error) => panic!("a patch of ours is refused: {error}"),
        }
    }
}

/// The patch that makes a target of a source, in the format of this name. What is equal at the start of both
/// is copied.
///
/// # Errors
/// The text of the error.
pub fn make(name: &str, source: &[u8], target: &[u8]) -> Result<Vec<u8>, String> {
    PatchFormat::of_extension(Path::new(name))
        .and_then(|format| made(format, source, target, &one_difference(source, target)))
        .map_err(|error| error.to_string())
}

/// A patch whose checksum is right if it is one of BPS, so that what it says is looked at.
fn hostile(source: &[u8], patch: &[u8]) {
    let mut patch = patch.to_vec();
    if patch.starts_with(b"BPS1") && patch.len() >= 4 {
        let end = patch.len() - 4;
        let checksum = crc32fast::hash(&patch[..end]).to_le_bytes();
        patch[end..].copy_from_slice(&checksum);
    }
    let (source, patch) = (map(source), map(&patch));
    let progress = Progress::new();
    let Ok(patch) = Patch::read(&patch, &progress) else { return };
    let len = match &patch {
        Patch::Ips(patch) => patch.target_len(source.len()),
        // The checksum of the source is wrong.
        Patch::Bps(patch) => patch.stated_target_len(),
        Patch::Bsdiff(patch) => match patch.target_len(source.len()) {
            Ok(len) => len,
            Err(_) => return,
        },
    };
    if len > TARGET_LEN_MAX {
        return;
    }
    let Ok(target) = RamMap::new(len) else { return };
    // It need not fit.
    patch.apply(&source, &mut target.erase(), &progress).ok();
}

/// The body of the fuzz target `patch_ips`.
pub fn ips(bytes: &[u8]) {
    body("a.ips", bytes);
}

/// The body of the fuzz target `patch_bps`.
pub fn bps(bytes: &[u8]) {
    body("a.bps", bytes);
}

#[cfg(test)]
pub(super) use tests::mutated;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A source, a target and the differences between them.
    pub(in super::super) fn mutated() -> impl Strategy<Value = (Vec<u8>, Vec<u8>, Vec<Difference>)>
    {
        let bytes = || {
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..60),
                (any::<u8>(), 0..400_usize).prop_map(|(byte, len)| vec![byte; len]),
            ]
        };
        let part = (bytes(), bytes(), bytes());
        prop::collection::vec(part, 0..12).prop_map(|parts| {
            let (mut source, mut target, mut edits) = (Vec::new(), Vec::new(), Vec::new());
            for (equal, old, new) in parts {
                source.extend_from_slice(&equal);
                target.extend_from_slice(&equal);
                let (a, b) = (widen(source.len()), widen(target.len()));
                let kind = match (old.is_empty(), new.is_empty()) {
                    (_, true) => DifferenceKind::OnlyInA,
                    (true, _) => DifferenceKind::OnlyInB,
                    _ => DifferenceKind::Changed,
                };
                let (a, b) = (a..a + widen(old.len()), b..b + widen(new.len()));
                edits.push(Difference { kind, a, b });
                source.extend(old);
                target.extend(new);
            }
            (source, target, edits)
        })
    }
}

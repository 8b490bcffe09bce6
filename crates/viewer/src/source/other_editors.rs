//! Files that other editors put beside a file while they have it open.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::source::shown;

/// Where vim's swap file has its first block: a mark, and the process that made it.
const VIM_MARK: &[u8] = b"b0";
const VIM_PROCESS: std::ops::Range<usize> = 24..28;

/// A line for each editor that has the file open, or was killed while it had.
pub(crate) fn beside(path: &Path) -> Vec<String> {
    [of_vim(path), of_emacs(path)].into_iter().flatten().collect()
}

/// `.NAME.swp`; a name that begins with a dot gets no second one.
fn of_vim(path: &Path) -> Option<String> {
    let name = path.file_name()?;
    let dot = if name.as_encoded_bytes().starts_with(b".") { "" } else { "." };
    let swap = path.with_file_name(joined(&[dot.as_ref(), name, ".swp".as_ref()]));
    // A pipe of this name would never be read.
    if !fs::symlink_metadata(&swap).ok()?.is_file() {
        return None;
    }
    let process = match process_of_vim(&swap) {
        Ok(Some(process)) => format!("open in vim (pid {process})"),
        _ => "open in vim".to_owned(),
    };
    Some(format!("{process}, or vim was killed: {} is beside it", shown_name(&swap)))
}

/// The process that a swap file names.
fn process_of_vim(swap: &Path) -> io::Result<Option<u32>> {
    let mut block = [0; VIM_PROCESS.end];
    File::open(swap)?.read_exact(&mut block)?;
    let process = block.get(VIM_PROCESS).and_then(|it| it.try_into().ok()).map(u32::from_le_bytes);
    Ok(process.filter(|&process| process > 0 && block.starts_with(VIM_MARK)))
}

/// `.#NAME`, a link whose target says who: `user@host.process:boot`.
fn of_emacs(path: &Path) -> Option<String> {
    let lock = path.with_file_name(joined(&[".#".as_ref(), path.file_name()?]));
    fs::symlink_metadata(&lock).ok()?;
    let who = match fs::read_link(&lock) {
        Ok(target) => format!(" ({})", shown(&target)),
        // Where there are no links it is a file.
        Err(_) => String::new(),
    };
    let name = shown_name(&lock);
    Some(format!("edited in emacs{who}, or emacs was killed: {name} is beside it"))
}

fn joined(parts: &[&OsStr]) -> OsString {
    parts.iter().copied().collect()
}

fn shown_name(path: &Path) -> String {
    shown(path.file_name().unwrap_or_default().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_files_and_locks_are_found_by_their_names() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        assert_eq!(beside(&path), [""; 0]);
        let mut swap = b"b0VIM 9.1".to_vec();
        swap.resize(4096, 0);
        swap[24..28].copy_from_slice(&4242_u32.to_le_bytes());
        fs::write(dir.path().join(".file.swp"), &swap).unwrap();
        fs::write(dir.path().join(".#file"), "").unwrap();
        assert_eq!(
            beside(&path),
            [
                "open in vim (pid 4242), or vim was killed: .file.swp is beside it",
                "edited in emacs, or emacs was killed: .#file is beside it"
            ]
        );
        // Others may make files of this name.
        fs::write(dir.path().join(".file.swp"), "short").unwrap();
        assert_eq!(beside(&path)[0], "open in vim, or vim was killed: .file.swp is beside it");
        let hidden = dir.path().join(".hidden");
        fs::write(dir.path().join(".hidden.swp"), swap).unwrap();
        assert_eq!(beside(&hidden).len(), 1);
        fs::create_dir(dir.path().join(".folder.swp")).unwrap();
        assert_eq!(beside(&dir.path().join("folder")), [""; 0]);
    }
}

//! `cargo xtask tidy`: checks conventions. Each message says how to fix the problem.
//!
//! A check is a function from text to complaints, so that its tests can show that it fails. Only
//! this file reads files.

mod arrows;
mod code;
mod layers;
mod manifests;
mod sources;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::shell::{self, Result};
use crate::{mutants, release};
use code::Code;

pub(crate) fn run(_: &[String]) -> Result {
    let complaints = complaints()?;
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    match complaints.len() {
        0 => Ok(()),
        many => Err(format!("{many} problems").into()),
    }
}

/// Everything in the workspace that breaks a convention.
fn complaints() -> Result<Vec<String>> {
    let root = shell::root();
    let metadata = metadata()?;
    let mut complaints = arrows::check(&metadata);
    let mut sources = Vec::new();
    for directory in ["crates", "fuzz", "neighbours", "python", "xtask"] {
        collect(&root, Path::new(directory), &mut sources)?;
    }

    for package in packages(&metadata) {
        let path = relative(&root, &package["manifest_path"]);
        complaints.extend(manifests::check(&path, &fs::read_to_string(root.join(&path))?));
        for target in package["targets"].as_array().into_iter().flatten() {
            let kinds = target["kind"].as_array().into_iter().flatten();
            if kinds.filter_map(Value::as_str).any(|kind| matches!(kind, "lib" | "bin")) {
                let path = relative(&root, &target["src_path"]);
                let code = Code::of(&fs::read_to_string(root.join(&path))?);
                complaints.extend(sources::root_forbids_unsafe(&path, &code));
            }
        }
    }
    for (path, code) in &sources {
        complaints.extend(sources::check(path, code));
    }
    complaints.extend(layers::check(&sources));
    let ledger = fs::read_to_string(root.join("SAFETY.md")).unwrap_or_default();
    complaints.extend(sources::ledger(&ledger, &sources));
    complaints.extend(mutants::check(&root, &ledger));
    complaints.extend(release::complaints(&root, &metadata));
    Ok(complaints)
}

/// The metadata of the packages of the workspace. It needs no network.
pub(crate) fn metadata() -> Result<Value> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = shell::cargo(&arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

/// An absolute path of cargo, relative to the root of the workspace.
fn relative(root: &Path, path: &Value) -> String {
    let path = Path::new(path.as_str().unwrap_or_default());
    slashed(path.strip_prefix(root).unwrap_or(path))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The Rust sources below `directory`, sorted by path.
fn collect(root: &Path, directory: &Path, sources: &mut Vec<(String, Code)>) -> Result {
    let Ok(entries) = fs::read_dir(root.join(directory)) else { return Ok(()) };
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>>>()?;
    names.sort();
    for name in names {
        let path = directory.join(&name);
        if root.join(&path).is_dir() {
            if name != "target" {
                collect(root, &path, sources)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push((slashed(&path), Code::of(&fs::read_to_string(root.join(&path))?)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let complaints = complaints().unwrap();
        assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
    }
}

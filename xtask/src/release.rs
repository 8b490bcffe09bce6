//! `cargo xtask release --dry-run [--no-verify]`: everything of a release but the upload. RELEASE.md is the list that a
//! person goes through.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::shell::{self, Result};
use crate::tidy;

const USAGE: &str = "usage: cargo xtask release --dry-run [--no-verify]";

/// What each published package has beside its sources.
const FILES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

pub(crate) fn run(arguments: &[String]) -> Result {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let verifies = match words[..] {
        ["--dry-run"] => true,
        ["--dry-run", "--no-verify"] => false,
        _ => return Err(USAGE.into()),
    };
    tidy::run(&[])?;
    let metadata = tidy::metadata()?;
    let packages = published(&metadata);
    let version = one_version(&packages)?;
    let changes = fs::read_to_string(shell::root().join("CHANGELOG.md"))?;
    println!("== version {version}: {}", changes_of(&version, &changes));

    let order = order(&packages)?;
    let mut package = shell::cargo(&["package", "--allow-dirty"]);
    if !verifies {
        package.arg("--no-verify");
    }
    for name in &order {
        package.args(["-p", name]);
    }
    shell::succeed(&mut package)?;

    println!("\n== what a release of {version} runs, in this order");
    println!("git tag --sign v{version} --message 'memmap {version}'");
    for name in &order {
        println!("cargo publish -p {name}");
    }
    println!("git push --tags");
    Ok(())
}

/// The packages that are published.
fn published(metadata: &Value) -> Vec<&Value> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    // `publish = false` is an empty list.
    packages.filter(|package| package["publish"].is_null()).collect()
}

fn one_version(packages: &[&Value]) -> Result<String> {
    let versions: BTreeSet<&str> =
        packages.iter().filter_map(|package| package["version"].as_str()).collect();
    match versions.iter().collect::<Vec<_>>()[..] {
        [version] => Ok((*version).to_owned()),
        _ => Err(format!("the packages have several versions: {versions:?}").into()),
    }
}

/// What the changelog says of a version.
fn changes_of(version: &str, changes: &str) -> &'static str {
    let has = |heading: &str| changes.lines().any(|line| line.starts_with(heading));
    match (has(&format!("## {version}")), has("## Unreleased")) {
        (true, false) => "CHANGELOG.md is ready",
        (true, true) => "CHANGELOG.md has it, and an `Unreleased` section besides",
        (false, _) => "CHANGELOG.md has no section of this version yet",
    }
}

/// The names of the packages, each after those that it needs, also for its tests: cargo looks for those, too.
fn order(packages: &[&Value]) -> Result<Vec<String>> {
    let name = |package: &Value| package["name"].as_str().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = packages.iter().map(|package| name(package)).collect();
    let needs = |package: &Value| -> BTreeSet<String> {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        // Without a version, it is only for tests here, and left out of what is published.
        let has_version = |it: &&Value| it["req"].as_str() != Some("*");
        dependencies.filter(has_version).map(name).filter(|name| names.contains(name)).collect()
    };
    let mut left: Vec<(String, BTreeSet<String>)> =
        packages.iter().map(|package| (name(package), needs(package))).collect();
    left.sort();
    let mut order: Vec<String> = Vec::new();
    while !left.is_empty() {
        let is_ready = |needs: &BTreeSet<String>| needs.iter().all(|needed| order.contains(needed));
        let (ready, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, needs)| is_ready(needs));
        if ready.is_empty() {
            let names: Vec<String> = rest.into_iter().map(|(name, _)| name).collect();
            return Err(format!("packages that need each other: {}", names.join(", ")).into());
        }
        order.extend(ready.into_iter().map(|(name, _)| name));
        left = rest;
    }
    Ok(order)
}

/// What the published packages lack that a stranger looks for.
pub(crate) fn complaints(root: &Path, metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in published(metadata) {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().unwrap_or(root);
        let shown = manifest.strip_prefix(root).unwrap_or(manifest).display();
        for file in FILES {
            if fs::read_to_string(folder.join(file)).is_err() {
                complaints.push(format!("{shown}: no {file} beside it"));
            }
        }
        for key in lacking(package) {
            complaints.push(format!("{shown}: no {key}, which the registry shows"));
        }
    }
    complaints
}

/// The keys that a manifest lacks, or that the registry would not take.
fn lacking(package: &Value) -> Vec<&'static str> {
    let count = |key: &str| package[key].as_array().map_or(0, Vec::len);
    let has_text = |key: &str| package[key].as_str().is_some_and(|text| !text.is_empty());
    let mut lacking: Vec<&str> =
        ["description", "license", "readme", "documentation", "rust_version"]
            .into_iter()
            .filter(|key| !has_text(key))
            .collect();
    if !(1..=5).contains(&count("keywords")) {
        lacking.push("one to five keywords");
    }
    if !(1..=5).contains(&count("categories")) {
        lacking.push("one to five categories");
    }
    lacking
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, needs: &[(&str, &str)]) -> Value {
        let needs: Vec<Value> =
            needs.iter().map(|(name, req)| json!({ "name": name, "req": req })).collect();
        json!({ "name": name, "version": "1.0.0", "publish": null, "dependencies": needs })
    }

    #[test]
    fn a_package_comes_after_those_that_it_needs() {
        let all = [
            package("facade", &[("core", "^1"), ("serde", "^1"), ("facade", "*")]),
            package("core", &[("laws", "*")]),
            package("laws", &[("core", "^1"), ("facade", "^1")]),
        ];
        let all: Vec<&Value> = all.iter().collect();
        assert_eq!(order(&all).unwrap(), ["core", "facade", "laws"]);
        let circle = [package("a", &[("b", "^1")]), package("b", &[("a", "^1")])];
        let error = order(&circle.iter().collect::<Vec<_>>()).unwrap_err();
        assert_eq!(error.to_string(), "packages that need each other: a, b");
    }

    #[test]
    fn what_is_not_published_is_left_out() {
        let mut own = package("own", &[]);
        own["publish"] = json!([]);
        let metadata = json!({ "packages": [own, package("core", &[])] });
        assert_eq!(published(&metadata).len(), 1);
        assert_eq!(one_version(&published(&metadata)).unwrap(), "1.0.0");
        let mut other = package("other", &[]);
        other["version"] = json!("2.0.0");
        assert!(one_version(&[&other, &metadata["packages"][1]]).is_err());
    }

    #[test]
    fn what_the_registry_shows_is_asked_for() {
        let mut found = package("core", &[]);
        assert_eq!(lacking(&found).len(), 7);
        for key in ["description", "license", "readme", "documentation", "rust_version"] {
            found[key] = json!("x");
        }
        found["keywords"] = json!(["a", "b", "c", "d", "e", "f"]);
        found["categories"] = json!(["filesystem"]);
        assert_eq!(lacking(&found), ["one to five keywords"]);
    }

    #[test]
    fn the_changelog_is_looked_at() {
        assert!(changes_of("0.2.0", "## 0.2.0 (2026-12-01)\n").ends_with("ready"));
        assert!(changes_of("0.2.0", "## Unreleased\n").contains("no section"));
    }
}

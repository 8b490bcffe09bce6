//! Checks that the dependencies between packages are the allowed ones, and point one way.

use serde_json::Value;

use super::packages;

/// The packages of the workspace, each with those that it may depend on.
const TABLE: [(&str, &[&str]); 19] = [
    ("memmap-guard", &[]),
    ("memmap-system", &[]),
    ("memmap-core", &["memmap-guard", "memmap-system"]),
    ("memmap-conformance", &["memmap-core"]),
    ("memmap-posix", &["memmap-anon", "memmap-core", "memmap-guard", "memmap-system"]),
    ("memmap-windows", &["memmap-anon", "memmap-core", "memmap-guard"]),
    ("memmap-anon", &["memmap-core"]),
    ("memmap-process", &["memmap-core"]),
    ("memmap-unpack", &["memmap-core"]),
    ("memmap-object", &["memmap-core"]),
    ("memmap-array", &["memmap-core"]),
    ("memmap-scan", &["memmap-core"]),
    ("memmap-compare", &["memmap-core", "memmap-scan"]),
    ("memmap-edit", &["memmap-core"]),
    ("memmap-structure", &[]),
    (
        "memmap-rs",
        &[
            "memmap-anon",
            "memmap-array",
            "memmap-compare",
            "memmap-core",
            "memmap-edit",
            "memmap-object",
            "memmap-posix",
            "memmap-process",
            "memmap-scan",
            "memmap-unpack",
            "memmap-windows",
        ],
    ),
    ("lazyhex", &["memmap-rs", "memmap-structure"]),
    ("memmap-bench", &["memmap-rs"]),
    ("xtask", &[]),
];

/// The package that must build when all others are broken. Not even its tests may depend on them.
const ALONE: &str = "xtask";

/// Complaints about dependencies that are not in the table, and rows of the table that do not hold.
pub(super) fn check(metadata: &Value) -> Vec<String> {
    let ours: Vec<&str> = packages(metadata).filter_map(|it| it["name"].as_str()).collect();
    let mut complaints = Vec::new();
    for package in packages(metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, drawn)) = TABLE.iter().find(|(drawn, _)| *drawn == name) else {
            complaints.push(format!(
                "`{name}` is not in the table of dependencies: \
                 add a row to TABLE in xtask/src/tidy/arrows.rs and to ARCHITECTURE.md"
            ));
            continue;
        };
        let found = dependencies(package, &ours);
        for other in found.iter().filter(|other| !drawn.contains(other)) {
            complaints.push(format!(
                "`{name}` depends on `{other}`, which is not allowed: \
                 remove it, or add it to xtask/src/tidy/arrows.rs and ARCHITECTURE.md"
            ));
        }
        for other in drawn.iter().filter(|other| !found.contains(other)) {
            complaints.push(format!(
                "`{name}` no longer depends on `{other}`: \
                 remove it from xtask/src/tidy/arrows.rs and ARCHITECTURE.md"
            ));
        }
    }
    for (name, _) in TABLE.iter().filter(|(name, _)| !ours.contains(name)) {
        complaints.push(format!(
            "`{name}` is in the table and not in the workspace: \
             remove its row from TABLE in xtask/src/tidy/arrows.rs"
        ));
    }
    complaints
}

/// The packages among `ours` that a package is built from. Its tests may depend on any package.
fn dependencies<'a>(package: &'a Value, ours: &[&str]) -> Vec<&'a str> {
    let restricted = |dependency: &&Value| {
        dependency["kind"].as_str() != Some("dev") || package["name"].as_str() == Some(ALONE)
    };
    let all = package["dependencies"].as_array().into_iter().flatten();
    all.filter(restricted)
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| ours.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The complaints about a workspace like the table, after `change`.
    fn complaints(change: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
        let dependency = |name: &&str| json!({ "name": name, "kind": null });
        let mut packages = TABLE
            .iter()
            .map(|(name, drawn)| {
                let dependencies: Vec<_> = drawn.iter().map(dependency).collect();
                json!({ "name": name, "dependencies": dependencies })
            })
            .collect();
        change(&mut packages);
        check(&json!({ "packages": packages }))
    }

    fn package<'a>(packages: &'a mut [Value], name: &str) -> &'a mut Value {
        packages.iter_mut().find(|it| it["name"] == name).unwrap()
    }

    fn depend(packages: &mut [Value], from: &str, to: &str, kind: &Value) {
        let dependencies = package(packages, from)["dependencies"].as_array_mut().unwrap();
        dependencies.push(json!({ "name": to, "kind": kind }));
    }

    #[test]
    fn the_table_itself_is_tidy() {
        assert!(complaints(|_| {}).is_empty());
    }

    #[test]
    fn a_dependency_that_is_not_in_the_table_is_reported_also_for_a_build_script() {
        for kind in [Value::Null, json!("build")] {
            let found = complaints(|all| depend(all, "memmap-core", "memmap-posix", &kind));
            assert!(found[0].contains("`memmap-core` depends on `memmap-posix`"), "{found:?}");
        }
    }

    #[test]
    fn tests_may_depend_on_anything_except_those_of_xtask() {
        let found = complaints(|all| depend(all, "memmap-core", "memmap-rs", &json!("dev")));
        assert!(found.is_empty(), "{found:?}");
        let found = complaints(|all| depend(all, "xtask", "memmap-rs", &json!("dev")));
        assert!(found[0].contains("`xtask` depends on `memmap-rs`"), "{found:?}");
    }

    #[test]
    fn a_dependency_that_is_gone_is_reported() {
        let found = complaints(|all| package(all, "memmap-posix")["dependencies"] = json!([]));
        assert!(found[0].contains("`memmap-posix` no longer depends"), "{found:?}");
    }

    #[test]
    fn a_package_without_a_row_and_a_row_without_a_package_are_reported() {
        let found = complaints(|all| package(all, "memmap-core")["name"] = json!("memmap-new"));
        assert!(found.iter().any(|it| it.contains("`memmap-new` is not in the table")));
        assert!(found.iter().any(|it| it.contains("`memmap-core` is in the table and not")));
    }
}

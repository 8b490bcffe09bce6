//! Checks the `Cargo.toml` of each member: versions and lints belong to the workspace.

/// Complaints about a manifest that has its own versions, or not the workspace's lints.
pub(super) fn check(path: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut section = "";
    let mut has_lints = false;
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.starts_with('[') && line.ends_with(']') {
            section = line;
        }
        has_lints |= section == "[lints]" && line == "workspace = true";
        let is_entry = line.contains('=') && !line.starts_with(['#', '[']);
        let own_version =
            section.ends_with("dependencies]") && is_entry && !line.contains("workspace = true");
        let own_table = line == section && section.contains("dependencies.");
        if own_version || own_table {
            complaints.push(format!(
                "{path}:{number}: a dependency with a version of its own: put that into \
                 [workspace.dependencies] and say `name.workspace = true` here"
            ));
        }
    }
    if !has_lints {
        complaints.push(format!(
            "{path}: the lints of the workspace are missing: add `[lints]` and `workspace = true`"
        ));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINTS: &str = "[lints]\nworkspace = true\n";

    #[test]
    fn dependencies_of_the_workspace_are_tidy() {
        let text = "[target.'cfg(unix)'.dependencies]\n\
                    # why = \"we need it\"\n\
                    rustix = { workspace = true, features = [\n\"pty\",\n] }\n\
                    tempfile.workspace = true\n";
        assert_eq!(check("Cargo.toml", &format!("{text}{LINTS}")), [""; 0]);
    }

    #[test]
    fn a_version_in_a_member_is_reported_with_its_line() {
        for entry in ["serde = \"1\"", "serde = { version = \"1\" }", "serde.path = \"../serde\""] {
            for section in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
                let found = check("a/Cargo.toml", &format!("{LINTS}[{section}]\n{entry}\n"));
                assert!(found[0].starts_with("a/Cargo.toml:4: "), "{found:?}");
            }
        }
        let found = check("Cargo.toml", &format!("[dependencies.serde]\nversion = \"1\"\n{LINTS}"));
        assert!(found[0].starts_with("Cargo.toml:1: "), "{found:?}");
    }

    #[test]
    fn a_member_without_our_lints_is_reported() {
        assert_eq!(check("Cargo.toml", "[package]\nworkspace = true\n").len(), 1);
    }
}

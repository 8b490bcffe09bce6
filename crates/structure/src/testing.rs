//! For the tests of this crate and the commands around it.

pub mod bodies;

use crate::yaml::{self, Kind, Yaml};

/// The scalars of a YAML text, each with its path: `asserts/0/actual`.
///
/// # Errors
///
/// What is wrong with the text.
pub fn scalars(text: &str) -> Result<Vec<(String, String)>, String> {
    let yaml = yaml::parse(text, &mut yaml::Room::default()).map_err(|it| it.message)?;
    let mut list = Vec::new();
    walk(&yaml, "", &mut list);
    Ok(list)
}

fn walk(yaml: &Yaml, path: &str, list: &mut Vec<(String, String)>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") };
    match &yaml.kind {
        Kind::Scalar { text, .. } => list.push((path.to_owned(), text.clone())),
        Kind::List(items) => {
            for (at, it) in items.iter().enumerate() {
                walk(it, &join(&at.to_string()), list);
            }
        }
        Kind::Map(pairs) => {
            for (key, it) in pairs {
                walk(it, &join(key.text().unwrap_or("")), list);
            }
        }
    }
}

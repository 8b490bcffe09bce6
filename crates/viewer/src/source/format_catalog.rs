//! Where descriptions of formats are: directories, and those that are built in.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use memmap_structure::{Builtin, Formats, Problem, Schema, Signature, Source};

use super::generated_format::{self, SchemaError};

/// The longest description that is read.
const LEN_MAX: u64 = 4 << 20;

/// How many descriptions of a directory are listed, and how deep directories are searched.
const FILES_MAX: usize = 4096;
const DEPTH_MAX: usize = 4;

/// The directories that are searched for descriptions, the first first, and then the built-in ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FormatCatalog {
    directories: Vec<PathBuf>,
}

impl FormatCatalog {
    pub(crate) fn new(directories: Vec<PathBuf>) -> Self {
        Self { directories }
    }

    /// The schema of a format: a name of the catalog, or the path of a description, which may import what
    /// is beside it.
    pub(crate) fn schema(&self, format: &str) -> Result<Schema, Vec<Problem>> {
        let path = Path::new(format);
        let is_path = path.extension() == Some(OsStr::new("ksy"));
        let Some(name) = path.file_stem().and_then(OsStr::to_str).filter(|_| is_path) else {
            return Schema::load(format, self);
        };
        let parent =
            path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let mut directories = vec![parent.to_owned()];
        directories.extend(self.directories.iter().cloned());
        Schema::load(name, &Self { directories })
    }

    /// The schema of a format for one file. It may be generated from the header of the file; nothing else is
    /// read.
    ///
    /// A description of the same name in a directory of the catalog comes first.
    pub(crate) fn schema_for(
        &self,
        format: &str,
        bytes: &mut dyn Source,
    ) -> Result<Schema, SchemaError> {
        if matches!(self.file(format), Ok(None))
            && let Some(schema) = generated_format::schema(format, bytes)
        {
            return schema;
        }
        Ok(self.schema(format)?)
    }

    /// The names of all formats, and the problems of directories that cannot be read.
    pub(crate) fn names(&self) -> (Vec<String>, Vec<String>) {
        let mut names = Vec::new();
        let mut problems = Vec::new();
        for directory in &self.directories {
            list(directory, "", DEPTH_MAX, &mut names, &mut problems);
        }
        names.extend(Builtin::names().chain(generated_format::names()).map(str::to_owned));
        names.sort();
        names.dedup();
        (names, problems)
    }

    /// How each format is recognised. Descriptions with mistakes are left out, and told of.
    pub(crate) fn signatures(&self) -> (Vec<Signature>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut signatures = Vec::new();
        for name in self.names().0 {
            match Schema::load(&name, self) {
                Ok(schema) => signatures.push(Signature::of(&schema)),
                Err(more) => problems.extend(more),
            }
        }
        (signatures, problems)
    }

    /// The text of a description in one of the directories.
    fn file(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        for directory in &self.directories {
            let path = directory.join(format!("{name}.ksy"));
            match fs::metadata(&path) {
                Err(_) => continue,
                Ok(it) if !it.is_file() => {
                    return Err(format!("{} is no regular file", path.display()));
                }
                Ok(it) if it.len() > LEN_MAX => {
                    return Err(format!(
                        "{} has {} bytes; at most {LEN_MAX} are read",
                        path.display(),
                        it.len()
                    ));
                }
                Ok(_) => {}
            }
            // A link may not lead out of the directory.
            let inside = match (fs::canonicalize(directory), fs::canonicalize(&path)) {
                (Ok(directory), Ok(path)) => path.starts_with(directory),
                _ => false,
            };
            if !inside {
                return Err(format!("{} leads out of its directory", path.display()));
            }
            return fs::read(&path)
                .map(Some)
                .map_err(|error| format!("cannot read {}: {error}", path.display()));
        }
        Ok(None)
    }
}

impl Formats for FormatCatalog {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match (self.file(name)?, generated_format::text(name)) {
            (Some(text), _) => Ok(Some(text)),
            (None, Some(text)) => Ok(Some(text.as_bytes().to_vec())),
            (None, None) => Builtin::default().text(name),
        }
    }
}

fn list(
    directory: &Path,
    prefix: &str,
    depth: usize,
    names: &mut Vec<String>,
    problems: &mut Vec<String>,
) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(format!("cannot list {}: {error}", directory.display()));
            return;
        }
    };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().filter(|it| !it.starts_with('.')) else { continue };
        if names.len() >= FILES_MAX {
            return;
        }
        let is_directory = entry.file_type().is_ok_and(|it| it.is_dir());
        if let Some(name) = name.strip_suffix(".ksy") {
            names.push(format!("{prefix}{name}"));
        } else if is_directory && depth > 0 {
            list(&entry.path(), &format!("{prefix}{name}/"), depth - 1, names, problems);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_with_generated_descriptions_are_in_the_catalog() {
        let catalog = FormatCatalog::default();
        let names = catalog.names().0;
        for name in ["npy", "safetensors", "zip"] {
            assert!(names.iter().any(|it| it == name), "{name}");
            assert!(catalog.schema(name).unwrap().warnings().is_empty(), "{name}");
        }
        let (signatures, problems) = catalog.signatures();
        assert!(problems.is_empty(), "{problems:?}");
        let format = |bytes: &[u8], extension| {
            let found =
                memmap_structure::recognise(&signatures, &mut bytes.to_vec(), extension).unwrap();
            found.first().map(|it| it.format.clone())
        };
        assert_eq!(format(b"\x93NUMPY\x01\0", None).as_deref(), Some("npy"));
        assert_eq!(
            format(b"\x02\0\0\0\0\0\0\0{}", Some("safetensors")).as_deref(),
            Some("safetensors")
        );
        assert_eq!(format(b"\x02\0\0\0\0\0\0\0{}", None), None);
    }

    #[test]
    fn a_description_of_a_directory_comes_before_a_generated_one() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("npy.ksy"), "meta:\n  id: npy\n  title: mine\n").unwrap();
        let catalog = FormatCatalog::new(vec![directory.path().to_owned()]);
        let schema = catalog.schema_for("npy", &mut vec![0]).unwrap();
        assert_eq!(schema.title(), Some("mine"));
        let generated = FormatCatalog::default().schema_for("npy", &mut vec![0]);
        assert!(matches!(generated, Err(SchemaError::Header { .. })));
        let other = FormatCatalog::default().schema_for("no_such_format", &mut vec![0]);
        assert!(matches!(other, Err(SchemaError::Description(_))));
    }
}

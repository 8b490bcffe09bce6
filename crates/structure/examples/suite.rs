//! Runs specifications of Kaitai's conformance suite three ways: strictly, lazily, and lazily with a stop
//! at every new block. `cargo xtask structure --suite DIR` calls it.

#![expect(clippy::print_stdout, reason = "a report")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap_structure::{
    Answer, FaultKind, Formats, Problem, ReadError, Schema, Source, Tree, Trouble, testing,
};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("the directory of the suite is missing")?);
    let only = arguments.next().map(|it| it.to_string_lossy().into_owned());
    let wanted = |name: &str| only.as_ref().is_none_or(|it| it == name);
    let mut passed = 0;
    let mut all = 0;
    let mut excepted = 0;
    for path in sorted(&dir.join("spec/ks"))? {
        let name = stem(&path);
        if !wanted(&name) {
            continue;
        }
        all += 1;
        match specification(&dir, &path) {
            Ok(()) => passed += 1,
            Err(error) if is_excepted(&error.to_string()) => {
                excepted += 1;
                println!("excepted {name}: {error}");
            }
            Err(error) => println!("FAILED {name}: {error}"),
        }
    }
    println!(
        "{passed} of {all} specifications pass, each of them three ways; {excepted} need types of a program"
    );
    let (mut equal, mut cases, mut missing) = (0, 0, 0);
    for path in sorted(&dir.join("formats_err"))? {
        let name = stem(&path);
        if !wanted(&name) || path.extension().is_none_or(|it| it != "ksy") {
            continue;
        }
        cases += 1;
        match mistakes(&dir, &path) {
            Ok(()) => equal += 1,
            Err(error) if error.to_string().contains("there is no description") => {
                missing += 1;
                println!("excepted {name}: what it imports is not in the suite");
            }
            Err(error) => println!("FAILED {name}: {error}"),
        }
    }
    println!(
        "{equal} of {cases} descriptions with mistakes are refused at the same paths; {missing} are not whole"
    );
    if passed + excepted < all || equal + missing < cases {
        return Err("the suite does not pass".into());
    }
    Ok(())
}

/// Whether a specification needs what only a program brings: a type or a process of its own.
fn is_excepted(error: &str) -> bool {
    error.contains("the opaque type '") || error.contains("the process '")
}

fn sorted(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut list: Vec<PathBuf> =
        std::fs::read_dir(dir)?.map(|it| Ok(it?.path())).collect::<Result<_, std::io::Error>>()?;
    list.sort();
    Ok(list)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

struct Dir(PathBuf);

impl Formats for Dir {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(self.0.join(format!("{name}.ksy"))) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A file whose blocks can each be read only when they were asked for before.
struct Stopping {
    bytes: Vec<u8>,
    seen: HashSet<u64>,
}

impl Source for Stopping {
    fn len(&self) -> u64 {
        Source::len(&self.bytes)
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        if self.seen.insert(at) {
            Err(ReadError::Stop)
        } else {
            Source::read(&mut self.bytes, at, into)
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Strict,
    Lazy,
    Stops,
}

fn specification(dir: &Path, path: &Path) -> Result<(), Error> {
    let pairs = testing::scalars(&std::fs::read_to_string(path)?)?;
    let find = |key: &str| pairs.iter().find(|it| it.0 == key).map(|it| it.1.as_str());
    let id = find("id").ok_or("no id")?;
    let data = std::fs::read(dir.join("src").join(find("data").ok_or("no data")?))?;
    let schema = Schema::load(
        id,
        &Both(
            Dir(dir.join("formats")),
            Both(Dir(dir.join("formats/ks_path")), Dir(PathBuf::from("crates/structure/formats"))),
        ),
    )
    .map_err(|it| joined(&it))?;
    let schema = Arc::new(schema);
    let exception = find("exception").or_else(|| find("exception/type"));
    for way in [Way::Strict, Way::Lazy, Way::Stops] {
        let name = match way {
            Way::Strict => "strict",
            Way::Lazy => "lazy",
            Way::Stops => "lazy with stops",
        };
        let source: Box<dyn Source + Send> = match way {
            Way::Stops => Box::new(Stopping { bytes: data.clone(), seen: HashSet::new() }),
            _ => Box::new(data.clone()),
        };
        let mut tree = Tree::new(Arc::clone(&schema), source);
        tree.set_strict(way == Way::Strict);
        if let Some(wanted) = exception {
            let result = match again(|| tree.read_all()) {
                Ok(()) if way != Way::Strict => first_problem(&mut tree),
                other => other,
            };
            raised(wanted, &result).map_err(|it| format!("{name}: {it}"))?;
            continue;
        }
        if way == Way::Strict {
            again(|| tree.read_all()).map_err(|it| format!("{name}: {it}"))?;
        }
        asserts(&mut tree, &pairs).map_err(|it| format!("{name}: {it}"))?;
    }
    Ok(())
}

/// Asks again as long as it is stopped.
fn again<T>(mut ask: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    loop {
        match ask() {
            Err(Trouble::Stop(_)) => {}
            other => return other,
        }
    }
}

fn first_problem(tree: &mut Tree) -> Result<(), Trouble> {
    match again(|| tree.first_problem())? {
        Some(fault) => Err(Trouble::Fault(fault)),
        None => Ok(()),
    }
}

fn raised(wanted: &str, result: &Result<(), Trouble>) -> Result<(), Error> {
    let Err(Trouble::Fault(fault)) = result else { return Err(format!("no {wanted}").into()) };
    let kind = match wanted.split('<').next().unwrap_or("") {
        "EndOfStreamError" => FaultKind::EndOfStream,
        "ValidationNotEqualError" => FaultKind::NotEqual,
        "ValidationLessThanError" => FaultKind::LessThan,
        "ValidationGreaterThanError" => FaultKind::GreaterThan,
        "ValidationNotAnyOfError" => FaultKind::NotAnyOf,
        "ValidationNotInEnumError" => FaultKind::NotInEnum,
        "ValidationExprError" => FaultKind::Invalid,
        "UndecidedEndiannessError" => FaultKind::UndecidedEndian,
        other => return Err(format!("the error {other} is not known").into()),
    };
    if fault.kind == kind {
        Ok(())
    } else {
        Err(format!("{fault} ({:?}) and not {wanted}", fault.kind).into())
    }
}

fn asserts(tree: &mut Tree, pairs: &[(String, String)]) -> Result<(), Error> {
    let mut at = 0;
    loop {
        let find = |key: &str| {
            pairs.iter().find(|it| it.0 == format!("asserts/{at}/{key}")).map(|it| it.1.as_str())
        };
        let (Some(actual), Some(expected)) = (find("actual"), find("expected")) else {
            if at == 0 {
                again(|| tree.read_all())?;
                return first_problem(tree).map_err(Into::into);
            }
            return Ok(());
        };
        let found = again(|| tree.ask(actual)).map_err(|it| format!("{actual}: {it}"))?;
        let right = if expected == "null" {
            found == Answer::Absent
        } else {
            let question = format!("({actual}) == ({expected})");
            let same = again(|| tree.ask(&question)).map_err(|it| format!("{question}: {it}"))?;
            same == Answer::Bool(true) || close(&found, expected)
        };
        if !right {
            return Err(format!("{actual} is {found:?}, not {expected}").into());
        }
        at += 1;
    }
}

/// Whether a float of four bytes is the one that was written.
fn close(found: &Answer, expected: &str) -> bool {
    let (Answer::Float(found), Ok(expected)) = (found, expected.parse::<f64>()) else {
        return false;
    };
    (found - expected).abs() <= expected.abs() * 1e-6
}

fn joined(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n    ")
}

/// The paths of the comment on top of a description with mistakes, and those that are found.
fn mistakes(dir: &Path, path: &Path) -> Result<(), Error> {
    let text = std::fs::read_to_string(path)?;
    let id = stem(path);
    let mut wanted = Vec::new();
    for line in text.lines().take_while(|it| it.starts_with('#')) {
        let Some((file, rest)) = line.trim_start_matches('#').trim().split_once(".ksy:") else {
            continue;
        };
        wanted.push((file.to_owned(), rest.trim().trim_end_matches(':').to_owned()));
    }
    let found =
        match Schema::load(&id, &Both(Dir(dir.join("formats_err")), Dir(dir.join("formats")))) {
            Ok(schema) => schema.warnings().to_vec(),
            Err(problems) => problems,
        };
    let mut paths: Vec<(String, String)> = found
        .iter()
        .map(|it| {
            let place = it.place.unwrap_or_default();
            let path = if it.path.is_empty() {
                format!("{}:{}", place.line, place.column)
            } else {
                it.path.clone()
            };
            (it.file.clone(), path)
        })
        .collect();
    wanted.sort();
    paths.sort();
    paths.dedup();
    wanted.dedup();
    if wanted == paths {
        Ok(())
    } else {
        Err(format!("wanted {wanted:?}\n    found {paths:?}\n    {}", joined(&found)).into())
    }
}

struct Both<B>(Dir, B);

impl<B: Formats> Formats for Both<B> {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self.0.text(name)? {
            Some(text) => Ok(Some(text)),
            None => self.1.text(name),
        }
    }
}

//! A call of the table, made.

use std::fmt::Debug;
use std::fs::OpenOptions;
use std::path::Path;

use memmap::{Error, MemMap, Mode, Progress, io::Fallback};

use crate::table::number;

#[path = "array.rs"]
mod array;

/// Makes the call, and answers with the kind of its error, or with `ok` and how many bytes are
/// mapped; and with the error's text.
pub(crate) fn make(call: &str, path: &Path) -> (String, String) {
    if let Some((form, call)) = array::form(call) {
        return array::make(form, call, path);
    }
    match attempt(call, path) {
        Ok(len) => (format!("ok {len}"), String::new()),
        Err(error) => (kind_name(error.kind()), error.to_string()),
    }
}

fn attempt(call: &str, path: &Path) -> Result<u64, Error> {
    let mut steps = call.split(';').map(str::trim);
    let mut map = open(steps.next().unwrap_or_default(), path)?;
    for step in steps {
        then(&mut map, step, path)?;
    }
    Ok(map.len())
}

fn open(words: &str, path: &Path) -> Result<MemMap, Error> {
    let mut words = words.split_whitespace();
    let mode: Mode = words.next().unwrap_or_default().parse()?;
    let mut options = MemMap::options().mode(mode);
    let mut opened = None;
    for word in words {
        options = match word.split_once('=') {
            Some(("offset", offset)) => options.offset(number(offset)),
            Some(("len", len)) => options.len(number(len)),
            Some(("permissions", bits)) => {
                options.permissions(u32::from_str_radix(bits, 8).unwrap())
            }
            Some(("small_file", len)) => options.small_file(number(len)),
            Some(("opened", mode)) => {
                opened = Some(OpenOptions::new().read(true).write(mode == "r+").open(path));
                options
            }
            None if word == "extend" => options.extend(true),
            None if word == "sparse" => options.sparse(true),
            None if word == "create_new" => options.create_new(true),
            None if word == "fallback" => options.fallback(Fallback::ReadIntoMemory),
            _ => panic!("{word:?} is no option"),
        };
    }
    match opened {
        Some(file) => options.open_file(&file.unwrap()),
        None => options.open(path),
    }
}

/// What a file begins with that a call makes anew; of one that keeps its bytes nothing is said.
pub(crate) fn begin(call: &str) -> Option<Vec<u8>> {
    match array::form(call) {
        Some((form, call)) => array::begin(form, call),
        None => call.starts_with("w+").then(Vec::new),
    }
}

/// Calls something on the map.
fn then(map: &mut MemMap, step: &str, path: &Path) -> Result<(), Error> {
    let words: Vec<&str> = step.split_whitespace().collect();
    match *words.as_slice() {
        ["resize", len] => map.resize(number(len)),
        ["read", offset, len] => map.read_at(number(offset), short(len)).map(drop),
        ["write", offset, len] => map.write_at(number(offset), &vec![7; short(len)]),
        ["fill", from, to] => map.fill_range(number(from)..number(to), 7),
        ["copy", from, end, "to", to] => map.copy_within(number(from)..number(end), number(to)),
        ["save", "to", "itself"] => map.replace_file(path, &Progress::new()),
        ["save", "to", "directory"] => map.replace_file(path.with_file_name(""), &Progress::new()),
        ["save", "to", "missing", "directory"] => {
            map.replace_file(path.with_file_name("missing").join("new"), &Progress::new())
        }
        ["save", "to", name] => map.replace_file(path.with_file_name(name), &Progress::new()),
        _ => panic!("{step:?} is no step"),
    }
}

/// The length of a buffer.
fn short(word: &str) -> usize {
    usize::try_from(number(word)).unwrap()
}

/// The name of a kind, without its numbers.
fn kind_name(kind: &impl Debug) -> String {
    format!("{kind:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

//! A call of the table that is about an array, made.

use std::fs::File;
use std::path::Path;

use memmap::Mode;
use memmap::array::npy::Header;
use memmap::array::{ArrayOptions, DType, Error, ErrorKind, MemArray, MemArrayDyn, Order, Untyped};

use super::{kind_name, short};
use crate::table::number;

/// The bytes themselves, or a `.npy` file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Raw,
    Npy,
}

/// What a call is about, and the rest of it.
pub(crate) fn form(call: &str) -> Option<(Form, &str)> {
    let (form, rest) = call.split_once(' ')?;
    match form {
        "array" => Some((Form::Raw, rest)),
        "npy" => Some((Form::Npy, rest)),
        _ => None,
    }
}

/// As for a map: the kind of error, or how many bytes the elements have.
pub(crate) fn make(form: Form, call: &str, path: &Path) -> (String, String) {
    match attempt(form, call, path) {
        Ok(len) => (format!("ok {len}"), String::new()),
        Err(error) => {
            let kind = match error.kind() {
                ErrorKind::Map(error) => kind_name(error.kind()),
                kind => kind_name(kind),
            };
            (kind, error.to_string())
        }
    }
}

fn attempt(form: Form, call: &str, path: &Path) -> Result<u64, Error> {
    let mut steps = call.split(';').map(str::trim);
    let words = steps.next().unwrap_or_default();
    let (mode, options) = options(words)?;
    let array = match (form, mode) {
        (Form::Raw, _) => options.open(path)?,
        (Form::Npy, Mode::Create) => options.create_npy(path)?,
        (Form::Npy, _) => options.open_npy(path)?,
    };
    let steps: Vec<&str> = steps.collect();
    let len = array.byte_len();
    if !steps.is_empty() {
        let mut bytes = array.typed::<u8>()?;
        for step in steps {
            then(&mut bytes, step, path)?;
        }
    }
    Ok(len)
}

type Options = ArrayOptions<Untyped>;

fn options(words: &str) -> Result<(Mode, Options), Error> {
    let mut words = words.split_whitespace();
    let mode: Mode = words.next().unwrap_or_default().parse()?;
    let mut options = MemArrayDyn::options().mode(mode);
    for word in words {
        options = match word.split_once('=') {
            Some(("dtype", dtype)) => options.dtype(dtype.parse()?),
            Some(("offset", offset)) => options.offset(number(offset)),
            Some(("shape", shape)) => options.shape(lengths(shape)),
            None if word == "extend" => options.extend(true),
            None if word == "like_numpy" => options.like_numpy().mode(mode),
            _ => panic!("{word:?} is no option"),
        };
    }
    Ok((mode, options))
}

fn lengths(text: &str) -> Vec<usize> {
    text.split(',').map(short).collect()
}

fn then(bytes: &mut MemArray<u8>, step: &str, path: &Path) -> Result<(), Error> {
    let words: Vec<&str> = step.split_whitespace().collect();
    match *words.as_slice() {
        ["set", at, value] => bytes.set(short(at), value.parse().unwrap()),
        ["get", at] => bytes.get(short(at)).map(drop),
        ["get", at, value] => {
            assert_eq!(bytes.get(short(at))?.to_string(), value);
            Ok(())
        }
        // What someone else may do at any time.
        ["cut", len] => {
            File::options().write(true).open(path).unwrap().set_len(number(len)).unwrap();
            Ok(())
        }
        _ => panic!("{step:?} is no step"),
    }
}

/// The header of a `.npy` file that is made of `f8`, and nothing of a raw one.
pub(crate) fn begin(form: Form, call: &str) -> Option<Vec<u8>> {
    let words = call.strip_prefix("w+ ")?;
    let shape = words.split_whitespace().find_map(|word| word.strip_prefix("shape="));
    Some(match form {
        Form::Raw => Vec::new(),
        Form::Npy => {
            Header::new(DType::F8, Order::C, &lengths(shape?)).unwrap().to_bytes().unwrap()
        }
    })
}

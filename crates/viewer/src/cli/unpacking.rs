//! Opens inputs, and shows how far the unpacking of a packed one is.

use std::sync::{Arc, Mutex};

use memmap::{Cancel, Progress, Result};

use crate::cli::find::{Name, Screen, locked, watched};
use crate::source::stream_reader::Input;
use crate::source::{ReadOptions, Source, SourceArg, packed};

/// Opens an input.
pub(crate) fn open(input: SourceArg<'_>, wanted: ReadOptions) -> Result<Source> {
    let SourceArg::File(path, _) = input else { return input.open(wanted) };
    let Some(inner) = packed::inner(path) else { return input.open(wanted) };
    let progress = Arc::new(Progress::new());
    let screen = Mutex::new(Screen::new());
    // What is no file has no length that is known before.
    let len = inner.metadata().ok().map(|it| it.len());
    let name = format!("unpacking {}", Name::of(input).text);
    locked(&screen).begin(Some(&name), len, &progress, &Cancel::new());
    let source = watched(&screen, || input.open_while(wanted, &progress));
    locked(&screen).end();
    source
}

/// Opens an input, but for what can only be read once and in order: that is not read before it is needed.
pub(crate) fn open_or_stream(input: SourceArg<'_>, wanted: ReadOptions) -> Result<Input> {
    match input {
        SourceArg::File(path, _) if packed::inner(path).is_some() => {
            open(input, wanted).map(Input::Map)
        }
        _ => input.open_or_stream(wanted),
    }
}

/// Opens an input for a view, which shows what comes of a stream as it comes.
pub(crate) fn open_for_view(input: SourceArg<'_>) -> Result<Source> {
    match input {
        SourceArg::File(path, _) if packed::inner(path).is_some() => {
            open(input, ReadOptions::default())
        }
        _ => input.open_for_view(&Progress::new()),
    }
}

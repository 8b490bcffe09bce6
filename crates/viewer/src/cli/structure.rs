//! `lazyhex tree`, `get` and `formats`: the fields of files, as text or JSON.

mod text;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use memmap::{Cancel, plugin::Schemes};
use memmap_structure::{Answer, Limits, Row, Signature, Stop, Tree, Trouble, recognise};

use crate::cli::args::{BytesShown, FormatArgs, FormatsArgs, GetArgs, TreeArgs};
use crate::cli::find::Interrupt;
use crate::cli::stdout_pipe;
use crate::cli::unpacking;
use crate::editor::config;
use crate::say;
use crate::source::format_catalog::FormatCatalog;
use crate::source::generated_format::SchemaError;
use crate::source::handle::{MayBlock, SourceHandle};
use crate::source::structure_source::StructureSource;
use crate::source::{ReadOptions, SourceArg};
use crate::structure::json;

/// Exit code if the format is not known, or the field is absent.
const UNKNOWN: u8 = 1;

/// Exit code if something could not be printed.
const TROUBLE: u8 = 2;

/// The stack of the thread that reads a tree, and how much of it a request may use.
const STACK: usize = 16 << 20;
const STACK_USED: usize = 12 << 20;

/// Prints the fields of each file.
pub(crate) fn tree(asked: &TreeArgs, schemes: &Schemes) -> ExitCode {
    on_a_large_stack(|| {
        let command = Command::new(&asked.format, schemes);
        let mut worst = 0;
        for file in &asked.files {
            let many = asked.files.len() > 1;
            let code = command.print(file, many, asked);
            worst = worst.max(code);
            if command.interrupt.is_asked() {
                break;
            }
        }
        ExitCode::from(worst)
    })
}

/// Prints the value of an expression.
pub(crate) fn get(asked: &GetArgs, schemes: &Schemes) -> ExitCode {
    on_a_large_stack(|| {
        let command = Command::new(&asked.format, schemes);
        match command.opened(&asked.file) {
            Ok(mut tree) => ExitCode::from(answer(&mut tree, asked)),
            Err(code) => ExitCode::from(code),
        }
    })
}

/// Lists the formats.
pub(crate) fn formats(asked: &FormatsArgs) -> ExitCode {
    let catalog = catalog(&asked.directories);
    let (names, mut problems) = catalog.names();
    let mut out = Vec::new();
    for name in &names {
        match catalog.schema(name) {
            Ok(schema) => text::format_line(name, &Signature::of(&schema), &mut out),
            Err(more) => problems.extend(more.iter().take(1).map(ToString::to_string)),
        }
    }
    for problem in &problems {
        say(&format!("lazyhex: {problem}\n"));
    }
    match crate::delivered(io::stdout().write_all(&out)) {
        Ok(()) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Runs `work` on a thread with a stack for descriptions that nest deeply.
fn on_a_large_stack(work: impl FnOnce() -> ExitCode + Send) -> ExitCode {
    stdout_pipe::widen_stdout();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(code)) => code,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => {
                say(&format!("lazyhex: cannot start a thread: {error}\n"));
                ExitCode::from(TROUBLE)
            }
        }
    })
}

/// The catalog of these directories, the user's, and what is built in.
pub(crate) fn catalog(directories: &[PathBuf]) -> FormatCatalog {
    let mut all = directories.to_vec();
    all.extend(config::formats_place().filter(|it| it.is_dir()));
    FormatCatalog::new(all)
}

/// What all files have in common.
struct Command<'a> {
    asked: &'a FormatArgs,
    schemes: &'a Schemes,
    catalog: FormatCatalog,
    interrupt: Interrupt,
}

impl<'a> Command<'a> {
    fn new(asked: &'a FormatArgs, schemes: &'a Schemes) -> Self {
        Self {
            asked,
            schemes,
            catalog: catalog(&asked.directories),
            interrupt: Interrupt::listen(),
        }
    }

    /// The tree of a file. Else why there is none was said, and this is the exit code.
    fn opened(&self, file: &Path) -> Result<Tree, u8> {
        let input = SourceArg::of(Some(file), self.schemes);
        let source = match unpacking::open(input, ReadOptions::default()) {
            Ok(source) => source,
            Err(error) => {
                say(&format!("lazyhex: {}\n", crate::described(&error, "read")));
                return Err(TROUBLE);
            }
        };
        let name = source.name.clone();
        let cancel = Cancel::new();
        self.interrupt.stops(Some(&cancel));
        let handle = SourceHandle::of(source);
        let bytes =
            || StructureSource::new(handle.clone(), MayBlock::on_this_thread(), 0, cancel.clone());
        let format = match &self.asked.format {
            Some(format) => Some(format.clone()),
            None => self.recognised(file, &mut bytes()),
        };
        let Some(format) = format else {
            say(&format!(
                "lazyhex: the format of {name} is not recognised; name one with --format (`lazyhex formats` lists \
                 them)\n"
            ));
            return Err(UNKNOWN);
        };
        let schema = self.catalog.schema_for(&format, &mut bytes()).map_err(|error| {
            refuse(&error, &name);
            TROUBLE
        })?;
        let mut tree = Tree::new(Arc::new(schema), Box::new(bytes()));
        let mut limits = Limits::default();
        limits.stack = STACK_USED;
        tree.set_limits(limits);
        Ok(tree)
    }

    /// The format that the first bytes of a file say, or its name.
    fn recognised(&self, file: &Path, bytes: &mut StructureSource) -> Option<String> {
        let extension = file.extension().and_then(OsStr::to_str);
        let (signatures, problems) = self.catalog.signatures();
        for problem in &problems {
            say(&format!("lazyhex: {problem}\n"));
        }
        let found = recognise(&signatures, bytes, extension).ok()?;
        found.first().map(|it| it.format.clone())
    }

    /// Prints the tree of a file, and returns the exit code.
    fn print(&self, file: &Path, many: bool, asked: &TreeArgs) -> u8 {
        let mut tree = match self.opened(file) {
            Ok(tree) => tree,
            Err(code) => return code,
        };
        tree.set_strict(asked.strict);
        let depth = asked.depth.unwrap_or(usize::MAX);
        let mut printer = Printer::new(asked.json, asked.bytes, tree.source_len());
        if many {
            printer.name(file);
        }
        tree.set_value_bytes(printer.value_bytes());
        let done = tree.visit(depth, &mut |row| printer.row(row));
        printer.end(done)
    }
}

fn refuse(error: &SchemaError, name: &str) {
    match error {
        SchemaError::Description(problems) => {
            for problem in problems {
                // Without a place, there was no text to be read.
                let advice = match problem.place {
                    None => "; `lazyhex formats` lists the formats",
                    Some(_) => "",
                };
                say(&format!("lazyhex: {problem}{advice}\n"));
            }
        }
        error => say(&format!("lazyhex: {name}: {}\n", crate::printable(&error.to_string()))),
    }
}

/// Repeats a request that used up its budget, as long as it gets further: an element may be far in a list
/// that has to be walked.
fn at_length<T>(
    tree: &mut Tree,
    mut ask: impl FnMut(&mut Tree) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    loop {
        let before = tree.blocks_read();
        match ask(tree) {
            Err(Trouble::Stop(Stop::Budget)) if tree.blocks_read() != before => {}
            other => return other,
        }
    }
}

/// Prints what `get` asked for, and returns the exit code.
fn answer(tree: &mut Tree, asked: &GetArgs) -> u8 {
    let mut printer = Printer::new(asked.json, asked.bytes, tree.source_len());
    if asked.raw {
        let mut is_written = false;
        let done = at_length(tree, |tree| {
            let done = tree.raw(&asked.expression, &mut |piece| {
                is_written = true;
                printer.write(piece)
            });
            // Nothing is written twice.
            if is_written { Ok(done) } else { done.map(Ok) }
        });
        return printer.end(done.flatten().map(|_| true));
    }
    tree.set_value_bytes(printer.value_bytes());
    if asked.json {
        let seen = at_length(tree, |tree| {
            tree.visit_at(&asked.expression, asked.depth, &mut |row| printer.row(row))
        });
        return match seen {
            Ok(Some(done)) => printer.end(Ok(done)),
            Ok(None) => {
                let value = at_length(tree, |tree| tree.ask(&asked.expression));
                printer.value(&value);
                printer.end(value.map(|_| true))
            }
            Err(trouble) => printer.end(Err(trouble)),
        };
    }
    let whole = asked.expression.trim().is_empty();
    let value = if whole {
        Ok(Answer::Object(String::new()))
    } else {
        at_length(tree, |tree| tree.ask(&asked.expression))
    };
    let done = match value {
        Ok(Answer::Object(_) | Answer::List(..)) => {
            let seen = tree.visit_at(&asked.expression, asked.depth, &mut |row| printer.row(row));
            seen.map(|it| it.unwrap_or(false))
        }
        Ok(Answer::Absent) => {
            say("lazyhex: the field is absent\n");
            return UNKNOWN;
        }
        value => {
            printer.value(&value);
            value.map(|_| true)
        }
    };
    printer.end(done)
}

/// Prints rows as they come.
struct Printer {
    json: bool,
    bytes: BytesShown,
    layout: text::Layout,
    out: Vec<u8>,
    failure: Option<io::Error>,
}

/// How much is written at once.
const BATCH: usize = 64 << 10;

impl Printer {
    fn new(json: bool, bytes: BytesShown, len: u64) -> Self {
        Self { json, bytes, layout: text::Layout::of(len), out: Vec::new(), failure: None }
    }

    fn value_bytes(&self) -> u64 {
        if self.bytes == BytesShown::All { u64::MAX } else { 64 }
    }

    fn name(&mut self, file: &Path) {
        if self.json {
            json::file(file, &mut self.out);
        } else {
            text::file(file, &mut self.out);
        }
    }

    fn row(&mut self, row: &Row) -> ControlFlow<()> {
        if self.json {
            json::row(row, &mut self.out);
        } else {
            self.layout.row(row, &mut self.out);
        }
        if self.out.len() >= BATCH { self.flush() } else { ControlFlow::Continue(()) }
    }

    fn value(&mut self, value: &Result<Answer, Trouble>) {
        let Ok(value) = value else { return };
        if self.json {
            json::value(value, &mut self.out);
        } else {
            text::value(value, &mut self.out);
        }
    }

    fn write(&mut self, piece: &[u8]) -> ControlFlow<()> {
        self.out.extend_from_slice(piece);
        self.flush()
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let written = io::stdout().write_all(&self.out).and_then(|()| io::stdout().flush());
        self.out.clear();
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Writes what is left, says what kept the rest, and returns the exit code.
    fn end(mut self, done: Result<bool, Trouble>) -> u8 {
        if self.failure.is_none() {
            let _ = self.flush();
        }
        match &self.failure {
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return 0,
            Some(error) => {
                say(&format!("lazyhex: cannot write: {error}; check where the output goes\n"));
                return TROUBLE;
            }
            None => {}
        }
        match done {
            Ok(true) => 0,
            Ok(false) => TROUBLE,
            Err(trouble) => {
                say(&format!("lazyhex: {}\n", crate::printable(&trouble.to_string())));
                TROUBLE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_that_takes_more_than_one_request_is_found() {
        let mut capture = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        capture.resize(24, 0);
        for n in 0..5000_u32 {
            capture.extend_from_slice(&[&n.to_le_bytes()[..], &[0; 12]].concat());
        }
        let schema = FormatCatalog::default().schema("pcap").unwrap();
        let mut tree = Tree::new(Arc::new(schema), Box::new(capture));
        let mut limits = Limits::default();
        limits.nodes = 5000;
        tree.set_limits(limits);
        let far = "packets[4999].time_seconds";
        assert!(matches!(tree.ask(far), Err(Trouble::Stop(Stop::Budget))));
        assert_eq!(at_length(&mut tree, |it| it.ask(far)).unwrap(), Answer::Int(4999));
    }
}

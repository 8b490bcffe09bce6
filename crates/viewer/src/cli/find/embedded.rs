//! `lazyhex find --embedded`: files of known formats inside of files. One scan looks for the magics of all
//! formats; where one occurs, the description reads the first fields, and a mistake there drops it.

use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use memmap::scan::{Outcome, Pattern, Scan};
use memmap::{Cancel, Error, Progress, plugin::Schemes};
use memmap_structure::{Schema, Signature, Tree};
use serde_json::json;

use super::output::{Screen, locked, watched};
use super::{Interrupt, NOT_FOUND, Name, TROUBLE, complain_of_unreadable, inputs, within};
use crate::cli::args::FindArgs;
use crate::cli::unpacking;
use crate::cli::{stdout_pipe, structure};
use crate::source::format_catalog::FormatCatalog;
use crate::source::handle::{MayBlock, SourceHandle};
use crate::source::structure_source::StructureSource;
use crate::source::{ReadOptions, SourceArg};
use crate::{Failure, say};

/// How many fields must be valid for a file to count, and how many if its magic is short and often there
/// by chance.
const FIELDS: usize = 32;
const FIELDS_OF_SHORT: usize = 256;

/// A magic of fewer bytes is short.
const SHORT: usize = 4;

/// A format that is looked for.
struct Wanted {
    signature: Signature,
    schema: Arc<Schema>,
}

/// Finds files in each file.
pub(super) fn run(asked: &FindArgs, schemes: &Schemes) -> ExitCode {
    let wanted = wanted(&structure::catalog(&asked.formats));
    let needles: Vec<(usize, u64, Vec<u8>)> = wanted
        .iter()
        .enumerate()
        .flat_map(|(number, it)| {
            it.signature.needles().map(move |(at, bytes)| (number, at, bytes.to_vec()))
        })
        .collect();
    let files = asked.files();
    let opened = inputs(&files, schemes).map_err(|it| it.to_string());
    let pattern = Pattern::literals(needles.iter().map(|it| &it.2)).map_err(|it| it.to_string());
    let (pattern, inputs) = match (pattern, opened) {
        (Ok(pattern), Ok(inputs)) => (pattern.overlapping(true), inputs),
        (Err(what), _) | (_, Err(what)) => {
            say(&format!("lazyhex: {what}\n"));
            return ExitCode::from(TROUBLE);
        }
    };
    stdout_pipe::widen_stdout();
    let screen = Mutex::new(Screen::new());
    let interrupt = Interrupt::listen();
    let search = Search { asked, wanted, needles, pattern, interrupt, screen: &screen };
    let (mut found, mut troubled) = (false, false);
    watched(&screen, || {
        for &input in &inputs {
            let name = Name::of(input);
            match search.file(input, &name, inputs.len() > 1) {
                Ok((any, trouble)) => {
                    found |= any;
                    troubled |= trouble;
                }
                Err(error) => {
                    locked(&screen).end();
                    locked(&screen)
                        .complain(&crate::described(&error, "search with --range ..END"));
                    troubled = true;
                }
            }
            if search.interrupt.is_asked() || locked(&screen).has_failed() {
                break;
            }
        }
    });
    let failure = locked(&screen).failure();
    match failure {
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Some(error) => {
            say(&format!("lazyhex: {}\n", Failure::Output(error)));
            ExitCode::from(TROUBLE)
        }
        None if troubled => ExitCode::from(TROUBLE),
        None => ExitCode::from(if found { 0 } else { NOT_FOUND }),
    }
}

/// The formats that have a magic.
fn wanted(catalog: &FormatCatalog) -> Vec<Wanted> {
    let mut all = Vec::new();
    for name in catalog.names().0 {
        match catalog.schema(&name) {
            Ok(schema) => {
                let signature = Signature::of(&schema);
                if signature.needles().next().is_some() {
                    all.push(Wanted { signature, schema: Arc::new(schema) });
                }
            }
            Err(problems) => {
                if let Some(problem) = problems.first() {
                    say(&format!("lazyhex: {problem}\n"));
                }
            }
        }
    }
    all
}

struct Search<'a> {
    asked: &'a FindArgs,
    wanted: Vec<Wanted>,
    /// The format, where its magic stands, and the magic.
    needles: Vec<(usize, u64, Vec<u8>)>,
    pattern: Pattern,
    interrupt: Interrupt,
    screen: &'a Mutex<Screen>,
}

impl Search<'_> {
    /// Whether anything was found, and whether something was not searched.
    fn file(&self, input: SourceArg<'_>, name: &Name, many: bool) -> Result<(bool, bool), Error> {
        let part = self.asked.range.unwrap_or_default();
        let wanted = ReadOptions { length: part.len_needed(), ..ReadOptions::default() };
        let source = unpacking::open(input, wanted)?;
        let handle = SourceHandle::of(source);
        let map = handle.mapping(MayBlock::on_this_thread());
        let range = within(map, part)?;
        let stop = Cancel::new();
        let progress = Arc::new(Progress::until(stop.clone()));
        self.interrupt.stops(Some(&stop));
        locked(self.screen).begin(
            many.then_some(&name.text),
            Some(handle.regions().readable_len(&range)),
            &progress,
            &stop,
        );
        let mut scan = Scan::new(map).range(range).progress(&progress).evict_behind(true);
        if let Some(threads) = self.asked.threads {
            scan = scan.threads(threads.get());
        }
        let limit = self.asked.limit.unwrap_or(u64::MAX);
        let mut seen = HashSet::new();
        let mut count = 0_u64;
        let outcome = scan.find_all_into(&self.pattern, |found| {
            let is_short = found.len < memmap::widen(SHORT);
            let fields = if is_short { FIELDS_OF_SHORT } else { FIELDS };
            for start in self.starts(found.offset, &handle) {
                if count < limit && seen.insert(start) && self.is_whole(start, fields, &handle) {
                    count += 1;
                    self.print(start, name, many);
                }
            }
            if count >= limit {
                stop.cancel();
            }
        });
        self.interrupt.stops(None);
        let outcome: Outcome<u64> = outcome?.map(|_| count);
        Ok((count > 0, self.end(&outcome, name, count >= limit)))
    }

    /// The formats whose magic is at an offset, each with the place where its file begins.
    fn starts(&self, offset: u64, handle: &SourceHandle) -> Vec<(u64, usize)> {
        let mut starts = Vec::new();
        for (number, at, bytes) in &self.needles {
            let Some(start) = offset.checked_sub(*at) else { continue };
            let mut head = vec![0; bytes.len()];
            let map = handle.mapping(MayBlock::on_this_thread());
            if map.read_into(offset, &mut head).is_ok() && head == *bytes {
                starts.push((start, *number));
            }
        }
        starts
    }

    /// Whether a format's magic and first fields are at a place.
    fn is_whole(&self, (start, number): (u64, usize), most: usize, handle: &SourceHandle) -> bool {
        let Some(wanted) = self.wanted.get(number) else { return false };
        let token = MayBlock::on_this_thread();
        let mut source = StructureSource::new(handle.clone(), token, start, Cancel::new());
        if !wanted.signature.matches(&mut source).unwrap_or(false) {
            return false;
        }
        let mut tree = Tree::new(Arc::clone(&wanted.schema), Box::new(source));
        let (mut fields, mut valid) = (0, true);
        let visited = tree.visit(3, &mut |row| {
            valid &= row.fault.is_none();
            fields += 1;
            if valid && fields < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        valid && visited.is_ok()
    }

    fn print(&self, (start, number): (u64, usize), name: &Name, many: bool) {
        let Some(wanted) = self.wanted.get(number) else { return };
        let (format, title) = (&wanted.signature.format, crate::printable(&wanted.signature.title));
        let line = if self.asked.json {
            let keys = name.json_keys();
            format!(
                "{{\"type\":\"match\",{keys},\"offset\":{start},\"format\":{},\"title\":{}}}\n",
                json!(format),
                json!(title)
            )
        } else {
            let prefix = if many { format!("{}:", name.text) } else { String::new() };
            format!("{prefix}0x{start:08x}  {format:10}  {title}\n")
        };
        let mut screen = locked(self.screen);
        screen.text.extend_from_slice(line.as_bytes());
        screen.write_if_much();
    }

    /// Reports the outcome of a file. Returns whether something was not searched.
    fn end(&self, outcome: &Outcome<u64>, name: &Name, is_limited: bool) -> bool {
        let is_interrupted = outcome.is_cancelled && self.interrupt.is_asked();
        let mut screen = locked(self.screen);
        if self.asked.json {
            super::append_end(outcome, name, is_limited, is_interrupted, &mut screen.text);
        }
        screen.end();
        let mut troubled = complain_of_unreadable(&outcome.unreadable, &name.text, &mut screen);
        if is_interrupted {
            screen.complain(&format!("{}: interrupted; the rest was not searched", name.text));
            troubled = true;
        }
        troubled
    }
}

//! Opens the view of the files that the command line names.

use std::time::Duration;

use memmap::plugin::Schemes;
use memmap::{Error, ErrorKind};

use crate::cli::args::BytesArgs;
use crate::cli::{array, part, structure, unpacking};
use crate::document::follow;
use crate::editor::{config, demo, session};
use crate::format::locale::Locale;
use crate::format::parse_size::Offset;
use crate::source::{ReadOptions, Source, SourceArg};
use crate::{ExitReason, Failure, Settings, Start, Theme, inputs, say, source, view_all};

/// Opens the view.
pub(crate) fn show(what: &BytesArgs, schemes: &Schemes) -> Result<(), Failure> {
    let (sources, left_out) = if what.demo {
        (vec![demo::source().map_err(Failure::Source)?], None)
    } else {
        // Where all is needed from the start, a stream is read to its end.
        let is_whole = what.diff
            || what.elements.are_asked_for()
            || what.skip.is_some_and(|skip| skip.absolute().is_none());
        sources(&inputs(what, schemes)?, is_whole)?
    };
    if what.diff && sources.len() != 2 {
        let what = left_out.map_or("--diff compares two files; name A and B", |why| {
            say(&format!("lazyhex: {why}\n"));
            "--diff needs both files"
        });
        return Err(Failure::Usage(what));
    }
    // Following a file starts at its end, where new bytes appear.
    let has_regions = sources.iter().any(|source| !source.map.regions().is_empty());
    let follows_end = what.follow && !has_regions;
    let skip = what.skip.or_else(|| follows_end.then_some(Offset::FromStart(u64::MAX)));
    let offset = skip.map(|skip| part::of_view(skip, &sources)).transpose()?;
    let theme = what.color.theme(true).as_rich_as_the_terminal();
    let (mut settings, notice) =
        config::load(Settings { theme, auto_theme: theme, ..Settings::default() });
    if theme == Theme::Mono {
        settings.theme = theme;
    }
    settings.mouse &= !what.no_mouse;
    settings.journal &= !what.no_journal;
    settings.journals = session::journals_place();
    settings.formats = structure::catalog(&what.formats);
    settings.keys.is_ascii = !Locale::of_environment().is_utf8;
    let start = Start {
        settings,
        offset,
        refresh: what.refresh.map(Duration::from_secs).or(if what.follow {
            Some(if has_regions { follow::SELDOM } else { follow::EVERY })
        } else {
            None
        }),
        session: if what.no_session { None } else { session::place() },
        notice: left_out.or(notice),
        elements: array::beginning(what, what.skip.and(offset).unwrap_or(0)),
        diff: what.diff,
        writable: what.writable,
        recover: what.recover,
        tour: what.demo,
        schemes: schemes.clone(),
    };
    match view_all(sources, start).map_err(Failure::Terminal)? {
        ExitReason::Quit => Ok(()),
        ExitReason::Terminated => Err(Failure::Terminated),
    }
}

/// The sources that can be opened, and one line about the others. If none can, each error is
/// reported.
fn sources(
    inputs: &[SourceArg<'_>],
    is_whole: bool,
) -> Result<(Vec<Source>, Option<String>), Failure> {
    let mut sources = Vec::new();
    let mut failures = Vec::new();
    for &input in inputs {
        let opened = if is_whole {
            unpacking::open(input, ReadOptions::default())
        } else {
            unpacking::open_for_view(input)
        };
        match opened {
            Ok(source) => sources.push(source),
            Err(error) => failures.push((input, error)),
        }
    }
    if !sources.is_empty() {
        let why = |(input, error): &(SourceArg<'_>, Error)| {
            let name = match input {
                SourceArg::File(path, _) => {
                    source::printable(path.file_name().unwrap_or(path.as_os_str()))
                }
                SourceArg::Stdin => "-".to_owned(),
            };
            format!("{name} ({})", in_short(error.kind()))
        };
        let all: Vec<String> = failures.iter().map(why).collect();
        return Ok((sources, (!all.is_empty()).then(|| format!("left out: {}", all.join(", ")))));
    }
    let last = failures.pop();
    for (_, error) in failures {
        say(&format!("lazyhex: {}\n", Failure::Source(error)));
    }
    // There is at least one input.
    Err(last.map_or(Failure::Told, |(_, error)| Failure::Source(error)))
}

/// Why a file cannot be opened, in a few words.
fn in_short(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied { .. } => "no permission".to_owned(),
        ErrorKind::NotMappable { kind } => kind.to_string(),
        kind => {
            let text = kind.to_string();
            text.split([';', ',']).next().unwrap_or_default().to_owned()
        }
    }
}

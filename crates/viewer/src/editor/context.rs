//! Read access to one view and its document, for drawing and for the meaning of keys.

use std::ops::Range;

use thiserror::Error;

use crate::analysis::alignment::Alignment;
use crate::analysis::data_inspector;
use crate::document::Document;
use crate::document::address::{AddressContext, AddressError};
use crate::document::saving::recovery::Recovery;
use crate::editor::command::{Commands, Line};
use crate::editor::comparison::Compared;
use crate::editor::input::Input;
use crate::editor::prompt::{Prompt, Purpose};
use crate::editor::settings::Settings;
use crate::editor::status::{Message, Messages};
use crate::editor::typing::{Typing, ValueEdit};
use crate::format::theme::Theme;
use crate::format::units::in_units;
use crate::job::list::Jobs;
use crate::layout::view_layout::ViewLayout;
use crate::layout::viewport::BytesLayout;
use crate::search::match_list::Match;
use crate::search::results::{CompiledQuery, SearchResults};
use crate::source::page_cache::Known;
use crate::source::regions::Regions;
use crate::view::View;
use crate::view::array::{ArrayTable, ArrayView, ArrayViewError};
use crate::view::panes::Pane;
use crate::view::rows::Rows;

/// A view and what it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ViewContext<'e> {
    pub(crate) view: &'e View,
    pub(crate) document: &'e Document,
    pub(crate) layout: &'e ViewLayout,
    pub(crate) settings: &'e Settings,
    pub(crate) jobs: &'e Jobs,
    /// Keyboard state, if the view has the focus.
    pub(crate) input: Option<&'e Input>,
    pub(crate) messages: &'e Messages,
    /// Seconds from universal to local time.
    pub(crate) utc_offset: i64,
    pub(crate) has_keyboard: bool,
    pub(crate) commands: &'static Commands,
    pub(crate) compared: Option<Compared<'e>>,
}

/// Why a text means no place here.
#[derive(Debug, Error)]
pub(crate) enum PlaceError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Element(#[from] ArrayViewError),
}

/// Number of bytes previewed at the address in the prompt.
pub(crate) const PREVIEW_LEN: u64 = 8;

impl<'e> ViewContext<'e> {
    pub(crate) fn layout(self) -> BytesLayout {
        self.layout.bytes
    }

    pub(crate) fn theme(self) -> Theme {
        self.settings.theme
    }

    /// What is asked before the document is shown, unless it is just being compared.
    pub(crate) fn recovery(self) -> Option<&'e Recovery> {
        self.document.recovery.as_deref().filter(|_| self.compared.is_none())
    }

    /// The message shown below the focused view.
    pub(crate) fn message(self) -> Option<&'e Message> {
        self.messages.shown().filter(|_| self.has_keyboard)
    }

    pub(crate) fn rows(self) -> Rows<'e> {
        let row_len = self.layout().row_len();
        if let Some(alignment) = self.alignment() {
            return Rows::aligned(alignment, row_len);
        }
        let compared = self.compared.filter(|_| self.settings.folds);
        let equal = compared.and_then(|it| it.comparison.equal.folds(it.side, row_len));
        let folds = equal
            .unwrap_or_else(|| self.document.folds(if self.folds_repeats() { row_len } else { 0 }));
        let regions = self.regions();
        let len = regions.map_or(self.document.len, Regions::places);
        Rows { row_len, phase: self.layout().phase, len, folds, alignment: None, regions }
    }

    /// The regions that have headings. In a comparison, both sides have the same rows.
    pub(crate) fn regions(self) -> Option<&'e Regions> {
        let regions = self.document.source().regions();
        let has_rows = self.compared.is_none() && self.view.array.is_none();
        (has_rows && !regions.is_empty()).then_some(regions)
    }

    /// The offset that many bytes before the cursor, or after it. What is one row is one step.
    pub(crate) fn back(self, by: u64) -> u64 {
        let cursor = self.view.cursor;
        self.regions().map_or_else(|| cursor.saturating_sub(by), |it| it.back(cursor, by))
    }

    pub(crate) fn forward(self, by: u64) -> u64 {
        let cursor = self.view.cursor;
        self.regions().map_or_else(|| cursor.saturating_add(by), |it| it.forward(cursor, by))
    }

    /// The alignment with another file, whose rows stand beside these.
    fn alignment(self) -> Option<Alignment<'e>> {
        let compared = self.compared.filter(|_| self.view.array.is_none())?;
        let alignment = compared.comparison.alignment(compared.side)?;
        let folds_from = alignment.folds_from.filter(|_| self.settings.folds);
        Some(Alignment { folds_from, ..alignment })
    }

    /// The place of the first row.
    pub(crate) fn top(self) -> u64 {
        let compared = self.compared.filter(|_| self.alignment().is_some());
        if let Some(compared) = compared {
            return compared.comparison.top(compared.side);
        }
        let rows = self.rows();
        let row = rows.place(self.view.top);
        if self.view.shows_heading { rows.with_heading(row) } else { row }
    }

    /// The rows on the screen.
    pub(crate) fn rows_shown(self) -> impl Iterator<Item = Range<u64>> + use<'e> {
        self.rows().from(self.top(), self.layout().rows)
    }

    /// The bytes on the screen, by rows. What is folded is not shown.
    pub(crate) fn bytes_shown(self) -> impl Iterator<Item = Range<u64>> + use<'e> {
        let rows = self.rows();
        let shown = self.rows_shown().filter(move |row| rows.fold(row.start).is_none());
        shown.map(move |row| rows.bytes(&row))
    }

    /// Whether repeated rows are folded. In a comparison, both sides have the same rows.
    pub(crate) fn folds_repeats(self) -> bool {
        self.settings.folds && self.compared.is_none()
    }

    pub(crate) fn prompt(self) -> Option<&'e Prompt> {
        self.input?.prompt.as_ref()
    }

    /// The mode in which keys type in this view.
    pub(crate) fn typing(self) -> Option<&'e Typing> {
        self.input?.typing.as_ref()
    }

    pub(crate) fn pending(self) -> Option<char> {
        self.input?.pending
    }

    /// The count typed before the next motion.
    pub(crate) fn count(self) -> Option<u64> {
        self.input?.count
    }

    /// The document's search results.
    pub(crate) fn search(self) -> Option<&'e SearchResults> {
        self.document.analyses.search.as_ref().map(|it| &it.value)
    }

    /// A match of the last search, where its bytes are now.
    pub(crate) fn match_now(self, hit: Match) -> Match {
        self.document.carried().map_or(hit, |carried| carried.now(hit))
    }

    /// Whether bytes of a match were edited since.
    pub(crate) fn is_match_changed(self, hit: Match) -> bool {
        self.document.carried().is_some_and(|carried| carried.is_changed(hit))
    }

    /// Where a position was when the last search began.
    pub(crate) fn match_then(self, at: u64) -> u64 {
        self.document.carried().map_or(at, |carried| carried.then(at))
    }

    /// Whether the search results are out of date.
    pub(crate) fn is_search_stale(self) -> bool {
        self.document.analyses.search.as_ref().is_some_and(|it| self.document.is_stale(it))
    }

    /// The selected range.
    pub(crate) fn selection(self) -> Option<Range<u64>> {
        let len = self.document.len;
        let anchor = self.view.anchor?.min(len.saturating_sub(1));
        let cursor = self.view.cursor;
        let (first, last) = (anchor.min(cursor), anchor.max(cursor));
        (len > 0).then(|| first..self.unit(last).end)
    }

    /// The unit at an offset: a byte or, in the array view, the rest of the element there.
    pub(crate) fn unit(self, place: u64) -> Range<u64> {
        let next = place.saturating_add(1);
        let Some(array) = &self.view.array else { return place..next };
        let sheet = self.sheet(array);
        let (row, column) = sheet.place(place);
        let range = sheet.spot(row, column).map(|spot| spot.range());
        let end = range.filter(|range| range.contains(&place)).map_or(next, |range| range.end);
        place..end.min(self.document.len)
    }

    /// Layout of the array view on this screen.
    pub(crate) fn sheet<'a>(&self, array: &'a ArrayView) -> ArrayTable<'a> {
        array.sheet(self.layout.bar_x.unwrap_or(self.layout.elements_width))
    }

    /// The byte under the cursor and those after it.
    pub(crate) fn under_cursor(self) -> Vec<Known> {
        let (cursor, len) = (self.view.cursor, self.document.len);
        self.document.pages.bytes(cursor, data_inspector::REACH.min(len - cursor.min(len)))
    }

    /// Rows of the data inspector.
    pub(crate) fn inspection(self) -> Vec<data_inspector::Row> {
        data_inspector::rows(&self.under_cursor())
    }

    /// The value of the inspector that is edited.
    pub(crate) fn value_edit(self) -> Option<ValueEdit> {
        let is_edited = self.prompt().is_some_and(|prompt| prompt.purpose == Purpose::Value);
        self.input?.value.filter(|_| is_edited)
    }

    /// The byte value selected in the histogram.
    pub(crate) fn chosen_value(self) -> u8 {
        u8::try_from(self.view.panes.line(Pane::Histogram)).unwrap_or(u8::MAX)
    }

    /// Progress of a landmark search.
    pub(crate) fn progress(self) -> Option<String> {
        let looking = self.view.looking.as_ref()?;
        let seen = in_units(self.jobs.get(looking.job).map_or(0, |job| job.done));
        Some(format!("looking for the {}: {seen} so far, Esc stops", looking.what))
    }

    pub(crate) fn scope(self) -> AddressContext<'e> {
        AddressContext {
            cursor: self.view.cursor,
            len: self.document.len,
            marks: &self.document.marks,
            page_len: self.settings.page_len,
            pages: &self.document.pages,
            matched: self.search().and_then(|search| {
                let at = search.known_from(self.match_then(self.view.cursor))?;
                Some(self.match_now(Match { offset: at, len: 1 }).offset)
            }),
            selected: self.selection().map(|range| range.start),
            regions: self.document.source().regions(),
        }
    }

    /// A typed line: a command, or a place, which may be the name of a region.
    pub(crate) fn line(self, text: &str) -> Line<'_> {
        let regions = self.document.source().regions();
        match Line::of(text, self.commands) {
            Line::Unknown(_) if regions.named_first_in(text.trim()).is_some() => Line::Place(text),
            line => line,
        }
    }

    /// Evaluates an address.
    pub(crate) fn place(self, text: &str) -> Result<u64, PlaceError> {
        let is_region =
            self.document.source().regions().named_first_in(text.trim_start()).is_some();
        if text.trim_start().starts_with('[') && !is_region {
            return Ok(self.element_place(text)?);
        }
        Ok(self.scope().place(text)?)
    }

    /// Evaluates a range of places: `0x1000..0x2000`. A start may be left out, and an end for the end of the file.
    pub(crate) fn range(self, text: &str) -> Option<Range<u64>> {
        let (start, end) = text.split_once("..")?;
        // `../name` is a file.
        if start.is_empty() && end.is_empty() || end.starts_with(['/', '\\']) {
            return None;
        }
        let place = |text: &str, without: u64| match text.trim() {
            "" => Some(without),
            text => match self.scope().place(text) {
                Ok(place) => Some(place),
                // An end is one byte further than the last one.
                Err(error) if error.is_beyond_end() => Some(u64::MAX),
                Err(_) => None,
            },
        };
        Some(place(start, 0)?..place(end, self.document.len)?)
    }

    /// The selection and a range or, without a selection, as many bytes from the cursor on.
    pub(crate) fn compared_ranges(self, with: Range<u64>) -> Result<[Range<u64>; 2], &'static str> {
        let len = self.document.len;
        let with = with.start..with.end.min(len);
        if with.is_empty() {
            return Err("the range is empty, or beyond the end of the file");
        }
        let cursor = self.view.cursor;
        let as_many = cursor..cursor.saturating_add(with.end - with.start).min(len);
        Ok([self.selection().unwrap_or(as_many), with])
    }

    /// The offset of an element, by its indices: `[17, 3]`.
    fn element_place(self, text: &str) -> Result<u64, ArrayViewError> {
        let array = self.view.array.as_ref().ok_or(ArrayViewError::NoElements)?;
        let inside = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let inside = inside.ok_or(ArrayViewError::OpenIndex)?;
        let index = |part: &str| {
            let digits: String = part.trim().chars().filter(|&c| c != '_').collect();
            digits.parse().map_err(|_bad| ArrayViewError::NotAnIndex(part.trim().to_owned()))
        };
        let inside = inside.trim().trim_end_matches(',');
        let indices: Vec<i128> = match inside {
            "" => Vec::new(),
            some => some.split(',').map(index).collect::<Result<_, ArrayViewError>>()?,
        };
        let place = array.position_of(&indices)?;
        if place >= self.document.len {
            return Err(ArrayViewError::ElementBeyondTheEnd(place));
        }
        Ok(place)
    }

    /// The query whose matches are highlighted: the one being typed, or that of the last search.
    pub(crate) fn looked_for(self) -> Option<&'e CompiledQuery> {
        match self.prompt() {
            Some(prompt) if prompt.purpose == Purpose::Find => match &prompt.compiled {
                Some(Ok(what)) => Some(what),
                _ => None,
            },
            _ => self.search().map(SearchResults::compiled),
        }
    }

    /// Whether the highlighted query is still being typed.
    pub(crate) fn is_typing_search(self) -> bool {
        self.prompt().is_some_and(|prompt| prompt.purpose == Purpose::Find)
    }

    /// Number of matches that are at least partly on the screen.
    pub(crate) fn in_view(self) -> usize {
        let shown: Vec<Range<u64>> = self.bytes_shown().collect();
        let is_shown =
            |lit: &&Range<u64>| shown.iter().any(|row| row.start < lit.end && lit.start < row.end);
        self.view.lit.iter().filter(is_shown).count()
    }
}

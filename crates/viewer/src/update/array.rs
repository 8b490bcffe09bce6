//! What the user does to elements: showing them, moving among them, looking for what is no number.

use std::ops::Range;

use crate::analysis::find_nan::{NanHunt, NanOutcome, has_floats};
use crate::editor::app::{App, Focus, Notice};
use crate::editor::keymap::Action;
use crate::editor::prompt::Purpose;
use crate::layout::viewport::Room;
use crate::search::direction::Direction;
use crate::source::npy_layout::{Description, Where};
use crate::view::array::{Request, Sheet, Typed};

impl App {
    /// Shows elements, those that the file describes if it does; or bytes again.
    pub(super) fn toggle_typed(&mut self) {
        if self.typed.is_some() {
            self.untype();
        } else if self.len == 0 {
            self.trouble("there is no byte to show");
        } else {
            self.describe(None);
        }
    }

    /// Bytes again, with the cursor where it is.
    pub(super) fn untype(&mut self) {
        self.typed = None;
        self.show(self.cursor);
    }

    /// Asks what the file says of its elements.
    pub(super) fn describe(&mut self, member: Option<String>) {
        self.describing = Some(Where { cursor: self.cursor, member });
    }

    /// Takes what the file says of its elements. Where it says nothing the user is asked.
    pub(super) fn described(&mut self, found: Option<Result<Description, String>>) {
        let Some(place) = self.describing.take() else { return };
        match found {
            Some(Ok(Description { grid, missing })) => {
                if grid.count() == 0 || grid.dtype.itemsize() == 0 {
                    let shape = crate::source::npy_layout::shape(&grid.shape);
                    return self.trouble(format!("an array of no bytes: {} {shape}", grid.dtype));
                }
                if grid.start >= self.len {
                    return self.trouble("the file ends before its elements begin");
                }
                if missing > 0 {
                    self.trouble(format!("{missing} bytes of the array are missing at its end"));
                }
                self.typed = Some(Typed::new(grid, None));
                self.show(self.cursor);
            }
            Some(Err(why)) => self.trouble(why),
            None if place.member.is_some() => self.trouble("this is no archive"),
            // Whoever types already goes on with that.
            None if matches!(self.focus, Focus::Prompt(_)) => {}
            None => {
                self.open_prompt(Purpose::Command);
                if let Focus::Prompt(prompt) = &mut self.focus {
                    prompt.insert(&format!("type {}", self.last_type));
                }
            }
        }
    }

    /// Shows the elements that a line asks for.
    pub(super) fn show_elements(&mut self, request: Request, line: &str) -> Result<(), String> {
        let start = match &request.offset {
            Some(text) => self.place(text).map_err(|bad| format!("offset: {bad}"))?,
            None => 0,
        };
        self.show_request(request, start)?;
        let asked = line.trim().strip_prefix("type").unwrap_or_default().trim();
        // The place where the cursor was then would be another one the next time.
        asked.clone_into(&mut self.last_type);
        Ok(())
    }

    fn show_request(&mut self, request: Request, start: u64) -> Result<(), String> {
        let grid = request.grid(start, self.len)?;
        self.typed = Some(Typed::new(grid, Some((request, start))));
        self.show(self.cursor);
        Ok(())
    }

    /// Shows these elements, from an offset on; if there are none, bytes, and why.
    pub fn begin_with(&mut self, request: Request, start: u64) {
        if let Err(why) = self.show_request(request, start) {
            self.trouble(why);
        }
    }

    /// Shows the array that the file describes; of an archive, the one of this name.
    pub fn begin_described(&mut self, member: Option<String>) {
        self.describe(member);
    }

    /// After the data has got another length.
    pub(super) fn count_elements(&mut self) {
        let Some(typed) = self.typed.take() else { return };
        match typed.resized(self.len) {
            Ok(mut typed) => {
                typed.top = typed.top.min(self.sheet(&typed).last_top(self.layout().rows));
                self.typed = Some(typed);
            }
            Err(why) => self.trouble(why),
        }
    }

    /// The place of an element that a text names: `[17, 3]`.
    pub(super) fn element_place(&self, text: &str) -> Result<u64, String> {
        let typed = self.typed.as_ref().ok_or("an index needs elements: t shows them")?;
        let inside = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let inside = inside.ok_or("an index ends with ]: [17, 3]")?;
        let index = |part: &str| {
            let digits: String = part.trim().chars().filter(|&c| c != '_').collect();
            digits.parse().map_err(|_bad| format!("{:?} is no index", part.trim()))
        };
        let inside = inside.trim().trim_end_matches(',');
        let indices: Vec<i128> = match inside {
            "" => Vec::new(),
            some => some.split(',').map(index).collect::<Result<_, String>>()?,
        };
        let place = typed.position_of(&indices)?;
        if place >= self.len {
            return Err(format!("that element is at {place:#x}, beyond the end"));
        }
        Ok(place)
    }

    /// The bytes that belong together at a place: of elements, the one there from the place on.
    pub(crate) fn unit(&self, place: u64) -> Range<u64> {
        let next = place.saturating_add(1);
        let Some(typed) = &self.typed else { return place..next };
        let sheet = self.sheet(typed);
        let (row, column) = sheet.place(place);
        let range = sheet.spot(row, column).map(|spot| spot.range());
        let end = range.filter(|range| range.contains(&place)).map_or(next, |range| range.end);
        place..end.min(self.len)
    }

    /// Where the elements are, on this screen.
    pub(crate) fn sheet<'a>(&self, typed: &'a Typed) -> Sheet<'a> {
        typed.sheet(self.bar_x().unwrap_or_else(|| self.elements_width()))
    }

    /// The columns of the screen that belong to elements.
    fn elements_width(&self) -> u16 {
        match self.layout().room {
            Room::Side(rect) if self.panes.any() => rect.x,
            _ => self.size.width,
        }
    }

    /// The column of the scroll bar.
    pub(crate) fn bar_x(&self) -> Option<u16> {
        if self.typed.is_none() {
            return self.layout().bar_x;
        }
        self.elements_width().checked_sub(1).filter(|&x| x >= 39)
    }

    /// The bytes of the elements on the screen.
    pub(crate) fn elements_on_screen(&self, typed: &Typed) -> Vec<Range<u64>> {
        let sheet = self.sheet(typed);
        let columns: Vec<u64> = sheet.columns(typed.left).map(|(column, ..)| column).collect();
        let end = sheet.row_count().min(typed.top.saturating_add(self.layout().rows.into()));
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for row in typed.top..end {
            for spot in columns.iter().filter_map(|&column| sheet.spot(row, column)) {
                let shown = spot.shown();
                if shown.end > self.len {
                    continue;
                }
                // Neighbours are read together, and so is what lies between them, if it is little.
                match ranges.last_mut() {
                    Some(last)
                        if (last.start..=last.end.saturating_add(NEAR)).contains(&shown.start) =>
                    {
                        last.end = last.end.max(shown.end);
                    }
                    _ => ranges.push(shown),
                }
            }
        }
        ranges
    }

    pub(crate) fn scroll_to_element(&mut self) {
        let Some(typed) = &self.typed else { return };
        let sheet = self.sheet(typed);
        let (row, column) = sheet.place(self.cursor);
        let before = u64::from(self.layout().rows.max(1) - 1);
        let top = typed.top.clamp(row.saturating_sub(before), row);
        let left = sheet.left_for(column, typed.left);
        if let Some(typed) = &mut self.typed {
            (typed.top, typed.left) = (top, left);
        }
    }

    /// Goes to a place; if it is not on the screen, it comes to the middle.
    pub(super) fn show_element(&mut self, position: u64) {
        let rows = self.layout().rows;
        if let Some(typed) = &self.typed {
            let sheet = self.sheet(typed);
            let (row, _) = sheet.place(position.min(self.len.saturating_sub(1)));
            let seen = typed.top..typed.top.saturating_add(rows.into());
            if !seen.contains(&row) {
                let top = row.saturating_sub(u64::from(rows / 2)).min(sheet.last_top(rows));
                self.set_top(top);
            }
        }
        self.go_to(position);
    }

    fn set_top(&mut self, top: u64) {
        if let Some(typed) = &mut self.typed {
            typed.top = top;
        }
    }

    /// What a key does among elements; whether it does something else there than among bytes.
    pub(super) fn act_on_elements(&mut self, action: Action) -> bool {
        let Some(typed) = &self.typed else { return false };
        let page = u64::from(self.layout().rows);
        let sheet = self.sheet(typed);
        let (row, column) = sheet.place(self.cursor);
        let (last_row, last_column) = (sheet.row_count() - 1, sheet.column_count() - 1);
        match action {
            Action::Left if column > 0 => self.go_to_spot(row, column - 1),
            Action::Left if row > 0 => self.go_to_spot(row - 1, last_column),
            Action::Right if sheet.spot(row, column + 1).is_some() => {
                self.go_to_spot(row, column + 1);
            }
            Action::Right if row < last_row => self.go_to_spot(row + 1, 0),
            Action::Left | Action::Right => {}
            Action::Up => self.move_elements(Direction::Back, 1, false),
            Action::Down => self.move_elements(Direction::Forward, 1, false),
            Action::HalfPageUp => self.move_elements(Direction::Back, page.div_ceil(2), true),
            Action::HalfPageDown => self.move_elements(Direction::Forward, page.div_ceil(2), true),
            Action::PageUp => self.move_elements(Direction::Back, page, true),
            Action::PageDown => self.move_elements(Direction::Forward, page, true),
            Action::RowStart => self.go_to_spot(row, 0),
            Action::RowEnd => self.go_to_spot(row, last_column),
            Action::Start => self.jump_to_number(0),
            Action::End => {
                let last = typed.grid.count().saturating_sub(1);
                self.jump_to_number(last);
            }
            Action::Slab(direction) => self.move_slab(direction),
            _ => return false,
        }
        true
    }

    /// Goes to what stands there, or to the last before it that does.
    fn go_to_spot(&mut self, row: u64, column: u64) {
        let Some(typed) = &self.typed else { return };
        let sheet = self.sheet(typed);
        let spot = (0..=column).rev().find_map(|column| sheet.spot(row, column));
        let Some(position) = spot.map(|spot| spot.position) else { return };
        if position < self.len {
            self.go_to(position);
        } else {
            self.trouble(format!("that element is at {position:#x}, beyond the end"));
        }
    }

    /// Up or down by rows; the screen moves with the cursor if it `turns`.
    fn move_elements(&mut self, direction: Direction, by: u64, turns: bool) {
        let Some(typed) = &self.typed else { return };
        let (rows, top) = (self.layout().rows, typed.top);
        let sheet = self.sheet(typed);
        let (row, column) = sheet.place(self.cursor);
        let (last_row, last_top) = (sheet.row_count() - 1, sheet.last_top(rows));
        let forward = direction == Direction::Forward;
        let (row, moved) = if forward {
            (row.saturating_add(by).min(last_row), top.saturating_add(by).min(last_top.max(top)))
        } else {
            (row.saturating_sub(by), top.saturating_sub(by))
        };
        let before = self.cursor;
        self.go_to_spot(row, column);
        if turns && self.cursor != before {
            self.set_top(moved);
            self.scroll_to_element();
        }
    }

    /// Far, to an element by its number; of those beyond the end, to the last that is not.
    fn jump_to_number(&mut self, number: u64) {
        let Some(typed) = &self.typed else { return };
        let position = typed.grid.position(number);
        self.jump(position.min(self.len.saturating_sub(1)));
    }

    fn move_slab(&mut self, direction: Direction) {
        let Some(typed) = &self.typed else { return };
        let Some(slab) = typed.slab() else {
            return self.trouble("there is no outer axis; up and down move along the first one");
        };
        let number = typed.number_at(self.cursor);
        let count = typed.grid.count();
        let to = match direction {
            Direction::Forward => number.checked_add(slab).filter(|&to| to < count),
            Direction::Back => number.checked_sub(slab),
        };
        match to.map(|to| typed.grid.position(to)) {
            Some(position) if position < self.len => self.show(position),
            _ => {
                let which = direction.adjective();
                self.trouble(format!("there is no {which} one along the outermost axis"));
            }
        }
    }

    pub(super) fn wheel_elements(&mut self, is_up: bool, by: u64) {
        let Some(typed) = &self.typed else { return };
        let rows = self.layout().rows;
        let sheet = self.sheet(typed);
        let (row, column) = sheet.place(self.cursor);
        let top = if is_up {
            typed.top.saturating_sub(by)
        } else {
            typed.top.saturating_add(by).min(sheet.last_top(rows).max(typed.top))
        };
        let within = row.clamp(top, top.saturating_add(u64::from(rows) - 1));
        if within != row {
            self.go_to_spot(within, column);
        }
        self.set_top(top);
        self.scroll_to_element();
    }

    /// What stands in a cell of the screen.
    pub(super) fn element_at(&self, typed: &Typed, x: u16, line: u16) -> Option<u64> {
        let sheet = self.sheet(typed);
        let row = typed.top.saturating_add(line.into());
        let mut columns = sheet.columns(typed.left);
        let (column, ..) =
            columns.find(|&(_, from, width)| (from..from + width + 2).contains(&x))?;
        sheet.spot(row, column).map(|spot| spot.position).filter(|&position| position < self.len)
    }

    /// Goes where the scroll bar points at.
    pub(super) fn scroll_elements_to(&mut self, line: u16) {
        let Some(typed) = &self.typed else { return };
        let sheet = self.sheet(typed);
        let (_, column) = sheet.place(self.cursor);
        let steps = u128::from(self.layout().rows - 1).max(1);
        let row = u128::from(sheet.row_count() - 1) * u128::from(line) / steps;
        let row = u64::try_from(row).unwrap_or(u64::MAX);
        let rows = self.layout().rows;
        let top = row.saturating_sub(u64::from(rows / 2)).min(sheet.last_top(rows));
        self.set_top(top);
        self.go_to_spot(row, column);
        self.scroll_to_element();
    }

    pub(super) fn look_for_nan(&mut self, direction: Direction) {
        let Some(typed) = &self.typed else {
            return self.trouble("NaN needs elements: t shows them, as :type f4 does");
        };
        if !has_floats(&typed.grid) {
            return self.trouble(format!("{} has no float that could be NaN", typed.grid.dtype));
        }
        let hunt = NanHunt::new(&typed.grid, direction, self.cursor);
        self.stop_hunting();
        if let Some(typed) = &mut self.typed {
            typed.hunt = Some(hunt);
        }
    }

    /// Ends every search that is under way; whether there was one.
    pub(crate) fn stop_hunting(&mut self) -> bool {
        let nan = self.typed.as_mut().and_then(|typed| typed.hunt.take());
        self.hunt.take().is_some() || nan.is_some()
    }

    pub(super) fn nan_went(&mut self, outcome: NanOutcome) {
        let Some(typed) = &mut self.typed else { return };
        // It may have been called off meanwhile.
        let Some(hunt) = typed.hunt.take() else { return };
        match outcome {
            NanOutcome::Found(place) => self.jump(place),
            NanOutcome::Nothing => {
                let which = hunt.direction.adjective();
                self.notice = Some(Notice::Done(format!("there is no {which} NaN")));
            }
            NanOutcome::More(hunt) => typed.hunt = Some(hunt),
        }
    }
}

/// So many bytes between two elements are read with them.
const NEAR: u64 = 64;

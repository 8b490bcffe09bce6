//! The array view: switching it on and off, moving in it, and searching for NaNs.

use crate::analysis::find_nan::{NanJob, has_floats};
use crate::analysis::landmark::Reached;
use crate::document::jobs::JobSpec;
use crate::document::read_layout::ReadLayoutJob;
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::editor::prompt::Purpose;
use crate::job::error::JobError;
use crate::job::list::JobId;
use crate::search::direction::Direction;
use crate::source::npy_layout::{ArrayLayout, LayoutError, LayoutQuery};
use crate::view::PendingPlace;
use crate::view::array::{ArrayView, ArrayViewError, Request};

use super::command_line::CommandError;
use super::normal::times;

impl Current<'_> {
    /// Switches to the array view, with the layout described by the file if there is one; or back
    /// to bytes.
    pub(super) fn toggle_array(&mut self) {
        if self.view.array.is_some() {
            self.untype();
        } else if self.document.len == 0 {
            self.complain("there is no byte to show");
        } else {
            self.describe(None);
        }
    }

    /// Switches to bytes. The cursor stays.
    pub(super) fn untype(&mut self) {
        self.set_array(None);
    }

    /// Starts reading the file's array description.
    pub(crate) fn describe(&mut self, member: Option<String>) {
        let place = LayoutQuery { cursor: self.view.cursor, member };
        let job = self.start(ReadLayoutJob { place: place.clone() });
        if let Some((replaced, _)) = self.view.describing.replace((job, place)) {
            self.cancel(replaced);
        }
    }

    /// Handles the file's array description. If there is none, asks the user.
    pub(super) fn described(&mut self, id: JobId, found: Option<Result<ArrayLayout, LayoutError>>) {
        let asked = self.view.describing.take_if(|(job, _)| *job == id);
        let Some((_, place)) = asked else { return };
        match found {
            Some(Ok(ArrayLayout { grid, missing })) => {
                if grid.count() == 0 || grid.dtype.itemsize() == 0 {
                    let shape = crate::source::npy_layout::shape(&grid.shape);
                    return self.complain(format!("an array of no bytes: {} {shape}", grid.dtype));
                }
                if grid.start >= self.document.len {
                    return self.complain("the file ends before its elements begin");
                }
                if missing > 0 {
                    self.complain(format!("{missing} bytes of the array are missing at its end"));
                }
                self.set_array(Some(ArrayView::new(grid, None)));
            }
            Some(Err(why)) => self.complain(why.to_string()),
            None if place.member.is_some() => self.complain("this is not an archive"),
            // Do not interrupt the user's typing.
            None if self.input.prompt.is_some() => {}
            None => {
                self.open_prompt(Purpose::Command);
                let line = format!("type {}", self.view.last_type);
                if let Some(prompt) = &mut self.input.prompt {
                    prompt.insert(&line);
                }
            }
        }
    }

    /// Switches to elements or bytes. The cursor stays.
    fn set_array(&mut self, array: Option<ArrayView>) {
        self.view.array = array;
        self.relayout();
        self.show(self.view.cursor);
    }

    /// Shows the elements requested by a command.
    pub(super) fn show_elements(
        &mut self,
        request: Request,
        asked: &str,
    ) -> Result<(), CommandError> {
        let start = match &request.offset {
            Some(text) => self.cx().place(text).map_err(CommandError::Offset)?,
            None => 0,
        };
        self.show_request(request, start)?;
        // Without the offset, as the cursor will be elsewhere the next time.
        asked.clone_into(&mut self.view.last_type);
        Ok(())
    }

    fn show_request(&mut self, request: Request, start: u64) -> Result<(), ArrayViewError> {
        let grid = request.grid(start, self.document.len)?;
        self.set_array(Some(ArrayView::new(grid, Some((request, start)))));
        Ok(())
    }

    /// Shows elements from an offset on. If there are none, shows bytes and the error.
    pub(crate) fn begin_with(&mut self, request: Request, start: u64) {
        if let Err(why) = self.show_request(request, start) {
            self.complain(why.to_string());
        }
    }

    /// Adjusts the array to a new length of the data.
    pub(super) fn count_elements(&mut self) {
        let Some(array) = self.view.array.take() else { return };
        match array.resized(self.document.len) {
            Ok(mut array) => {
                array.top = array.top.min(self.cx().sheet(&array).last_top(self.layout().rows));
                self.view.array = Some(array);
            }
            Err(why) => self.complain(why.to_string()),
        }
        self.relayout();
    }

    pub(crate) fn scroll_to_element(&mut self) {
        let Some(array) = &self.view.array else { return };
        let sheet = self.cx().sheet(array);
        let (row, column) = sheet.place(self.view.cursor);
        let before = u64::from(self.layout().rows.max(1) - 1);
        let top = array.top.clamp(row.saturating_sub(before), row);
        let left = sheet.left_for(column, array.left);
        if let Some(array) = &mut self.view.array {
            (array.top, array.left) = (top, left);
        }
    }

    /// Goes to an offset. If it is not on the screen, it is centred.
    pub(super) fn show_element(&mut self, position: u64) {
        let rows = self.layout().rows;
        if let Some(array) = &self.view.array {
            let sheet = self.cx().sheet(array);
            let (row, _) = sheet.place(position.min(self.document.len.saturating_sub(1)));
            let seen = array.top..array.top.saturating_add(rows.into());
            if !seen.contains(&row) {
                let top = row.saturating_sub(u64::from(rows / 2)).min(sheet.last_top(rows));
                self.set_top(top);
            }
        }
        self.go_to(position);
    }

    fn set_top(&mut self, top: u64) {
        if let Some(array) = &mut self.view.array {
            array.top = top;
        }
    }

    /// Handles a key in the array view. Returns whether its meaning differs from that in the hex
    /// view.
    pub(super) fn act_in_array(&mut self, action: Action, count: Option<u64>) -> bool {
        let Some(array) = &self.view.array else { return false };
        let times = times(count);
        let half = u64::from(self.layout().rows).div_ceil(2).saturating_mul(times);
        let page = u64::from(self.layout().rows).saturating_mul(times);
        let sheet = self.cx().sheet(array);
        let (row, column) = sheet.place(self.view.cursor);
        let (last_row, last_column) = (sheet.row_count() - 1, sheet.column_count() - 1);
        // Left and right continue in the neighbouring rows.
        let width = u128::from(sheet.column_count()).max(1);
        let cell = u128::from(row) * width + u128::from(column);
        let spot = |cell: u128| {
            let row = u64::try_from(cell / width).unwrap_or(u64::MAX);
            (row, u64::try_from(cell % width).unwrap_or(0))
        };
        match action {
            Action::Left => {
                let (row, column) = spot(cell.saturating_sub(times.into()));
                self.go_to_spot(row, column);
            }
            Action::Right => {
                let (to, column) = spot(cell.saturating_add(times.into()));
                let (to, column) =
                    if to > last_row { (last_row, last_column) } else { (to, column) };
                self.go_to_spot(to, column);
            }
            Action::Up => self.move_elements(Direction::Back, times, false),
            Action::Down => self.move_elements(Direction::Forward, times, false),
            Action::HalfPageUp => self.move_elements(Direction::Back, half, true),
            Action::HalfPageDown => self.move_elements(Direction::Forward, half, true),
            Action::PageUp => self.move_elements(Direction::Back, page, true),
            Action::PageDown => self.move_elements(Direction::Forward, page, true),
            Action::RowStart => self.go_to_spot(row, 0),
            Action::RowEnd => self.go_to_spot(row, last_column),
            Action::Start => self.jump_to_number(count.unwrap_or(0)),
            Action::End => self.jump_to_number(count.unwrap_or(u64::MAX)),
            Action::Slab(direction) => self.move_slab(direction, times),
            _ => return false,
        }
        true
    }

    /// Goes to a cell, or to the last existing one before it.
    fn go_to_spot(&mut self, row: u64, column: u64) {
        let Some(array) = &self.view.array else { return };
        let sheet = self.cx().sheet(array);
        let spot = (0..=column).rev().find_map(|column| sheet.spot(row, column));
        let Some(position) = spot.map(|spot| spot.position) else { return };
        if position < self.document.len {
            self.go_to(position);
        } else {
            self.complain(format!("that element is at {position:#x}, beyond the end"));
        }
    }

    /// Moves up or down by rows. If `turns` is set, the screen moves with the cursor.
    fn move_elements(&mut self, direction: Direction, by: u64, turns: bool) {
        let Some(array) = &self.view.array else { return };
        let (rows, top) = (self.layout().rows, array.top);
        let sheet = self.cx().sheet(array);
        let (row, column) = sheet.place(self.view.cursor);
        let (last_row, last_top) = (sheet.row_count() - 1, sheet.last_top(rows));
        let forward = direction == Direction::Forward;
        let (row, moved) = if forward {
            (row.saturating_add(by).min(last_row), top.saturating_add(by).min(last_top.max(top)))
        } else {
            (row.saturating_sub(by), top.saturating_sub(by))
        };
        let before = self.view.cursor;
        self.go_to_spot(row, column);
        if turns && self.view.cursor != before {
            self.set_top(moved);
            self.scroll_to_element();
        }
    }

    /// Jumps to an element by number, or to the last one.
    fn jump_to_number(&mut self, number: u64) {
        let Some(array) = &self.view.array else { return };
        let last = array.grid.count().saturating_sub(1);
        let position = array.grid.position(number.min(last));
        self.jump(position.min(self.document.len.saturating_sub(1)));
    }

    fn move_slab(&mut self, direction: Direction, times: u64) {
        let Some(array) = &self.view.array else { return };
        let Some(slab) = array.slab() else {
            return self.complain("there is no outer axis; up and down move along the first one");
        };
        let by = slab.saturating_mul(times);
        let number = array.number_at(self.view.cursor);
        let count = array.grid.count();
        let to = match direction {
            Direction::Forward => number.checked_add(by).filter(|&to| to < count),
            Direction::Back => number.checked_sub(by),
        };
        match to.map(|to| array.grid.position(to)) {
            Some(position) if position < self.document.len => self.show(position),
            _ => {
                let which = direction.adjective();
                self.complain(format!("there is no {which} one along the outermost axis"));
            }
        }
    }

    pub(super) fn wheel_elements(&mut self, is_up: bool, by: u64) {
        let Some(array) = &self.view.array else { return };
        let rows = self.layout().rows;
        let sheet = self.cx().sheet(array);
        let (row, column) = sheet.place(self.view.cursor);
        let top = if is_up {
            array.top.saturating_sub(by)
        } else {
            array.top.saturating_add(by).min(sheet.last_top(rows).max(array.top))
        };
        let within = row.clamp(top, top.saturating_add(u64::from(rows) - 1));
        if within != row {
            self.go_to_spot(within, column);
        }
        self.set_top(top);
        self.scroll_to_element();
    }

    /// The element at a screen position.
    pub(super) fn element_at(&self, array: &ArrayView, x: u16, line: u16) -> Option<u64> {
        let sheet = self.cx().sheet(array);
        let row = array.top.saturating_add(line.into());
        let mut columns = sheet.columns(array.left);
        let (column, ..) =
            columns.find(|&(_, from, width)| (from..from + width + 2).contains(&x))?;
        sheet
            .spot(row, column)
            .map(|spot| spot.position)
            .filter(|&position| position < self.document.len)
    }

    /// Scrolls to a position of the scroll bar.
    pub(super) fn scroll_elements_to(&mut self, line: u16) {
        let Some(array) = &self.view.array else { return };
        let sheet = self.cx().sheet(array);
        let (_, column) = sheet.place(self.view.cursor);
        let steps = u128::from(self.layout().rows - 1).max(1);
        let row = u128::from(sheet.row_count() - 1) * u128::from(line) / steps;
        let row = u64::try_from(row).unwrap_or(u64::MAX);
        let rows = self.layout().rows;
        let top = row.saturating_sub(u64::from(rows / 2)).min(sheet.last_top(rows));
        self.set_top(top);
        self.go_to_spot(row, column);
        self.scroll_to_element();
    }

    pub(super) fn find_nan(&mut self, direction: Direction, count: u64) {
        let Some(array) = &self.view.array else {
            return self.complain("NaN needs elements: t shows them, as :type f4 does");
        };
        if !has_floats(&array.grid) {
            return self.complain(format!("{} has no float that could be NaN", array.grid.dtype));
        }
        let cursor = self.view.cursor;
        let grid = array.grid.clone();
        self.look_for(format!("{} NaN", direction.adjective()), count, |count| NanJob {
            grid,
            direction,
            cursor,
            count,
        });
    }

    /// Starts a job that searches for the `count`-th position, and cancels the previous one. A key that
    /// is pressed again while its search runs goes one further, as it would have after the end.
    pub(super) fn look_for<J: Into<JobSpec>>(
        &mut self,
        what: String,
        count: u64,
        job: impl FnOnce(u64) -> J,
    ) {
        let cursor = self.view.cursor;
        let is_same = |it: &&PendingPlace| it.what == what && it.cursor == cursor;
        let pending = self.view.looking.as_ref().filter(is_same).map_or(0, |it| it.count);
        let count = count.saturating_add(pending);
        self.stop_looking();
        let job = self.start(job(count));
        self.view.looking = Some(PendingPlace { job, what, count, cursor: self.view.cursor });
    }

    /// Cancels the running search for a position. Returns whether there was one.
    pub(super) fn stop_looking(&mut self) -> bool {
        let looking = self.view.looking.take();
        if let Some(looking) = &looking {
            self.cancel(looking.job);
        }
        looking.is_some()
    }

    /// Handles the result of a search. If the cursor has moved meanwhile, it stays.
    pub(super) fn looked(&mut self, id: JobId, found: Result<Option<Reached>, JobError>) {
        let Some(looking) = self.view.looking.take_if(|it| it.job == id) else { return };
        match found {
            Ok(Some(Reached { place, steps })) if looking.cursor == self.view.cursor => {
                self.jump(place);
                if steps < looking.count {
                    self.say(format!("there is no {} after {steps} of them", looking.what));
                }
            }
            Ok(None) => self.say(format!("there is no {}", looking.what)),
            Ok(Some(_)) | Err(JobError::Cancelled) => {}
            Err(error) => self.complain(error.to_string()),
        }
    }
}

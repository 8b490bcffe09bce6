//! Laws that hold for every mapping, every lender and every backend. Each law is a function.
//!
//! A law panics if it is broken. The macros run all of them; a test of this crate fails if a law is
//! missing in its macro.

#![expect(missing_docs, reason = "the name of a law is its sentence")]
#![expect(
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a law is a test: panicking is how it speaks"
)]

mod lending;
mod opening;
mod reading;
mod sharing;
mod sizing;
mod writing;

pub use lending::*;
pub use opening::*;
pub use reading::*;
pub use sharing::*;
pub use sizing::*;
pub use writing::*;

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::{Map, Mapping, widen};

/// Runs the laws of reading: `mapping_laws!(name, |bytes: &[u8]| -> Map<M>)`.
#[macro_export]
macro_rules! mapping_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            len_is_that_of_the_bytes,
            no_bytes_are_a_valid_mapping,
            every_range_reads_its_bytes,
            reads_across_many_pages_are_exact,
            reading_nothing_is_fine_up_to_the_end,
            read_past_end_is_out_of_bounds,
            a_fold_takes_every_byte_once_and_in_order,
            numbers_near_the_maximum_do_not_overflow,
            a_failed_read_leaves_the_buffer_alone,
            get_reads_values_at_any_alignment,
            get_reads_plain_structs_of_every_size,
            many_threads_read_at_once,
            some_is_all_where_nothing_is_lost,
            released_bytes_are_what_they_were,
            advice_changes_no_byte,
            prefault_does_any_range_and_says_how_far_it_is,
            prefault_stops_where_it_is_told_to,
            bytes_in_memory_are_listed_in_order,
            extents_cover_any_range_in_order,
            ranges_beyond_the_end_are_refused,
            backward_ranges_are_refused,
            any_range_syncs,
            bytes_kept_in_memory_are_what_they_were,
            detached_bytes_are_the_same,
            a_file_is_replaced_by_exactly_the_bytes,
            what_is_no_file_is_not_replaced,
            erasing_keeps_bytes_and_description,
            debug_shows_no_address,
            close_succeeds
        );
    };
}

/// Runs the laws of lending: `lending_laws!(name, |len: u64| -> Result<Map<M>>)`.
#[macro_export]
macro_rules! lending_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            new_memory_is_zeroed,
            writes_are_seen_by_reads,
            no_memory_lends_an_empty_slice,
            memory_beyond_the_address_space_is_too_large
        );
    };
}

/// Runs the laws of writing, for maps in a mode that writes: `writing_laws!(name, |bytes: &[u8]| ->
/// Map<M>)`.
#[macro_export]
macro_rules! writing_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            the_mode_says_that_it_writes,
            every_range_writes_its_bytes,
            writes_across_many_pages_are_exact,
            write_past_end_is_out_of_bounds_and_writes_nothing,
            writing_nothing_is_fine_up_to_the_end,
            no_bytes_can_be_written_to_nothing,
            set_then_get_at_any_alignment,
            set_writes_plain_structs_of_every_size,
            fill_sets_exactly_its_range,
            fill_past_end_sets_nothing,
            copy_within_is_that_of_slices,
            copy_within_past_end_copies_nothing,
            long_copies_may_overlap_in_both_directions,
            writes_near_the_maximum_do_not_overflow,
            any_sequence_of_writes_is_that_of_a_vector,
            written_bytes_survive_advice_and_sync,
            written_bytes_are_detached_and_saved,
            erased_maps_write_too,
            read_only_for_good_refuses_writes
        );
    };
}

/// Runs the laws of maps in mode `r`: `reading_only_laws!(name, |bytes: &[u8]| -> Map<M>)`.
#[macro_export]
macro_rules! reading_only_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            a_map_for_reading_refuses_every_write,
            a_map_for_reading_is_read_only_already
        );
    };
}

/// Runs the laws of growing and shrinking, for maps in a mode that writes that end at the end of their
/// file: `sizing_laws!(name, |bytes: &[u8]| -> Map<M>)`.
#[macro_export]
macro_rules! sizing_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            grown_bytes_are_zeros_and_old_ones_stay,
            shrunk_then_grown_bytes_are_zeros,
            bytes_that_were_cut_are_out_of_bounds,
            resize_to_nothing_and_back,
            resize_to_the_same_is_nothing,
            many_small_growths,
            reserved_then_grown,
            reserving_less_is_nothing,
            resize_beyond_the_address_space_is_refused,
            erased_maps_resize_too
        );
    };
}

/// Runs the laws of cells, for maps in a mode that writes, at any offset of their file:
/// `sharing_laws!(name, |bytes: &[u8]| -> Map<M>)` with `M: Share`.
#[macro_export]
macro_rules! sharing_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            cells_are_the_bytes_of_the_map,
            cells_past_end_are_out_of_bounds,
            integers_are_whole_and_touch_no_neighbour,
            misaligned_integers_are_refused,
            integers_past_end_are_out_of_bounds,
            adding_wraps,
            threads_count_together,
            compare_exchange_takes_turns,
            compare_exchange_says_what_is_there,
            what_was_written_before_a_store_is_seen_after_its_load,
            copies_of_many_threads_all_arrive,
            cells_sync,
            cells_of_a_read_only_map_refuse_writes
        );
    };
}

/// Runs the laws of opening files: `backend_laws!(name, dir: &Path, || -> MapOptions<B>)`.
#[macro_export]
macro_rules! backend_laws {
    ($name:ident, $dir:expr, $options:expr) => {
        $crate::laws!(
            $name,
            ($dir, &$options),
            any_offset_maps_from_there,
            a_length_maps_that_much,
            an_empty_file_maps_to_nothing,
            the_end_of_the_file_is_a_valid_offset,
            offset_beyond_end_is_refused,
            length_beyond_end_is_refused,
            path_mode_and_offset_are_as_asked,
            a_missing_file_is_not_found,
            a_directory_is_not_mappable,
            contradictory_options_are_refused,
            a_refused_open_changes_nothing,
            an_unlinked_file_stays_mapped,
            the_same_file_maps_twice,
            read_write_reaches_the_file,
            copy_on_write_stays_private,
            a_file_that_may_only_be_read_opens_to_be_read,
            errors_of_writing_name_the_file,
            create_makes_a_zeroed_file_of_offset_plus_len,
            create_replaces_an_existing_file_whole,
            create_new_refuses_an_existing_file_and_leaves_it,
            in_place_the_file_itself_is_emptied_and_filled,
            create_needs_a_length,
            create_needs_a_directory,
            extend_grows_only_if_asked,
            extend_never_shrinks,
            an_open_file_stays_open_and_keeps_its_position,
            an_open_file_is_not_made,
            an_open_file_must_be_open_for_the_mode,
            the_file_can_be_closed_before_the_map,
            resize_grows_and_cuts_the_file,
            resize_cuts_off_nothing_that_is_not_mapped,
            a_reader_follows_a_file_that_grows,
            a_reader_follows_a_file_that_was_empty,
            private_edits_are_not_resized,
            small_files_are_read,
            deny_write_keeps_others_from_writing_or_is_unsupported,
            what_was_read_into_memory_does_not_grow,
            holes_read_as_zeros_also_where_they_were_edited,
            deleting_and_renaming_right_after_close_works
        );
    };
}

/// Makes a module of tests from a list of laws.
#[doc(hidden)]
#[macro_export]
macro_rules! laws {
    ($name:ident, ($dir:expr, $options:expr), $($law:ident),+ $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "a maker may need nothing of its surroundings")]
            use super::*;
            $(#[test] fn $law() { $crate::testing::laws::$law($dir.as_ref(), $options) })+
        }
    };
    ($name:ident, $make:expr, $($law:ident),+ $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "a maker may need nothing of its surroundings")]
            use super::*;
            $(#[test] fn $law() { $crate::testing::laws::$law($make) })+
        }
    };
}

/// Bytes without a period that could hide errors of a page, a word or a vector.
#[must_use]
pub fn sample(len: usize) -> Vec<u8> {
    let mut dice = Dice::new();
    (0..len).map(|_| dice.roll().to_le_bytes()[3]).collect()
}

/// Pseudo-random numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn up_to(&mut self, most: usize) -> usize {
        usize::try_from(self.roll() % (widen(most) + 1)).unwrap()
    }

    /// A range within `len` bytes, at most `most` bytes long.
    fn range(&mut self, len: usize, most: usize) -> Range<usize> {
        let start = self.up_to(len);
        start..start + self.up_to(most.min(len - start))
    }
}

fn all_of<M: Mapping>(mm: &Map<M>) -> Vec<u8> {
    mm.read_at(0, usize::try_from(mm.len()).unwrap()).unwrap()
}

fn wide(range: &Range<usize>) -> Range<u64> {
    widen(range.start)..widen(range.end)
}

fn names_in(dir: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

/// Permissions of a file that only its owner may use. A new file does not get them by default.
fn private_permissions() -> fs::Permissions {
    tempfile::tempfile().unwrap().metadata().unwrap().permissions()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_law_is_run_by_a_macro() {
        let macros = include_str!("laws.rs").split("pub fn sample").next().unwrap();
        let run: Vec<&str> = macros.split(|c: char| c != '_' && !c.is_alphanumeric()).collect();
        for source in [
            include_str!("laws/lending.rs"),
            include_str!("laws/opening.rs"),
            include_str!("laws/reading.rs"),
            include_str!("laws/sharing.rs"),
            include_str!("laws/sizing.rs"),
            include_str!("laws/writing.rs"),
        ] {
            let laws: Vec<&str> = source
                .lines()
                .filter_map(|line| line.strip_prefix("pub fn ")?.split(['<', '(']).next())
                .collect();
            assert!(!laws.is_empty());
            for law in laws {
                assert!(run.contains(&law), "no macro runs `{law}`");
            }
        }
    }
}

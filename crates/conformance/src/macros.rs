//! The macros that turn laws into tests. A list of laws stands here and nowhere else.

/// Makes a module of tests: one for each law of the listed capabilities.
///
/// `conformance!(mod NAME, MAKER, [CAPABILITY, ...])`. The maker is a function of the bytes that a mapping
/// is to have. It returns a [`Map`](memmap_core::Map), or an [`Opener`](memmap_core::Opener) and one of its
/// sources. [The page of the crate](crate) lists the capabilities.
///
/// # Examples
/// ```
/// use memmap_core::{Map, testing::Fake};
///
/// memmap_conformance::conformance!(
///     mod fake,
///     |bytes: &[u8]| Map::from_mapping(Fake::new(bytes)),
///     [read, write, lend]
/// );
/// # fn main() {}
/// ```
///
/// A capability that does not exist is an error of the compiler, which lists those that do:
///
/// ```compile_fail
/// use memmap_core::{Map, testing::Fake};
///
/// memmap_conformance::conformance!(
///     mod fake,
///     |bytes: &[u8]| Map::from_mapping(Fake::new(bytes)),
///     [reads]
/// );
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance {
    (mod $name:ident, $make:expr, [$($capability:ident),+ $(,)?]) => {
        mod $name {
            #[allow(unused_imports, reason = "a maker may need nothing of its surroundings")]
            use super::*;
            $($crate::capability!($capability, $make);)+
        }
    };
}

/// The tests of one capability.
#[doc(hidden)]
#[macro_export]
macro_rules! capability {
    (read, $make:expr) => {
        $crate::of_maps!(
            $make,
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
            close_succeeds
        );
    };
    (write, $make:expr) => {
        $crate::of_maps!(
            $make,
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
    (read_only, $make:expr) => {
        $crate::of_maps!(
            $make,
            a_map_for_reading_refuses_every_write,
            a_map_for_reading_is_read_only_already
        );
    };
    (resize, $make:expr) => {
        $crate::of_maps!(
            $make,
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
    (cells, $make:expr) => {
        $crate::of_maps!(
            $make,
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
    (lend, $make:expr) => {
        $crate::of_maps!(
            $make,
            lent_bytes_are_those_that_are_read,
            an_empty_map_lends_an_empty_slice,
            lent_bytes_stay_where_they_are,
            indexing_is_that_of_the_slice
        );
    };
    (open, $make:expr) => {
        $crate::of_sources!(
            $make,
            the_whole_source_is_opened,
            any_offset_and_length_open_that_part,
            the_end_of_the_source_is_a_valid_offset,
            an_offset_beyond_the_end_is_refused,
            a_length_beyond_the_end_is_refused,
            the_mode_is_the_one_asked_for_or_refused,
            maps_and_errors_name_the_source,
            the_same_source_opens_twice,
            an_identity_opens_what_it_names,
            an_explanation_says_how_long_the_source_is
        );
    };
    (durable, $make:expr) => {
        $crate::of_sources!(
            $make,
            synced_bytes_are_there_when_it_is_opened_again,
            closed_bytes_are_there_when_it_is_opened_again,
            a_sync_of_a_part_keeps_the_rest
        );
    };
    (lock, $make:expr) => {
        $crate::of_sources!(
            $make,
            a_lock_keeps_others_out,
            readers_share_a_lock,
            a_lock_ends_with_its_guard
        );
    };
    // These two are of the mappings of this workspace alone.
    (ours, $make:expr) => {
        $crate::of_maps!($make, debug_shows_no_address);
    };
    (plain_cells, $make:expr) => {
        $crate::of_maps!($make, cells_without_a_guard_have_no_atomic_integers);
    };
    ($other:ident, $make:expr) => {
        compile_error!(concat!(
            "`",
            stringify!($other),
            "` is not a capability; use some of read, read_only, write, resize, cells, durable, lend, lock, open"
        ));
    };
}

/// Tests of laws about a map.
#[doc(hidden)]
#[macro_export]
macro_rules! of_maps {
    ($make:expr, $($law:ident),+ $(,)?) => {
        $(#[test] fn $law() {
            $crate::announce(stringify!($law));
            $crate::laws::$law(&|bytes: &[u8]| $crate::Subject::map(($make)(bytes)));
        })+
    };
}

/// Tests of laws about an opener and its sources.
#[doc(hidden)]
#[macro_export]
macro_rules! of_sources {
    ($make:expr, $($law:ident),+ $(,)?) => {
        $(#[test] fn $law() {
            $crate::announce(stringify!($law));
            $crate::laws::$law(&|bytes: &[u8]| ($make)(bytes));
        })+
    };
}

/// Tests of memory: `memory_laws!(mod NAME, |len: u64| -> Result<Map<M>>)`. It is no part of the promise of
/// this crate.
#[doc(hidden)]
#[macro_export]
macro_rules! memory_laws {
    (mod $name:ident, $make:expr) => {
        mod $name {
            use super::*;
            $crate::memory_laws!(
                @tests $make,
                new_memory_is_zeroed,
                writes_are_seen_by_reads,
                no_memory_lends_an_empty_slice,
                memory_beyond_the_address_space_is_too_large
            );
        }
    };
    (@tests $make:expr, $($law:ident),+ $(,)?) => {
        $(#[test] fn $law() {
            $crate::announce(stringify!($law));
            $crate::laws::$law(&$make);
        })+
    };
}

/// Tests of bytes that freeze when they are first touched: `touch_laws!(mod NAME, SYSTEM, around)`, where
/// `around: fn(fn())` runs a law, in each way that the system has. It is no part of the promise of this crate.
#[doc(hidden)]
#[macro_export]
macro_rules! touch_laws {
    (mod $name:ident, $system:ty, $around:expr) => {
        mod $name {
            use super::*;
            $crate::touch_laws!(
                @tests $system, $around,
                a_slice_has_the_bytes_of_the_file_and_takes_the_memory_of_what_is_touched,
                any_part_of_a_file_at_any_offset,
                what_was_touched_stays_and_what_was_not_is_as_the_file_is_then,
                lost_bytes_are_errors_of_what_copies_and_bytes_that_were_seen_stay,
                with_zeros_a_slice_shows_them_and_everything_else_says_so,
                a_fold_reads_what_nobody_touched,
                written_bytes_are_touched_first,
                a_limit_is_kept,
                many_maps_live_at_once_and_come_and_go
            );
        }
    };
    (@tests $system:ty, $around:expr, $($law:ident),+ $(,)?) => {
        $(#[test] fn $law() {
            $crate::announce(stringify!($law));
            $around($crate::laws::$law::<$system>);
        })+
    };
}

/// Tests of a system's backend: `files_laws!(mod NAME, dir: &Path, || -> MapOptions<Files<B>>)`. It is no
/// part of the promise of this crate.
#[doc(hidden)]
#[macro_export]
macro_rules! files_laws {
    (mod $name:ident, $dir:expr, $options:expr) => {
        mod $name {
            use super::*;
            $crate::files_laws!(
                @tests $dir, $options,
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
                more_than_the_disk_has_is_no_room_and_changes_nothing,
                extend_grows_only_if_asked,
                extend_never_shrinks,
                an_open_file_stays_open_and_keeps_its_position,
                an_open_file_is_not_made,
                an_open_file_must_be_open_for_the_mode,
                the_file_can_be_closed_before_the_map,
                a_map_grows_into_what_was_reserved_when_it_was_opened,
                resize_grows_and_cuts_the_file,
                resize_cuts_off_nothing_that_is_not_mapped,
                a_reader_follows_a_file_that_grows,
                a_reader_follows_a_file_that_was_empty,
                private_edits_are_not_resized,
                small_files_are_read,
                deny_write_keeps_others_from_writing_or_is_unsupported,
                what_was_read_into_memory_does_not_grow,
                holes_read_as_zeros_also_where_they_were_edited,
                deleting_and_renaming_right_after_close_works,
                a_missing_file_is_made_once_and_then_opened,
                what_is_made_if_missing_has_its_head_and_length,
                a_missing_file_that_cannot_be_as_asked_is_not_made,
                openers_that_start_together_all_map_one_file,
                an_identity_changes_with_the_file_and_not_without
            );
        }
    };
    (@tests $dir:expr, $options:expr, $($law:ident),+ $(,)?) => {
        $(#[test] fn $law() {
            $crate::announce(stringify!($law));
            $crate::laws::$law($dir.as_ref(), &$options);
        })+
    };
}

//! The rules: what numpy does, what we do, and how that compares. A row without its test does not
//! compile, and neither does a test without its row.

use std::fmt;

/// How what we do compares with what numpy does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tag {
    Same,
    BetterError,
    /// On purpose, for this reason.
    Different(&'static str),
    /// It cannot be asked of Rust, for this reason.
    NotApplicable(&'static str),
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("same"),
            Self::BetterError => f.write_str("better error"),
            Self::Different(reason) => write!(f, "**different**: {reason}"),
            Self::NotApplicable(reason) => write!(f, "not applicable: {reason}"),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: u32,
    pub(crate) tag: Tag,
    /// The name of its test, if there can be one.
    pub(crate) test: Option<&'static str>,
    pub(crate) numpy: &'static str,
    pub(crate) ours: &'static str,
}

#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) rows: &'static [Row],
}

/// Makes the table, and of each row the test of that name.
macro_rules! rules {
    ($($module:ident $title:literal: $($number:literal $test:tt $tag:expr, $numpy:literal, $ours:literal;)+)+) => {
        pub(crate) const SECTIONS: &[Section] = &[$(
            Section {
                title: $title,
                rows: &[$(
                    Row {
                        number: $number,
                        tag: $tag,
                        test: rules!(@name $test),
                        numpy: $numpy,
                        ours: $ours,
                    },
                )+],
            },
        )+];
        $($(rules!(@test $module $test);)+)+
    };
    (@name _) => { None };
    (@name $test:ident) => { Some(stringify!($test)) };
    (@test $module:ident _) => {};
    (@test $module:ident $test:ident) => {
        #[test]
        fn $test() {
            crate::$module::$test();
        }
    };
}

use Tag::{BetterError, Different, NotApplicable, Same};

rules! {
    mode "Mode":
    1 rule_01_every_mode_has_two_spellings Same,
        "`r`, `c`, `r+`, `w+`, or `readonly`, `copyonwrite`, `readwrite`, `write`",
        "`Mode` has the four, and parses both spellings";
    2 rule_02_another_mode_is_refused_with_all_spellings BetterError,
        "ValueError, which lists the eight and what was given",
        "`UnknownMode`, which does too, when the mode is parsed: no call has been made by then";
    3 rule_03_the_default_mode_reads_and_numpys_writes
        Different("a program that forgot to say should not be able to change a file"),
        "the default is `r+`",
        "the default is `r`; after `like_numpy()` it is `r+`";
    4 rule_04_a_mode_is_reported_in_its_short_form Same,
        "`mode` is the short form: `write` is reported as `w+`",
        "`mode()` prints the short form";
    5 rule_05_to_make_a_file_needs_a_shape_before_anything_is_made Same,
        "`w+` without shape: ValueError, before the file is made",
        "`ShapeRequired`, before the file is made";
    6 rule_06_private_edits_need_no_right_to_write Same,
        "`c` opens for reading, so a file of mode 0444 will do",
        "so does a file that was opened for reading";
    7 rule_07_a_missing_file_is_made_by_one_mode_only Same,
        "`r`, `r+`, `c`: FileNotFoundError; `w+` makes the file",
        "`NotFound` with the absolute path; `create` makes the file";
    8 rule_08_making_a_file_replaces_the_one_that_is_there_once_all_is_valid
        Different("a call that fails should not have cost the file"),
        "`w+` empties the file that is there, and then looks at the rest",
        "the new file takes the name last; until then the old one is there, whole (`in_place` empties it)";
    9 rule_09_an_open_file_is_not_made_anew
        Different("a file that is made takes its name last, and an open one has none"),
        "`w+` of a file object keeps its bytes",
        "`InvalidOptions`: map it with mode `r+`, and `extend`";
    10 rule_10_writing_to_a_file_never_makes_it_shorter Same,
        "`r+` never makes a file shorter",
        "nor do we, with or without `extend`";
    11 rule_11_private_edits_stay_private_and_outlive_a_truncation
        Different("edits that were promised to stay do stay"),
        "`c`: edits stay private, `flush` does nothing; they are lost if others cut the file",
        "edits are pages of our own: they stay whatever becomes of the file";

    file "File":
    12 rule_12_a_path_in_any_form_or_an_open_file Same,
        "a `str`, a `PathLike`, or an object with `fileno`, `seek` and `tell`",
        "`open` takes `impl AsRef<Path>`, `open_file` a `&File`";
    13 rule_13_the_position_of_an_open_file_neither_matters_nor_moves
        Different("the position is the caller's"),
        "the position of a file object does not matter, and is at the end afterwards",
        "it does not matter, and stays where it is";
    14 rule_14_a_file_that_was_opened_for_less_is_told_so BetterError,
        "opened for reading and `r+`: PermissionError, or UnsupportedOperation if it is to grow",
        "`OpenedForLess`, with the mode, in both cases";
    15 rule_15_an_open_file_stays_open Same,
        "a file object that was passed stays open",
        "so does a `File`";
    16 rule_16_a_directory_is_told_from_a_file BetterError,
        "IsADirectoryError",
        "`NotMappable` with what it is, as of pipes and devices, which are not even opened";
    17 rule_17_the_path_is_absolute_and_an_open_file_has_none
        Different("a `File` of Rust's has no name"),
        "`filename` is absolute; that of a file object is its name, if it has one",
        "`path()` is absolute; `None` of a file that was given open";

    dtype "Elements":
    18 rule_18_elements_are_bytes_unless_said_otherwise Same,
        "the default dtype is `uint8`",
        "`MemArrayDyn` is of `u1` unless said otherwise; `MemArray<T>` says it";
    19 rule_19_every_dtype_opens_but_that_of_python_objects
        Different("addresses in a file are those of another process"),
        "every dtype, and `object` too, which ends the process when it is looked at",
        "every dtype but `object`: `PythonObjects`";
    20 rule_20_the_dimensions_of_a_sub_array_come_last Same,
        "16 bytes as `(2,2)u1` are of shape (4, 2, 2)",
        "so they are";
    21 rule_21_elements_of_no_bytes_need_a_shape BetterError,
        "without a shape ZeroDivisionError, with one an array",
        "`NoItemSize`, which asks for a shape";
    22 rule_22_numbers_of_either_byte_order_are_read Same,
        "`>u4` of 0 1 2 3 4 5 6 7 is 66051, 67438087",
        "by `byte_order(Big)`, or untyped by the dtype";
    23 rule_23_fields_of_a_packed_structure_are_read_wherever_they_are Same,
        "`u1, <u2, >u4` has 7 bytes, and its fields are read where they are",
        "so they are, by a record of zerocopy's types";
    24 rule_24_what_is_not_aligned_is_read_and_said_not_to_be Same,
        "what is not aligned is read; `flags.aligned` is False",
        "what is not aligned is read; `is_aligned()` is false";

    offset "Offset":
    25 rule_25_an_offset_is_a_multiple_of_nothing Same,
        "bytes from the start of the file, a multiple of nothing",
        "the same on every system";
    26 rule_26_the_offset_is_that_which_was_asked_for Same,
        "`offset` is what was asked for, not what was rounded",
        "so is `offset()`";
    27 rule_27_an_offset_cannot_be_negative_and_the_largest_is_refused BetterError,
        "a negative one: OverflowError",
        "it is a `u64`; one that is too large is `BeyondEnd`";
    28 _ NotApplicable("an offset is a `u64`"),
        "one that is no integer: TypeError",
        "does not compile";
    29 rule_29_an_offset_behind_the_end_is_named_with_the_length BetterError,
        "behind the end, without a shape: ValueError, \"negative dimensions are not allowed\"",
        "`BeyondEnd` with the offset and the length of the file";
    30 rule_30_at_the_end_there_are_no_elements Same,
        "at the end, without a shape: an array of shape (0,)",
        "the same";
    31 rule_31_behind_the_end_a_file_grows_where_that_is_asked_for
        Different("a file grows where that was asked for"),
        "behind the end, with a shape: `r+` and `w+` make the file longer; `c` is a ValueError",
        "`w+` does; `r+` only with `extend` or `like_numpy`, else `BeyondEnd`";

    shape "Shape":
    32 rule_32_without_a_shape_it_is_all_that_there_is_if_that_is_whole_elements BetterError,
        "none: all there is, in one dimension; a rest is a ValueError without numbers",
        "a rest is `NotWholeElements`, with the bytes that there are and those of an element";
    33 rule_33_a_shape_is_said_as_a_number_a_tuple_or_a_list Same,
        "an integer, a tuple, a list, any sequence of integers",
        "`impl IntoShape`: a number, tuples, arrays, slices, vectors";
    34 _ NotApplicable("a shape is of `usize`"),
        "floats: TypeError",
        "does not compile";
    35 rule_35_the_empty_shape_is_one_element Same,
        "`()` is one element without a dimension",
        "the same";
    36 rule_36_a_length_of_0_anywhere_leaves_no_element Same,
        "a 0 anywhere: an empty array",
        "the same";
    37 _ NotApplicable("a shape is of `usize`"),
        "a negative length: OverflowError or ValueError",
        "does not compile";
    38 rule_38_a_shape_that_no_memory_has_is_refused_before_the_file_is_opened
        Different("what cannot be should not cost the file"),
        "a product that overflows: a warning, and a ValueError once `w+` has emptied the file",
        "`ArrayTooLarge`, before the file is opened";
    39 rule_39_a_file_shorter_than_the_shape_is_refused_with_both_lengths BetterError,
        "`r` and `c` of a file that is too short: ValueError, \"mmap length is greater than file size\"",
        "`BeyondEnd` with what is needed and what is there";
    40 rule_40_a_file_is_made_longer_only_where_that_is_asked_for
        Different("that a file was cut short is hidden by making it longer"),
        "`r+` makes the file as long as the shape needs",
        "with `extend` or `like_numpy`, else `BeyondEnd`";

    length "Length and order":
    41 rule_41_a_file_that_is_made_or_grown_ends_with_its_last_element_and_zeros Same,
        "a file that is made or grown ends with its last element; what is new is zeros, as a hole",
        "what is new is zeros, and has its room on the disk unless it is `sparse`";
    42 rule_42_an_empty_array_leaves_a_file_of_no_byte_or_as_numpy_of_one
        Different("an empty array is an empty file"),
        "an empty array in `w+` and `r+` leaves a file of one byte",
        "of none; after `like_numpy` of one";
    43 rule_43_of_an_empty_file_there_is_an_empty_array
        Different("an empty array is no error"),
        "an empty file in `r` and `c`: ValueError, even for an empty shape",
        "an empty array";
    44 rule_44_numpy_gives_an_empty_file_a_byte_and_so_do_we_where_asked
        Different("to open a file is not to write to it"),
        "an empty file in `r+`, without a shape: shape (0,), and the file has one byte",
        "the file stays empty; after `like_numpy` it has one byte";
    45 rule_45_a_file_with_bytes_has_an_empty_array_anywhere Same,
        "an empty array in a file with bytes, at any offset; it maps a page before it",
        "an empty array, which maps nothing";
    46 rule_46_elements_lie_in_the_order_of_c_or_of_fortran Same,
        "`C`, `F`; `A` and `K` mean `C`; else ValueError",
        "`Order` has two, and no other can be said";
    47 rule_47_the_strides_are_those_of_the_order Same,
        "two bytes in shape (2, 3, 4): steps of 24, 8, 2, and in Fortran's order of 2, 4, 12",
        "the same";

    object "Arrays":
    48 rule_48_an_array_for_reading_cannot_be_written Same,
        "`r`: assignment is a ValueError, and the flag cannot be raised",
        "`ReadOnly`, of whatever writes";
    49 rule_49_a_part_has_the_path_offset_and_mode_of_the_whole Same,
        "parts have filename, offset and mode of the whole; copies have none",
        "parts are views with these; what is copied is a vector";
    50 rule_50_who_shares_an_array_keeps_its_map_and_who_borrows_it_cannot_outlive_it
        Different("the compiler counts for us"),
        "a part keeps the map when the whole is deleted",
        "a view borrows: what would outlive the map does not compile; who shares it holds an `Arc`";
    51 rule_51_flushing_a_part_flushes_its_pages_and_of_a_reader_nothing BetterError,
        "`flush` of a part flushes all; of `r` it does nothing; an error has no number of a byte",
        "`flush` of a part flushes its pages; of `r` it does nothing; `NotDurable` is said again by `close`";
    52 rule_52_what_was_written_is_in_the_file_without_a_flush Same,
        "what was written is in the file; on the device when the system brings it there",
        "the same; `flush` and `close` wait for the device";
    53 rule_53_closing_is_a_call_that_can_fail
        Different("what goes wrong at the end should be heard"),
        "there is no `close`; deleting says nothing",
        "`close` flushes, unmaps, and says what went wrong";
    54 _ NotApplicable("it is about Python's objects"),
        "subclasses, pickling, outputs of ufuncs",
        "an array is no subclass of another";

    header "The header of `.npy` files":
    55 rule_55_another_magic_is_shown BetterError,
        "another magic: ValueError with what was expected and found",
        "`NotNpy`, which says too how to read it as what it is";
    56 rule_56_the_length_has_two_bytes_or_four_and_the_text_its_encoding Same,
        "two bytes of length in 1.0, four in 2.0 and 3.0; Latin-1 in 1.0 and 2.0, UTF-8 in 3.0",
        "the same";
    57 rule_57_another_version_is_named_with_those_that_are_known BetterError,
        "another version: ValueError with the three that are known",
        "`NpyVersion`, with these";
    58 rule_58_a_file_that_ends_in_its_header_says_what_is_missing BetterError,
        "a file that ends in its header: ValueError with the bytes of that step",
        "`HeaderCutShort` with the path, and the bytes that the header needs and has";
    59 rule_59_the_three_keys_in_any_order_and_no_other Same,
        "`descr`, `fortran_order`, `shape`, in any order, and no other",
        "the same; `HeaderKeys` says which are missing or too many";
    60 rule_60_a_shape_is_a_tuple_of_lengths
        Different("True is no length"),
        "a shape is a tuple of integers; True passes, and fails later with a TypeError",
        "`HeaderShape` with the column";
    61 rule_61_fortran_order_is_true_or_false Same,
        "`fortran_order` is True or False, not 0",
        "the same";
    62 rule_62_a_descr_is_a_name_a_list_of_fields_or_a_sub_array Same,
        "`descr` is a name, a list of fields, or a sub-array; a void without a name is padding",
        "the same";
    63 rule_63_what_is_no_descr_or_no_header_is_an_error_and_never_a_panic BetterError,
        "what is none of these: ValueError, and of some texts a TokenError or TypeError",
        "one type of error, with the column; never a panic";
    64 rule_64_numbers_as_python_2_wrote_them_are_read_in_files_of_its_time Same,
        "`1L` is read in 1.0 and 2.0, with a warning",
        "it is read";
    65 rule_65_a_header_has_a_longest_length_and_it_is_looked_at_before_the_text BetterError,
        "a header of more than 10000 bytes is refused unless allowed, once it was read",
        "it is refused before it is read; `header_limit` allows more";
    66 rule_66_data_starts_at_a_multiple_of_64_and_elsewhere_in_old_files Same,
        "data starts at a multiple of 64; in old files elsewhere, and is read from there",
        "the same";
    67 rule_67_what_is_written_is_numpys_to_the_byte Same,
        "keys in their order, room for 21 digits of the length that grows, spaces, a newline",
        "the same, to the byte";
    68 rule_68_the_lowest_version_that_can_hold_it_is_written Same,
        "the lowest version that can hold it, with a warning from 2.0 on; a forced one that cannot: ValueError",
        "the lowest that can hold it; `HeaderNotInVersion` of a forced one";
    69 rule_69_every_type_string_is_read_and_printed_and_objects_are_not_mapped Same,
        "the strings of all types; `O` is not mapped",
        "the same; `PythonObjects`";
    70 _ NotApplicable("a `DType` has no metadata"),
        "metadata of a dtype is dropped with a warning",
        "there is none";

    npy "open_memmap and load":
    71 rule_71_a_path_or_an_open_file
        Different("an open file has a header, too"),
        "a path; a file object is a ValueError",
        "`open_npy` takes a path, `open_npy_file` a `&File`";
    72 rule_72_what_is_asked_for_has_to_be_what_the_header_says
        Different("who asks for another type would read other numbers"),
        "`r`, `r+`, `c` pass over the dtype, shape and order that were asked for",
        "`DTypeDiffers`, `ShapeDiffers`, `OrderDiffers`";
    73 rule_73_elements_that_are_made_are_f8_and_need_a_shape BetterError,
        "`w+`: dtype None is `f8`; shape None or an integer is a TypeError once the file was emptied",
        "`f8` unless said otherwise; `ShapeRequired`; a number is a shape";
    74 rule_74_data_and_offset_are_right_behind_the_header Same,
        "data starts behind the header, and `offset` is its length, also in `r+`",
        "the same";
    75 rule_75_what_was_made_is_from_then_on_for_reading_and_writing Same,
        "what was made has mode `r+`",
        "the same";
    76 rule_76_the_version_and_the_order_are_chosen Same,
        "`version` and `fortran_order`",
        "`version` and `order`";
    77 rule_77_an_empty_array_is_its_header_and_a_single_element_one_more Same,
        "an empty array is its header of 128 bytes, and opens again; one element is one more",
        "the same";
    78 rule_78_data_that_was_cut_short_is_an_error_in_every_mode
        Different("zeros that were made up hide that data is lost"),
        "data that was cut short: `r` and `c` are a ValueError, `r+` makes it up with zeros",
        "`DataCutShort` in every mode";
    79 rule_79_bytes_behind_the_data_are_passed_over_or_refused Same,
        "bytes behind the data are passed over",
        "the same, or refused if `strict`; and `append_rows` does not write over them";
    80 rule_80_arrays_in_an_archive_are_mapped_where_they_are
        Different("what is stored as it is can be mapped"),
        "`load` passes over `mmap_mode` of a `.npz` file",
        "`open_npz` maps a stored member; of a compressed one it says what to do";
}

//! The laws that every mapping keeps, as tests for plug-ins and backends.
//!
//! A plug-in implements [`Mapping`], and perhaps [`Opener`]. The compiler checks the types; this crate checks
//! the meaning. Add it to `[dev-dependencies]`, and name what the plug-in can do:
//!
//! ```
//! use memmap_core::{Map, testing::Fake};
//!
//! fn fake(bytes: &[u8]) -> Map<Fake> {
//!     Map::from_mapping(Fake::new(bytes))
//! }
//!
//! memmap_conformance::conformance!(mod fake_keeps_the_laws, fake, [read, write, lend]);
//! # fn main() {}
//! ```
//!
//! | capability | the maker returns | the laws are about |
//! |---|---|---|
//! | `read` | a map, or a source | copying out, folds, ranges, advice, extents, saving: every mapping keeps these |
//! | `read_only` | a map, or a source | refusing every write |
//! | `write` | a map in a mode that writes | writing, filling, copying within |
//! | `resize` | a map in a mode that writes | growing and shrinking |
//! | `cells` | a map of a file | copies and atomic integers of many threads |
//! | `lend` | a map, or a source | bytes that are borrowed |
//! | `open` | a source | offsets, lengths, names, identity, explanation |
//! | `durable` | a source that can be opened in mode `r+` | bytes that are there when it is opened again, after `sync`, `close` and a drop |
//! | `lock` | a source | locks that exclude others |
//!
//! A source is a pair: an [`Opener`], and one of its sources, such as `(Http, url)`. The maker may keep a
//! server running or a file in place: a source that owns a temporary file keeps it until the test ends.
//!
//! Each test has the name of its law, which is a sentence. A test that fails prints the sentence, and then the
//! assertion.
//!
//! [`Mapping`]: memmap_core::Mapping
//! [`Opener`]: memmap_core::Opener

#![forbid(unsafe_code)]
#![expect(missing_docs, reason = "the name of a law is its sentence")]
#![expect(
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a law is a test: panicking is how it speaks"
)]

mod support;
mod subject;
mod macros;
mod reading;
mod writing;
mod sizing;
mod cells;
mod lending;
mod opening;
mod durable;
mod locking;
mod memory;
mod touching;
mod files;

pub use subject::Subject;
#[doc(hidden)]
pub use support::sample;

/// The laws, each a function that panics if it is broken. The macros call them.
#[doc(hidden)]
pub mod laws {
    pub use crate::cells::*;
    pub use crate::durable::*;
    pub use crate::files::{
        making::*, mapped::*, open_file::*, opening::*, resizing::*, versions::*,
    };
    pub use crate::lending::*;
    pub use crate::locking::*;
    pub use crate::memory::*;
    pub use crate::opening::*;
    pub use crate::reading::*;
    pub use crate::sizing::*;
    pub use crate::touching::*;
    pub use crate::writing::*;
}

/// Prints the sentence of a law. The test harness shows it if the test fails.
#[doc(hidden)]
#[expect(
    clippy::print_stdout,
    reason = "the test harness keeps it, and shows it if the test fails"
)]
pub fn announce(law: &str) {
    println!("law: {}", law.replace('_', " "));
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_law_is_run_by_a_macro() {
        let run: Vec<&str> =
            include_str!("macros.rs").split(|c: char| c != '_' && !c.is_alphanumeric()).collect();
        for source in [
            include_str!("cells.rs"),
            include_str!("durable.rs"),
            include_str!("files/making.rs"),
            include_str!("files/mapped.rs"),
            include_str!("files/open_file.rs"),
            include_str!("files/opening.rs"),
            include_str!("files/resizing.rs"),
            include_str!("files/versions.rs"),
            include_str!("lending.rs"),
            include_str!("locking.rs"),
            include_str!("memory.rs"),
            include_str!("opening.rs"),
            include_str!("reading.rs"),
            include_str!("sizing.rs"),
            include_str!("writing.rs"),
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

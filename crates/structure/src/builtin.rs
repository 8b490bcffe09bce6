//! The descriptions that come with this crate.

use crate::schema::Formats;

/// The descriptions that come with this crate, by name.
///
/// They are in the public language of Kaitai Struct, each written from the specification of its format.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Builtin;

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../formats/", $name, ".ksy")))),*];
    };
}

builtin!(
    "common/vlq_base128_le",
    "arrow",
    "bmp",
    "class",
    "elf",
    "ext4",
    "fat",
    "gguf",
    "gif",
    "gpt",
    "gzip",
    "iso9660",
    "jpeg",
    "mach_o",
    "mbr",
    "mp4",
    "parquet",
    "pcap",
    "pcapng",
    "pdf",
    "pe",
    "png",
    "sqlite",
    "tar",
    "wasm",
    "wav",
    "zip",
);

impl Builtin {
    /// The names of the formats. Descriptions that others only import are not among them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|it| it.0).filter(|it| !it.contains('/'))
    }
}

impl Formats for Builtin {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(ALL.iter().find(|it| it.0 == name).map(|it| it.1.as_bytes().to_vec()))
    }
}

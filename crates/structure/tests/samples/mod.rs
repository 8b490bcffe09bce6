//! Small files of each format, made by hand, and what is in them.

#![allow(dead_code, reason = "some samples can be made large as well")]

pub(crate) mod arrow;
pub(crate) mod bmp;
pub(crate) mod checksum;
pub(crate) mod class;
pub(crate) mod elf;
pub(crate) mod ext4;
pub(crate) mod fat;
pub(crate) mod gguf;
pub(crate) mod gif;
pub(crate) mod gpt;
pub(crate) mod gzip;
pub(crate) mod iso9660;
pub(crate) mod jpeg;
pub(crate) mod mach_o;
pub(crate) mod mbr;
pub(crate) mod mp4;
pub(crate) mod parquet;
pub(crate) mod pcap;
pub(crate) mod pcapng;
pub(crate) mod pdf;
pub(crate) mod pe;
pub(crate) mod png;
pub(crate) mod sqlite;
pub(crate) mod tar;
pub(crate) mod wasm;
pub(crate) mod wav;
pub(crate) mod zip;

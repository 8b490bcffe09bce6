use std::fmt;

use memmap_core::{Map, Mapping, Progress, Result};

use crate::source::{Source, Trouble};
use crate::zstd::{Next, Table, read_header};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Packing {
    /// Deflated data in members (RFC 1952).
    Gzip,
    /// Frames of zstd (RFC 8878).
    Zstd,
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// What opening a packed file takes, found out without unpacking any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// How it is packed.
    pub packing: Packing,
    /// The length of the packed file.
    pub packed_len: u64,
    /// What has to be read.
    pub needs: Needs,
    /// The length unpacked: what a seek table says, or the first frame of a file. Gzip does not say it.
    pub unpacked_len: Option<u64>,
}

/// What opening has to read of a packed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Needs {
    /// Everything, and unpacks it.
    Pass,
    /// The headers of all frames and blocks.
    Headers,
    /// The seek table.
    Table,
}

impl Packing {
    /// Recognises a packed file by its first bytes.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of<M: Mapping>(packed: &Map<M>) -> Result<Option<Self>> {
        let mut bytes = [0; 4];
        let Some(first) = bytes.get_mut(..usize::try_from(packed.len().min(4)).unwrap_or(4)) else {
            return Ok(None);
        };
        packed.read_into(0, first)?;
        Ok(match bytes {
            [0x1f, 0x8b, 8, _] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Self::Zstd),
            _ => None,
        })
    }
}

impl Offer {
    /// Looks at a few bytes of the file; `None` if it is not packed.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of<M: Mapping>(packed: &Map<M>) -> Result<Option<Self>> {
        let Some(packing) = Packing::of(packed)? else { return Ok(None) };
        let packed_len = packed.len();
        let offer = |needs, unpacked_len| Some(Self { packing, packed_len, needs, unpacked_len });
        if packing == Packing::Gzip {
            return Ok(offer(Needs::Pass, None));
        }
        let progress = Progress::new();
        let mut source = Source::new(packed.mapping(), &progress);
        match zstd_offer(&mut source) {
            Ok((needs, len)) => Ok(offer(needs, len)),
            Err(Trouble::Read(error)) => Err(error),
            Err(_) => Ok(offer(Needs::Headers, None)),
        }
    }
}

fn zstd_offer(source: &mut Source<'_>) -> Result<(Needs, Option<u64>), Trouble> {
    if let Some(table) = Table::find(source)? {
        let mut len = 0_u64;
        for number in 0..table.count {
            let unpacked = table.entry(source, number)?.map_or(0, |entry| entry.unpacked);
            len = len.saturating_add(unpacked);
        }
        return Ok((Needs::Table, Some(len)));
    }
    source.go_to(0);
    let content = match read_header(source)? {
        Next::Frame(header) => header.content,
        _ => None,
    };
    Ok((Needs::Headers, content))
}

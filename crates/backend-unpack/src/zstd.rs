use std::io::Read;
use std::sync::Arc;

use memmap_core::widen;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::source::{Source, Trouble};

mod header;
mod table;

pub(crate) use header::{Header, Next, read_header};
pub(crate) use table::{Entry, Table};

/// The longest zstd frame, unpacked: a read in a frame unpacks what is before it in that frame. 256 MiB.
pub const FRAME_MAX: u64 = 256 << 20;

/// The largest window: what `zstd` itself accepts without being asked for more.
const WINDOW_MAX: u64 = 128 << 20;

const MAGIC: u32 = 0xfd2f_b528;
const SKIPPABLE: std::ops::RangeInclusive<u32> = 0x184d_2a50..=0x184d_2a5f;

/// A decompressor of zstd, at any place of a file.
pub(crate) struct Zstd {
    pub(crate) at: u64,
    decoder: FrameDecoder,
    frame: Option<Frame>,
    /// The seek table, and the number of the next frame in it.
    table: Option<(Arc<Table>, u64)>,
}

struct Frame {
    start: u64,
    len: u64,
    header: Header,
    entry: Option<Entry>,
}

impl Zstd {
    /// At the start of a frame.
    pub(crate) fn new(at: u64, table: Option<(Arc<Table>, u64)>) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_MAX);
        Self { at, decoder, frame: None, table }
    }

    /// Memory that it holds between two calls, at most.
    pub(crate) fn memory(&self) -> u64 {
        self.frame.as_ref().map_or(0, |frame| frame.header.window)
    }

    /// Unpacks until the buffer is full or the data has ended. Returns how many bytes there are, also with an error.
    pub(crate) fn decode(
        &mut self,
        source: &mut Source<'_>,
        out: &mut [u8],
    ) -> (usize, Result<(), Trouble>) {
        source.go_to(self.at);
        let mut len = 0;
        let mut go_on = || -> Result<(), Trouble> {
            while let Some(rest) = out.get_mut(len..).filter(|rest| !rest.is_empty()) {
                if self.frame.is_none() && !self.begin(source)? {
                    return Ok(());
                }
                len = len.saturating_add(self.step(source, rest)?.unwrap_or(0));
            }
            Ok(())
        };
        let done = go_on();
        self.at = source.at();
        (len, done)
    }

    /// Goes to the end of a frame that was unpacked to its last byte, and checks it.
    pub(crate) fn end_frame(&mut self, source: &mut Source<'_>) -> Result<(), Trouble> {
        source.go_to(self.at);
        let start = self.frame.as_ref().map_or(self.at, |frame| frame.start);
        let mut more = [0];
        while self.frame.is_some() {
            if self.step(source, &mut more)?.is_some_and(|len| len > 0) {
                return Err(Trouble::damage(start, "a frame is longer than was said"));
            }
        }
        self.at = source.at();
        Ok(())
    }

    /// Unpacks the whole frame here. Returns its length, also with an error, which is `most` and more if it is longer
    /// than that.
    pub(crate) fn measure(
        &mut self,
        source: &mut Source<'_>,
        most: u64,
    ) -> (u64, Result<(), Trouble>) {
        source.go_to(self.at);
        let mut len = 0_u64;
        let mut room = vec![0; 128 << 10];
        let mut go_on = || -> Result<(), Trouble> {
            if self.begin(source)? {
                while let Some(step) = self.step(source, &mut room)? {
                    len = len.saturating_add(widen(step));
                    if len > most {
                        break;
                    }
                }
            }
            Ok(())
        };
        let done = go_on();
        self.at = source.at();
        (len, done)
    }

    /// Unpacks some of the frame: maybe nothing yet; `None` at its end.
    fn step(&mut self, source: &mut Source<'_>, out: &mut [u8]) -> Result<Option<usize>, Trouble> {
        let Some(frame) = &mut self.frame else { return Ok(None) };
        let read = self.decoder.read(out);
        let len = read.map_err(|error| Trouble::damage(source.at(), error.to_string()))?;
        if len > 0 {
            frame.len = frame.len.saturating_add(widen(len));
            if frame.header.content.is_some_and(|content| frame.len > content) {
                return Err(Trouble::damage(frame.start, "a frame is longer than it says"));
            }
            return Ok(Some(len));
        }
        if self.decoder.is_finished() {
            let decoder = &self.decoder;
            let (said, found) =
                (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
            frame.check(source.at(), said, found)?;
            self.frame = None;
            return Ok(None);
        }
        source.check()?;
        let decoded =
            self.decoder.decode_blocks(&mut *source, BlockDecodingStrategy::UptoBlocks(1));
        decoded.map_err(|error| source.failure(format!("this is not zstd data: {error}")))?;
        Ok(Some(0))
    }

    /// Reads the header of the next frame; `false` at the end of the data.
    fn begin(&mut self, source: &mut Source<'_>) -> Result<bool, Trouble> {
        loop {
            let start = source.at();
            let next = read_header(source)?;
            if next == Next::End {
                return Ok(false);
            }
            let entry = match &mut self.table {
                None => None,
                Some((table, number)) => {
                    let entry = table.entry(source, *number)?;
                    *number = number.saturating_add(1);
                    entry
                }
            };
            let Next::Frame(header) = next else { continue };
            if header.has_dictionary {
                return Err(Trouble::damage(start, "a frame needs a dictionary"));
            }
            source.go_to(start);
            let begun = self.decoder.reset(&mut *source);
            begun.map_err(|error| source.failure(format!("this is not a zstd frame: {error}")))?;
            self.frame = Some(Frame { start, len: 0, header, entry });
            return Ok(true);
        }
    }
}

impl Frame {
    /// Compares the frame, which ends at `end` of the packed data, with what it and the table say.
    fn check(&self, end: u64, said: Option<u32>, found: Option<u32>) -> Result<(), Trouble> {
        let complain = |what: &'static str| Err(Trouble::damage(self.start, what));
        if self.header.has_checksum && said != found {
            return complain("the XXH64 checksum of a frame is not that of its data");
        }
        if self.header.content.is_some_and(|content| content != self.len) {
            return complain("a frame is shorter than it says");
        }
        match &self.entry {
            Some(it) if it.unpacked != self.len || it.packed != end.saturating_sub(self.start) => {
                complain("a frame does not have the length that the seek table says")
            }
            Some(it) if it.checksum.is_some() && it.checksum != found => {
                complain("the checksum of a frame in the seek table is not that of its data")
            }
            _ => Ok(()),
        }
    }
}

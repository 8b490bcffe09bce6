use std::collections::HashMap;
use std::sync::Arc;

use memmap_core::{Mapping, Progress, widen};

use crate::BLOCK_LEN;
use crate::gzip::{Gzip, PLACE_LEN};
use crate::packing::Packing;
use crate::source::{Damage, Source, Trouble};
use crate::zstd::{FRAME_MAX, Header, Next, Table, Zstd, read_header};

/// Memory for the places in a gzip file, at most: 64 MiB. When it is full every other one is dropped.
pub const INDEX_MAX: u64 = 64 << 20;

const PLACES_MAX: usize = (64 << 20) / PLACE_LEN;

/// Packed bytes of a frame that are gone through in a read at most.
const PACKED_MAX: u64 = FRAME_MAX * 2;

/// The longest block of zstd, unpacked.
const ZSTD_BLOCK_MAX: u64 = 128 << 10;

/// A place at which unpacking can begin.
pub(crate) struct Place {
    /// Its offset in the unpacked bytes.
    pub(crate) unpacked: u64,
    state: State,
}

enum State {
    Gzip(Box<Gzip>),
    /// The offset of a frame, and its number in the seek table.
    Zstd(u64, u64),
}

/// A decompressor of either kind.
pub(crate) enum Decoder {
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
}

/// Where unpacking can begin, and what is known of the result.
pub(crate) struct Index {
    /// In order; the first one is at 0.
    pub(crate) places: Vec<Place>,
    /// Bytes that can be unpacked.
    pub(crate) len: u64,
    pub(crate) stopped: Option<Damage>,
    /// The CRC-32 of blocks that were verified.
    pub(crate) sums: HashMap<u64, u32>,
    table: Option<Arc<Table>>,
}

/// Why there is no index.
#[derive(Debug)]
pub(crate) enum NoIndex {
    Trouble(Trouble),
    /// A frame of this length, unpacked or packed, which begins at this offset.
    LongFrame(u64, u64),
}

impl From<Trouble> for NoIndex {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Index {
    pub(crate) fn build(
        packing: Packing,
        packed: &dyn Mapping,
        progress: &Progress,
    ) -> Result<Self, NoIndex> {
        progress.add_total(packed.len());
        let mut source = Source::new(packed, progress);
        let mut pass = Pass { progress, reported: 0 };
        let mut index =
            Self { places: Vec::new(), len: 0, stopped: None, sums: HashMap::new(), table: None };
        match packing {
            Packing::Gzip => index.of_gzip(&mut source, &mut pass)?,
            Packing::Zstd => {
                if !index.of_table(&mut source)? {
                    index.of_frames(&mut source, &mut pass)?;
                }
            }
        }
        pass.reach(packed.len());
        Ok(index)
    }

    /// The last place at or before an offset.
    pub(crate) fn place(&self, offset: u64) -> usize {
        self.places.partition_point(|place| place.unpacked <= offset).saturating_sub(1)
    }

    /// The frames that begin at one place, and have this offset of the packed file among them.
    pub(crate) fn frames_at(&self, packed: u64) -> usize {
        let is_before = |place: &Place| matches!(place.state, State::Zstd(at, _) if at <= packed);
        self.places.partition_point(is_before).saturating_sub(1)
    }

    /// Where the place after this one is.
    pub(crate) fn end_of(&self, place: usize) -> u64 {
        self.places.get(place.saturating_add(1)).map_or(self.len, |next| next.unpacked)
    }

    pub(crate) fn decoder(&self, place: usize) -> Option<Decoder> {
        Some(match &self.places.get(place)?.state {
            State::Gzip(gzip) => Decoder::Gzip(gzip.clone()),
            &State::Zstd(at, number) => {
                let table = self.table.clone().map(|table| (table, number));
                Decoder::Zstd(Box::new(Zstd::new(at, table)))
            }
        })
    }

    /// Memory that it takes, about.
    pub(crate) fn memory(&self) -> u64 {
        let one = match self.places.first().map(|place| &place.state) {
            Some(State::Gzip(_)) => PLACE_LEN,
            _ => size_of::<Place>(),
        };
        let sums = self.sums.len().saturating_mul(size_of::<(u64, u32)>());
        widen(self.places.len().saturating_mul(one).saturating_add(sums))
    }

    fn of_gzip(&mut self, source: &mut Source<'_>, pass: &mut Pass<'_>) -> Result<(), Trouble> {
        let mut gzip = Gzip::default();
        let mut block = vec![0; BLOCK_LEN];
        let mut distance = 1;
        for number in 0_u64.. {
            if number.is_multiple_of(distance) {
                if self.places.len() >= PLACES_MAX {
                    let mut kept = 0_usize;
                    self.places.retain(|_| {
                        kept = kept.wrapping_add(1);
                        kept % 2 == 1
                    });
                    distance = distance.saturating_mul(2);
                }
                if number.is_multiple_of(distance) {
                    let state = State::Gzip(Box::new(gzip.clone()));
                    self.places.push(Place { unpacked: self.len, state });
                }
            }
            let (len, done) = gzip.decode(source, &mut block);
            let bytes = block.get(..len).unwrap_or_default();
            if len > 0 {
                self.sums.insert(number, crc32fast::hash(bytes));
            }
            self.len = self.len.saturating_add(widen(len));
            pass.reach(gzip.at);
            if self.stop(done)? || len < BLOCK_LEN {
                break;
            }
        }
        Ok(())
    }

    /// Takes the seek table, if there is one, and it is about this file.
    fn of_table(&mut self, source: &mut Source<'_>) -> Result<bool, NoIndex> {
        let Some(table) = Table::find(source)? else { return Ok(false) };
        let (mut packed, mut unpacked) = (0_u64, 0_u64);
        for number in 0..table.count {
            source.check()?;
            let Some(entry) = table.entry(source, number)? else { break };
            if entry.unpacked > FRAME_MAX {
                return Err(NoIndex::LongFrame(entry.unpacked, packed));
            }
            self.add_frame(packed, unpacked, number);
            // At most 2^32 numbers of 32 bits: the sums fit.
            packed = packed.saturating_add(entry.packed);
            unpacked = unpacked.saturating_add(entry.unpacked);
        }
        if packed != table.start {
            // It is not about this file.
            self.places.clear();
            return Ok(false);
        }
        self.len = unpacked;
        self.table = Some(Arc::new(table));
        Ok(true)
    }

    fn of_frames(&mut self, source: &mut Source<'_>, pass: &mut Pass<'_>) -> Result<(), NoIndex> {
        source.go_to(0);
        loop {
            let start = source.at();
            pass.reach(start);
            source.check()?;
            let header = match read_header(source) {
                Ok(Next::End) => return Ok(()),
                Ok(Next::Skipped) => continue,
                Ok(Next::Frame(header)) => header,
                Err(trouble) => {
                    self.stop(Err(trouble))?;
                    return Ok(());
                }
            };
            if let Some(content) = header.content.filter(|&content| content > FRAME_MAX) {
                return Err(NoIndex::LongFrame(content, start));
            }
            let walked = walk(source, header)?;
            let packed_len = source.at().saturating_sub(start);
            if packed_len > PACKED_MAX {
                return Err(NoIndex::LongFrame(packed_len, start));
            }
            self.add_frame(start, self.len, 0);
            let end = source.at();
            let (len, done) = match (walked, header.content) {
                (true, Some(content)) => (content, Ok(())),
                _ => Zstd::new(start, None).measure(source, FRAME_MAX),
            };
            if len > FRAME_MAX {
                return Err(NoIndex::LongFrame(len, start));
            }
            self.len = self.len.checked_add(len).ok_or_else(|| {
                Trouble::damage(start, "the frames are longer than 16 EiB together")
            })?;
            if self.stop(done)? {
                return Ok(());
            }
            source.go_to(end);
        }
    }

    /// Adds a frame. What is short goes together.
    fn add_frame(&mut self, packed: u64, unpacked: u64, number: u64) {
        let state = State::Zstd(packed, number);
        let place = Place { unpacked, state };
        match self.places.last_mut() {
            // Nothing was in the frames before.
            Some(last) if last.unpacked == unpacked => *last = place,
            Some(Place { unpacked: before, state: State::Zstd(at, _) })
                if unpacked.saturating_sub(*before) < widen(BLOCK_LEN)
                    && packed.saturating_sub(*at) < widen(BLOCK_LEN) => {}
            _ => self.places.push(place),
        }
    }

    /// Takes what ended the pass. Returns whether it has ended.
    fn stop(&mut self, done: Result<(), Trouble>) -> Result<bool, Trouble> {
        match done {
            Ok(()) => Ok(false),
            Err(Trouble::Damage(damage)) => {
                self.stopped = Some(damage);
                Ok(true)
            }
            Err(other) => Err(other),
        }
    }
}

/// Goes through the headers of a frame's blocks, to its end. `false` if they are not those of so much data.
fn walk(source: &mut Source<'_>, header: Header) -> Result<bool, Trouble> {
    let mut blocks = 0_u64;
    loop {
        source.check()?;
        let Some([a, b, c]) = source.take()? else { return Ok(false) };
        let bits = u32::from_le_bytes([a, b, c, 0]);
        let len = match bits >> 1 & 3 {
            1 => 1,
            3 => return Ok(false),
            _ => u64::from(bits >> 3),
        };
        blocks = blocks.saturating_add(1);
        if !source.skip(len) {
            return Ok(false);
        }
        if bits & 1 == 1 {
            break;
        }
    }
    let most = blocks.saturating_mul(ZSTD_BLOCK_MAX);
    let is_enough = header.content.is_none_or(|content| content <= most);
    Ok(source.skip(if header.has_checksum { 4 } else { 0 }) && is_enough)
}

impl Decoder {
    pub(crate) fn decode(
        &mut self,
        source: &mut Source<'_>,
        out: &mut [u8],
    ) -> (usize, Result<(), Trouble>) {
        match self {
            Self::Gzip(gzip) => gzip.decode(source, out),
            Self::Zstd(zstd) => zstd.decode(source, out),
        }
    }

    /// Checks the frame that ends here.
    pub(crate) fn end(&mut self, source: &mut Source<'_>) -> Result<(), Trouble> {
        match self {
            Self::Gzip(_) => Ok(()),
            Self::Zstd(zstd) => zstd.end_frame(source),
        }
    }

    /// The offset in the packed file.
    pub(crate) fn at(&self) -> u64 {
        match self {
            Self::Gzip(gzip) => gzip.at,
            Self::Zstd(zstd) => zstd.at,
        }
    }

    /// Memory that it holds between two calls, at most.
    pub(crate) fn memory(&self) -> u64 {
        match self {
            Self::Gzip(_) => widen(PLACE_LEN),
            Self::Zstd(zstd) => zstd.memory(),
        }
    }
}

/// How far a pass has come.
struct Pass<'a> {
    progress: &'a Progress,
    reported: u64,
}

impl Pass<'_> {
    fn reach(&mut self, at: u64) {
        self.progress.add_done(at.saturating_sub(self.reported));
        self.reported = self.reported.max(at);
    }
}

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memmap_core::{
    Error, ErrorKind, Identity, Map, Mapping, Op, Partial, Progress, Result, check, widen,
};

use crate::BLOCK_LEN;
use crate::cache::Cache;
use crate::index::{Decoder, Index, NoIndex};
use crate::packing::Packing;
use crate::source::{Damage, Source, Trouble};
use crate::zstd::FRAME_MAX;

/// The unpacked bytes of a packed file, read-only.
///
/// A damaged file has one byte more than could be unpacked, which stands for what is missing and cannot be read.
pub struct Unpacked<M: Mapping> {
    packed: Map<M>,
    packing: Packing,
    index: Index,
    /// The length with the byte that stands for what is missing.
    len: u64,
    kept: Mutex<Kept>,
}

/// What readers share.
struct Kept {
    cache: Cache,
    /// The CRC-32 of blocks that were verified.
    sums: HashMap<u64, u32>,
    /// Blocks that cannot be unpacked: the first one, the one after them, and why.
    lost: BTreeMap<u64, (u64, Damage)>,
}

impl Kept {
    fn lost(&self, number: u64) -> Option<&(u64, Damage)> {
        let (_, lost) = self.lost.range(..=number).next_back()?;
        (number < lost.0).then_some(lost)
    }
}

/// What an open packed file costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Memory of the index, about.
    pub index: u64,
    /// Memory of unpacked blocks that are kept, at most.
    pub cache: u64,
    /// Bytes that are unpacked for a read of one byte, at most. When a block of zstd is read for the first time the
    /// frames that it is in are verified as well.
    pub distance: u64,
}

impl<M: Mapping> Unpacked<M> {
    /// Makes the index of a packed file. The progress counts packed bytes. The map has the origin of the packed one.
    ///
    /// # Errors
    /// - [`ErrorKind::Unsupported`] if it is neither gzip nor zstd, or if a frame of zstd is longer than
    ///   [`FRAME_MAX`](crate::FRAME_MAX)
    /// - [`ErrorKind::Cancelled`], and the errors of reading the packed file
    ///
    /// Damage is not an error: see [`stopped`](Self::stopped).
    ///
    /// # Cost
    /// See the table of [the crate](crate).
    pub fn open(packed: Map<M>, progress: &Progress) -> Result<Map<Self>> {
        let origin = packed.origin().cloned();
        let placed = |error: Error| match &origin {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        };
        let Some(packing) = Packing::of(&packed)? else {
            let what = "this file: it is neither gzip nor zstd; open it without unpacking";
            return Err(placed(Error::unsupported(Op::Open, "unpack", what)));
        };
        let built = Index::build(packing, packed.mapping(), progress);
        let index = built.map_err(|why| placed(refusal(why, progress)))?;
        let len = index.len.saturating_add(index.stopped.is_some().into());
        let sums = index.sums.clone();
        let kept = Mutex::new(Kept { cache: Cache::default(), sums, lost: BTreeMap::new() });
        Ok(Map::opened(Self { packed, packing, index, len, kept }, 0, origin))
    }

    /// How the file is packed.
    pub const fn packing(&self) -> Packing {
        self.packing
    }

    /// The packed file.
    pub const fn packed(&self) -> &Map<M> {
        &self.packed
    }

    /// What is wrong with the file, so that there may be more bytes in it than could be unpacked.
    pub const fn stopped(&self) -> Option<&Damage> {
        self.index.stopped.as_ref()
    }

    /// What it costs to keep and to read it.
    pub fn cost(&self) -> Cost {
        let places = 0..self.index.places.len();
        let distance = places.map(|place| {
            let start = self.index.places.get(place).map_or(0, |it| it.unpacked);
            self.index.end_of(place).saturating_sub(start)
        });
        Cost {
            index: self.index.memory(),
            cache: widen(Cache::limit()),
            distance: distance.max().unwrap_or(0),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of a block, or the error of reading `offset` in it.
    fn block(&self, number: u64, offset: u64) -> Result<Arc<[u8]>> {
        let (found, sum) = {
            let mut kept = self.kept();
            if let Some((_, damage)) = kept.lost(number) {
                return Err(damaged(offset, damage));
            }
            (kept.cache.block(number), kept.sums.get(&number).copied())
        };
        if let Some(block) = found {
            return Ok(block);
        }
        let block = match sum {
            Some(sum) => self.unpack(number, sum),
            None => self.verify(number),
        };
        block.map_err(|trouble| match trouble {
            Trouble::Read(error) if error.kind().ends_reading() => error,
            Trouble::Read(error) => {
                Error::io(Op::Read, offset, std::io::Error::from(error.during(Op::Read)))
            }
            Trouble::Damage(damage) => damaged(offset, &damage),
            Trouble::Cancelled => Error::new(Op::Read, ErrorKind::Cancelled { done: 0 }),
        })
    }

    fn range_of(&self, number: u64) -> Range<u64> {
        let start = number.saturating_mul(widen(BLOCK_LEN));
        start..start.saturating_add(widen(BLOCK_LEN)).min(self.index.len)
    }

    /// Unpacks a block whose checksum is known.
    fn unpack(&self, number: u64, sum: u32) -> Result<Arc<[u8]>, Trouble> {
        let range = self.range_of(number);
        let place = self.index.place(range.start);
        let start = self.index.places.get(place).map_or(0, |it| it.unpacked);
        let near = self.kept().cache.take_decoder(start, range.start);
        let near = near.or_else(|| Some((start, self.index.decoder(place)?)));
        let Some((mut at, mut decoder)) = near else { return Ok(Arc::default()) };
        let progress = Progress::new();
        let mut source = Source::new(self.packed.mapping(), &progress);
        let mut block = Vec::new();
        while at < range.end {
            block = vec![0; block_len(&(at..range.end))];
            fill(&mut decoder, &mut source, &mut block)?;
            at = at.saturating_add(widen(block.len()));
        }
        if crc32fast::hash(&block) != sum {
            return Err(changed(&decoder));
        }
        let block: Arc<[u8]> = block.into();
        let mut kept = self.kept();
        kept.cache.keep_block(number, Arc::clone(&block));
        kept.cache.keep_decoder(range.end, decoder);
        Ok(block)
    }

    /// Unpacks a block with the frames that it is in, to their ends, where their checksums are.
    fn verify(&self, number: u64) -> Result<Arc<[u8]>, Trouble> {
        let range = self.range_of(number);
        let first = self.index.place(range.start);
        let last = self.index.place(range.end.saturating_sub(1).max(range.start));
        let start = self.index.places.get(first).map_or(0, |it| it.unpacked);
        let end = self.index.end_of(last);
        let (mut blocks, mut sums) = (Vec::new(), Vec::new());
        match self.unpack_frames(first, start..end, &mut blocks, &mut sums) {
            Ok(()) => {}
            Err(Trouble::Damage(damage)) => {
                let place = self.index.frames_at(damage.packed).clamp(first, last);
                let start = self.index.places.get(place).map_or(0, |it| it.unpacked);
                let gone =
                    start / widen(BLOCK_LEN)..self.index.end_of(place).div_ceil(widen(BLOCK_LEN));
                self.kept().lost.insert(gone.start, (gone.end, damage.clone()));
                return Err(Trouble::Damage(damage));
            }
            Err(trouble) => return Err(trouble),
        }
        let mut kept = self.kept();
        kept.sums.extend(sums);
        let mut wanted = None;
        for (it, block) in blocks.into_iter().rev() {
            if it == number {
                wanted = Some(Arc::clone(&block));
            }
            kept.cache.keep_block(it, block);
        }
        Ok(wanted.unwrap_or_default())
    }

    /// Unpacks from a place to the end of a frame. Keeps the checksums of whole blocks, and the first blocks.
    fn unpack_frames(
        &self,
        place: usize,
        range: Range<u64>,
        blocks: &mut Vec<(u64, Arc<[u8]>)>,
        sums: &mut Vec<(u64, u32)>,
    ) -> Result<(), Trouble> {
        let Some(mut decoder) = self.index.decoder(place) else { return Ok(()) };
        let progress = Progress::new();
        let mut source = Source::new(self.packed.mapping(), &progress);
        let mut at = range.start;
        while at < range.end {
            let mut block = vec![0; block_len(&(at..range.end))];
            fill(&mut decoder, &mut source, &mut block)?;
            let number = at / widen(BLOCK_LEN);
            let end = at.saturating_add(widen(block.len()));
            if (at..end) == self.range_of(number) {
                sums.push((number, crc32fast::hash(&block)));
                if blocks.len() < VERIFIED_KEPT {
                    blocks.push((number, block.into()));
                }
            }
            at = end;
        }
        // A file that is damaged has no end to be checked.
        if at == self.index.len && self.index.stopped.is_some() {
            return Ok(());
        }
        decoder.end(&mut source)
    }
}

/// Blocks that are kept of frames that were verified.
const VERIFIED_KEPT: usize = 8;

/// How much of a range is in the block in which it starts.
fn block_len(range: &Range<u64>) -> usize {
    let into = range.start % widen(BLOCK_LEN);
    let left = widen(BLOCK_LEN).saturating_sub(into).min(range.end.saturating_sub(range.start));
    usize::try_from(left).unwrap_or(BLOCK_LEN)
}

/// Unpacks exactly so much.
fn fill(decoder: &mut Decoder, source: &mut Source<'_>, out: &mut [u8]) -> Result<(), Trouble> {
    let (len, done) = decoder.decode(source, out);
    if len == out.len() {
        return Ok(());
    }
    done?;
    Err(changed(decoder))
}

/// There are other bytes than when the file was opened.
fn changed(decoder: &Decoder) -> Trouble {
    let what = "this is not what was there when the file was opened; open it again";
    Trouble::damage(decoder.at(), what)
}

fn damaged(offset: u64, damage: &Damage) -> Error {
    let Damage { packed, what } = damage.clone();
    Error::new(Op::Read, ErrorKind::Damaged { offset, packed, what })
}

/// Why there is no index, as an error of opening.
fn refusal(why: NoIndex, progress: &Progress) -> Error {
    match why {
        NoIndex::Trouble(Trouble::Read(error)) => error.during(Op::Open),
        NoIndex::Trouble(Trouble::Cancelled) => {
            Error::new(Op::Open, ErrorKind::Cancelled { done: progress.done() })
        }
        NoIndex::Trouble(Trouble::Damage(damage)) => damaged(0, &damage).during(Op::Open),
        NoIndex::LongFrame(len, at) => {
            let mib = FRAME_MAX >> 20;
            let what = format!(
                "reading in a frame of {len} bytes (at byte {at:#x}), as each read would unpack what is before it in \
                 the frame: at most {mib} MiB are allowed; unpack the file with `zstd -d`, or pack it in shorter \
                 frames with `pzstd` or `t2sz`"
            );
            Error::unsupported(Op::Open, "zstd", what)
        }
    }
}

impl<M: Mapping> Mapping for Unpacked<M> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self.read_some(offset, out)?.stopped {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        check(offset, out.len(), self.len)?;
        let mut len = 0;
        while let Some(rest) = out.get_mut(len..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(widen(len));
            let read = match &self.index.stopped {
                Some(damage) if at >= self.index.len => Err(damaged(at, damage)),
                _ => self.block(at / widen(BLOCK_LEN), at),
            };
            let block = match read {
                Ok(block) => block,
                Err(error) => return Ok(Partial { len, stopped: Some(error) }),
            };
            let skip = usize::try_from(at % widen(BLOCK_LEN)).unwrap_or(0);
            let bytes = block.get(skip..).unwrap_or_default();
            let count = bytes.len().min(rest.len());
            let (Some(to), Some(from)) = (rest.get_mut(..count), bytes.get(..count)) else { break };
            to.copy_from_slice(from);
            len = len.saturating_add(count);
            if count == 0 {
                let kind = ErrorKind::OutOfBounds { offset: at, len: 1, bound: self.len };
                return Err(Error::new(Op::Read, kind));
            }
        }
        Ok(Partial { len, stopped: None })
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let number = offset / widen(BLOCK_LEN);
        let kept = self.kept();
        let next = match kept.lost(number) {
            Some(&(end, _)) => end,
            None => number.saturating_add(1),
        };
        let next = next.saturating_mul(widen(BLOCK_LEN));
        // The byte that stands for what is missing is in the last block, and lost apart from it.
        if offset < self.index.len {
            next.min(self.len)
        } else {
            self.len.max(offset.saturating_add(1))
        }
    }

    fn identity(&self) -> Option<Identity> {
        self.packed.identity()
    }

    fn name(&self) -> &'static str {
        match self.packing {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }
}

impl<M: Mapping> fmt::Debug for Unpacked<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacked")
            .field("packed", &self.packed)
            .field("packing", &self.packing)
            .field("len", &self.len)
            .field("places", &self.index.places.len())
            .field("stopped", &self.index.stopped)
            .finish_non_exhaustive()
    }
}

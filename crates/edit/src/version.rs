use std::fmt::{self, Debug};
use std::ops::ControlFlow;
use std::sync::Arc;

use memmap_core::{Extent, Map, Mapping, Mode, Origin, Partial, Result, check, widen};

use crate::piece::Piece;
use crate::source::Source;
use crate::tree::Tree;

mod extents;

/// One version of an [`Overlay`](crate::Overlay): what it looked like at one moment.
///
/// [`Overlay::view`](crate::Overlay::view) makes it, as a [`Map`], in the time of two references. It never
/// changes, whatever is edited, undone or saved afterwards, so threads search, compare and copy it
/// meanwhile. Bytes that nobody edited are read from the base when they are read; if another program
/// changes them there, they change here too.
///
/// It lends no memory of the base in place: what is read from there has to be compared with the savings that
/// were published meanwhile, after the read.
pub struct Version<M: Mapping> {
    tree: Tree,
    sources: Arc<Sources<M>>,
}

/// The sources, by number.
pub(crate) type Sources<M> = Vec<Arc<Source<M>>>;

impl<M: Mapping> Version<M> {
    pub(crate) fn new(tree: Tree, sources: Arc<Sources<M>>, origin: Option<&Origin>) -> Map<Self> {
        Map::opened(Self { tree, sources }, 0, origin.cloned())
    }

    fn source(&self, number: u32) -> Option<&Source<M>> {
        self.sources.get(usize::try_from(number).ok()?).map(|source| &**source)
    }
}

impl<M: Mapping> Debug for Version<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version").field("len", &self.tree.len()).finish_non_exhaustive()
    }
}

impl<M: Mapping> Mapping for Version<M> {
    fn len(&self) -> u64 {
        self.tree.len()
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.read_some(offset, out)?.stopped.map_or(Ok(()), Err)
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        check(offset, out.len(), self.tree.len())?;
        let end = offset.saturating_add(widen(out.len()));
        let mut rest = out;
        let mut done = 0_usize;
        let stopped = self.tree.visit(&(offset..end), |part| {
            let len = usize::try_from(part.len).unwrap_or(usize::MAX).min(rest.len());
            let (out, after) = std::mem::take(&mut rest).split_at_mut(len);
            rest = after;
            if let &Piece::Source { source, start, .. } = part.piece
                && let Some(source) = self.source(source)
            {
                let read = match source.read(start.saturating_add(part.from), out) {
                    Ok(read) => read,
                    Err(error) => return ControlFlow::Break(Err(error)),
                };
                if read.stopped.is_some() {
                    let len = done.saturating_add(read.len);
                    return ControlFlow::Break(Ok(Partial { len, stopped: read.stopped }));
                }
            } else {
                part.piece.copy_out(part.from, out);
            }
            done = done.saturating_add(len);
            ControlFlow::Continue(())
        });
        stopped.unwrap_or(Ok(Partial { len: done, stopped: None }))
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let Some((at, piece)) = self.tree.pieces(offset, offset.saturating_add(1)).next() else {
            return offset.saturating_add(1);
        };
        let Piece::Source { source, start, .. } = piece else { return offset.saturating_add(1) };
        let Some(source) = self.source(source) else { return offset.saturating_add(1) };
        // The piece was cut to one byte: its end is looked up only if it matters.
        let next = source.map().mapping().next_readable(start);
        let next = at.saturating_add(next.saturating_sub(start)).max(offset.saturating_add(1));
        let mut pieces = self.tree.pieces(offset, next);
        let (at, first) = pieces.next().unwrap_or((offset, piece));
        at.saturating_add(first.len()).min(next)
    }

    fn name(&self) -> &'static str {
        "edited"
    }

    fn mode(&self) -> Mode {
        Mode::Read
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        self.data_and_holes(&(offset..offset.saturating_add(len)))
    }
}

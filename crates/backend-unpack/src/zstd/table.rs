use memmap_core::widen;

use crate::source::{Source, Trouble};

/// The seek table at the end of a file.
#[derive(Debug)]
pub(crate) struct Table {
    /// Where its entries are.
    entries: u64,
    pub(crate) count: u64,
    has_checksums: bool,
    /// Where the frame with the table begins: the frames that it lists end there.
    pub(crate) start: u64,
}

/// What the table says of a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) packed: u64,
    pub(crate) unpacked: u64,
    pub(crate) checksum: Option<u32>,
}

const FOOTER_LEN: u64 = 9;
const FOOTER_MAGIC: u32 = 0x8f92_eab1;
const FRAME_MAGIC: u32 = 0x184d_2a5e;

impl Table {
    /// Looks for a table; `None` if there is none that is well formed.
    pub(crate) fn find(source: &mut Source<'_>) -> Result<Option<Self>, Trouble> {
        let Some(footer) = source.len().checked_sub(FOOTER_LEN) else { return Ok(None) };
        source.go_to(footer);
        let Some(bytes) = source.take::<9>()? else { return Ok(None) };
        let [c0, c1, c2, c3, flags, m0, m1, m2, m3] = bytes;
        if u32::from_le_bytes([m0, m1, m2, m3]) != FOOTER_MAGIC || flags & 0x7c != 0 {
            return Ok(None);
        }
        let count = u64::from(u32::from_le_bytes([c0, c1, c2, c3]));
        let has_checksums = flags & 0x80 != 0;
        let entries_len = count.saturating_mul(if has_checksums { 12 } else { 8 });
        let Some(entries) = footer.checked_sub(entries_len) else { return Ok(None) };
        let Some(start) = entries.checked_sub(8) else { return Ok(None) };
        source.go_to(start);
        let head = source.take::<8>()?.unwrap_or_default();
        let [m0, m1, m2, m3, l0, l1, l2, l3] = head;
        let len = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        let is_table = u32::from_le_bytes([m0, m1, m2, m3]) == FRAME_MAGIC
            && len == entries_len.saturating_add(FOOTER_LEN);
        Ok(is_table.then_some(Self { entries, count, has_checksums, start }))
    }

    /// The entry of a frame. The source stays where it is.
    pub(crate) fn entry(
        &self,
        source: &mut Source<'_>,
        number: u64,
    ) -> Result<Option<Entry>, Trouble> {
        if number >= self.count {
            return Ok(None);
        }
        let back = source.at();
        let len = widen(if self.has_checksums { 12 } else { 8 });
        source.go_to(self.entries.saturating_add(number.saturating_mul(len)));
        let entry = self.read(source);
        source.go_to(back);
        entry
    }

    fn read(&self, source: &mut Source<'_>) -> Result<Option<Entry>, Trouble> {
        let Some(packed) = source.take()? else { return Ok(None) };
        let Some(unpacked) = source.take()? else { return Ok(None) };
        let checksum =
            if self.has_checksums { source.take()?.map(u32::from_le_bytes) } else { None };
        Ok(Some(Entry {
            packed: u32::from_le_bytes(packed).into(),
            unpacked: u32::from_le_bytes(unpacked).into(),
            checksum,
        }))
    }
}

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Seek, SeekFrom, Write};

use crc32fast::Hasher;
use memmap_core::widen;

use crate::npy_stream::io_error;
use crate::{Array, ErrorKind, Result, Storage};

/// Writes a `.npz` archive of stored arrays, whose elements are at multiples of 64 bytes in the file, so
/// that they can be mapped again. numpy and Python's `zipfile` read it.
///
/// # Examples
/// ```
/// use memmap_array::{Array, npz::{Directory, Writer}};
/// use memmap_anon::Ram;
/// use memmap_core::Map;
///
/// let mut archive = Writer::new(std::io::Cursor::new(Vec::new()))?;
/// archive.add("x", &Array::<f32, Map<Ram>>::filled([2, 3], 1.0)?)?;
/// archive.add("y", &Array::<u8, Map<Ram>>::filled(5, 7)?)?;
/// let bytes = archive.finish()?.into_inner();
/// let read_at = |offset: u64, out: &mut [u8]| {
///     out.copy_from_slice(&bytes[usize::try_from(offset).expect("in memory")..][..out.len()]);
///     Ok(())
/// };
/// let directory = Directory::read(&read_at, bytes.len().try_into().expect("in memory"))?;
/// assert_eq!(directory.member("y")?.range()?.start % 64, 0);
/// # Ok::<(), memmap_array::Error>(())
/// ```
///
/// # Source
/// [`numpy.savez`](https://numpy.org/doc/stable/reference/generated/numpy.savez.html) ·
/// [APPNOTE](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), the zip format
pub struct Writer<W> {
    inner: W,
    entries: Vec<Entry>,
    names: HashSet<String>,
    /// The offset of the next header.
    at: u64,
    is_incomplete: bool,
}

/// A member in the directory.
struct Entry {
    file_name: String,
    crc: u32,
    len: u64,
    header_at: u64,
}

/// The alignment of the data of members.
const ALIGNMENT: u64 = 64;

/// The extra field that Android's zipalign pads with: an alignment, and zeros.
const PADDING_FIELD: u16 = 0xd935;

/// 1980-01-01, as Python's `zipfile` writes it for members without a time.
const DATE: u16 = 0x21;

const LOCAL_LEN: u64 = 30;
const ZIP64: u64 = 0xffff_ffff;

impl<W: Write + Seek> Writer<W> {
    /// Starts an archive at the position of the writer.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn new(mut writer: W) -> Result<Self> {
        let at = writer.stream_position().map_err(io_error)?;
        let (entries, names) = (Vec::new(), HashSet::new());
        Ok(Self { inner: writer, entries, names, at, is_incomplete: false })
    }

    /// Adds an array as the member `name`, which becomes the file `name.npy` in the archive.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidOptions`] for a name that is empty, too long, has a zero byte, or is in the
    ///   archive already, and then nothing is written
    /// - [`ErrorKind::Io`]; those of [`write_npy`](Array::write_npy). The archive is then incomplete.
    ///
    /// # Cost
    /// Copies 64 KiB at a time, and computes the checksum.
    pub fn add<T, S: Storage>(&mut self, name: &str, array: &Array<T, S>) -> Result<()> {
        let file_name = format!("{name}.npy");
        let problem = if self.is_incomplete {
            Some("an error has left the archive incomplete; write it again")
        } else if name.is_empty() || name.contains('\0') {
            Some("a member needs a name without zero bytes; give it one")
        } else if u16::try_from(file_name.len()).is_err() {
            Some("the name of a member has at most 65531 bytes; give it a shorter one")
        } else if self.names.contains(&file_name) {
            Some("the archive has a member of this name already; give it another name")
        } else {
            None
        };
        if let Some(what) = problem {
            return Err(ErrorKind::InvalidOptions { what }.into());
        }
        let header = array.npy_header()?;
        let head = header.to_bytes()?;
        let len = widen(head.len()).saturating_add(header.data_len());
        self.is_incomplete = true;
        let entry = Entry { file_name, crc: 0, len, header_at: self.at };
        let local = entry.local_header();
        let data_at = self.at.saturating_add(widen(local.len()));
        self.inner.write_all(&local).map_err(io_error)?;
        let mut data = Checked { to: &mut self.inner, hasher: Hasher::new() };
        data.write_all(&head).map_err(io_error)?;
        array.write_elements(header.order(), &mut data)?;
        let entry = Entry { crc: data.hasher.finalize(), ..entry };
        // The checksum is known now.
        let end = data_at.saturating_add(len);
        self.inner.seek(SeekFrom::Start(entry.header_at.saturating_add(14))).map_err(io_error)?;
        self.inner.write_all(&entry.crc.to_le_bytes()).map_err(io_error)?;
        self.inner.seek(SeekFrom::Start(end)).map_err(io_error)?;
        self.at = end;
        self.names.insert(entry.file_name.clone());
        self.entries.push(entry);
        self.is_incomplete = false;
        Ok(())
    }

    /// Writes the directory, and returns the writer.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]; [`ErrorKind::InvalidOptions`] if an error has left the archive incomplete.
    pub fn finish(mut self) -> Result<W> {
        if self.is_incomplete {
            let what = "an error has left the archive incomplete; write it again";
            return Err(ErrorKind::InvalidOptions { what }.into());
        }
        let mut directory: Vec<u8> = self.entries.iter().flat_map(Entry::central_header).collect();
        let (len, count) = (widen(directory.len()), widen(self.entries.len()));
        if len >= ZIP64 || self.at >= ZIP64 || count >= 0xffff {
            let record_at = self.at.saturating_add(len);
            directory.extend(b"PK\x06\x06");
            directory.extend(44_u64.to_le_bytes());
            directory.extend([45, 3, 45, 0]);
            directory.extend([0; 8]);
            directory.extend([count, count, len, self.at].map(u64::to_le_bytes).as_flattened());
            directory.extend(b"PK\x06\x07\0\0\0\0");
            directory.extend(record_at.to_le_bytes());
            directory.extend(1_u32.to_le_bytes());
        }
        directory.extend(b"PK\x05\x06\0\0\0\0");
        let count = u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
        directory.extend([count, count].as_flattened());
        directory.extend([low(len), low(self.at)].as_flattened());
        directory.extend([0; 2]);
        self.inner.write_all(&directory).map_err(io_error)?;
        self.inner.flush().map_err(io_error)?;
        Ok(self.inner)
    }
}

impl Entry {
    /// The header before the data, padded so that the data is aligned. Its checksum is at byte 14.
    fn local_header(&self) -> Vec<u8> {
        let mut extra = Vec::new();
        if self.len >= ZIP64 {
            extra.extend([1, 0, 16, 0]);
            extra.extend([self.len, self.len].map(u64::to_le_bytes).as_flattened());
        }
        let used = LOCAL_LEN.saturating_add(widen(self.file_name.len()));
        let end = self.header_at.saturating_add(used).saturating_add(widen(extra.len()));
        let missing = end.next_multiple_of(ALIGNMENT).saturating_sub(end);
        // The field itself has 6 bytes.
        let padding =
            if (1..6).contains(&missing) { missing.saturating_add(ALIGNMENT) } else { missing };
        if let Some(len) = padding.checked_sub(6).and_then(|len| u16::try_from(len).ok()) {
            extra.extend(PADDING_FIELD.to_le_bytes());
            extra.extend(len.saturating_add(2).to_le_bytes());
            extra.extend([64, 0]);
            extra.resize(extra.len().saturating_add(len.into()), 0);
        }
        let mut header = b"PK\x03\x04".to_vec();
        header.extend(self.common(self.len >= ZIP64));
        header.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
        header.extend(self.file_name.as_bytes());
        header.extend(extra);
        header
    }

    fn central_header(&self) -> Vec<u8> {
        let mut long = Vec::new();
        if self.len >= ZIP64 {
            long.extend([self.len, self.len].map(u64::to_le_bytes).as_flattened());
        }
        if self.header_at >= ZIP64 {
            long.extend(self.header_at.to_le_bytes());
        }
        let mut extra = Vec::new();
        if !long.is_empty() {
            extra.extend([1, 0]);
            extra.extend(u16::try_from(long.len()).unwrap_or(u16::MAX).to_le_bytes());
            extra.extend(&long);
        }
        let is_long = !extra.is_empty();
        // Made on Unix, so that the permissions at the end mean something.
        let mut header = b"PK\x01\x02".to_vec();
        header.extend([if is_long { 45 } else { 20 }, 3]);
        header.extend(self.common(is_long));
        header.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
        // No comment, the first disk, no text.
        header.extend([0; 6]);
        header.extend((0o600_u32 << 16).to_le_bytes());
        header.extend(low(self.header_at));
        header.extend(self.file_name.as_bytes());
        header.extend(extra);
        header
    }

    /// What both headers have, from the version to the length of the name.
    fn common(&self, is_long: bool) -> Vec<u8> {
        let version = if is_long { 45_u16 } else { 20 };
        let flags = if self.file_name.is_ascii() { 0_u16 } else { 1 << 11 };
        let name_len = u16::try_from(self.file_name.len()).unwrap_or(u16::MAX);
        let mut common = [version, flags, 0, 0, DATE].map(u16::to_le_bytes).concat();
        common.extend([self.crc.to_le_bytes(), low(self.len), low(self.len)].as_flattened());
        common.extend(name_len.to_le_bytes());
        common
    }
}

/// The number in 32 bits, or the mark that it is in an extra field.
fn low(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.entries.iter().map(|entry| &entry.file_name);
        f.debug_list().entries(names).finish()
    }
}

/// A writer that computes the checksum of its bytes.
struct Checked<'a, W> {
    to: &'a mut W,
    hasher: Hasher,
}

impl<W: Write> Write for Checked<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.to.write(bytes)?;
        self.hasher.update(bytes.get(..len).unwrap_or_default());
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read;

    use memmap_core::Map;
    use memmap_core::testing::FakeRam;

    use super::*;
    use crate::npz::Directory;

    /// The start and the length of each member, as the directory of the file says.
    fn members(file: &File) -> Vec<(String, u64, u64)> {
        let len = file.metadata().unwrap().len();
        let read_at = |offset: u64, out: &mut [u8]| {
            let mut file = file;
            file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(out)).unwrap();
            Ok(())
        };
        let directory = Directory::read(&read_at, len).unwrap();
        let members = directory.members().iter().map(|member| {
            let range = member.range().unwrap();
            (member.name().to_owned(), range.start, range.end - range.start)
        });
        members.collect()
    }

    fn array(byte: u8) -> Array<u8, Map<FakeRam>> {
        Array::filled(3, byte).unwrap()
    }

    #[test]
    fn members_beyond_four_gibibytes_are_found() {
        // The archive starts after a hole.
        let mut file = tempfile::tempfile().unwrap();
        let start = file.seek(SeekFrom::Start((4 << 30) + 5)).unwrap();
        let mut archive = Writer::new(&file).unwrap();
        archive.add("first", &array(1)).unwrap();
        archive.add("second", &array(2)).unwrap();
        archive.finish().unwrap();
        let found = members(&file);
        assert_eq!(found.len(), 2);
        for ((name, at, len), (expected, byte)) in found.iter().zip([("first", 1), ("second", 2)]) {
            assert_eq!((name.as_str(), *len, at % 64), (expected, 128 + 3, 0));
            assert!(*at > start);
            let mut data = [0; 3];
            file.seek(SeekFrom::Start(at + 128)).and_then(|_| file.read_exact(&mut data)).unwrap();
            assert_eq!(data, [byte; 3]);
        }
    }

    #[test]
    fn a_member_of_more_than_four_gibibytes_has_its_length() {
        let file = tempfile::tempfile().unwrap();
        let mut archive = Writer::new(&file).unwrap();
        let len = (5 << 30) + 7;
        let entry = Entry { file_name: "long.npy".to_owned(), crc: 0, len, header_at: 0 };
        // The header as `add` writes it; the data is a hole.
        let header = entry.local_header();
        (&file).write_all(&header).unwrap();
        archive.at = widen(header.len()) + len;
        (&file).seek(SeekFrom::Start(archive.at)).unwrap();
        archive.entries.push(entry);
        archive.add("short", &array(7)).unwrap();
        archive.finish().unwrap();
        let [(long, at, long_len), (short, after, 131)] = &members(&file)[..] else { panic!() };
        assert_eq!((long.as_str(), short.as_str()), ("long", "short"));
        assert_eq!((*at % 64, *long_len), (0, len));
        assert!(*after > at + len);
    }

    #[test]
    fn more_members_than_sixteen_bits_count_are_all_found() {
        let file = tempfile::tempfile().unwrap();
        let mut archive = Writer::new(io::BufWriter::new(&file)).unwrap();
        let array = array(1);
        for index in 0..65_537 {
            archive.add(&index.to_string(), &array).unwrap();
        }
        archive.finish().unwrap();
        let found = members(&file);
        assert_eq!((found.len(), found[65_536].0.as_str()), (65_537, "65536"));
    }
}

//! Members of `.npz` files, stored or compressed, that are read into memory.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crc32fast::Hasher;
use flate2::read::DeflateDecoder;
use memmap_core::{Map, Private, Ram, widen};

use crate::npy_stream::io_error;
use crate::npz::{Directory, Member, Method};
use crate::open::Source;
use crate::open_as::OpenAs;
use crate::{Array, ErrorKind, Result};

/// Reading members of `.npz` files into memory.
impl<T: OpenAs, P: Private> Array<T, Map<Ram<P>>> {
    /// Reads one array of a `.npz` archive into memory, whether it is stored or compressed, as
    /// `numpy.load(reader)[name]`.
    ///
    /// # Errors
    /// - those of [`read_npy`](Self::read_npy)
    /// - [`ErrorKind::NoMember`], with the names that exist
    /// - [`ErrorKind::MemberEncrypted`]; [`ErrorKind::MemberDamaged`], also if its checksum is wrong or
    ///   its compression method is not deflate
    /// - [`ErrorKind::NotZip`], [`ErrorKind::ZipDamaged`]
    ///
    /// # Cost
    /// The memory of the array; decompressing it.
    ///
    /// # Source
    /// [`numpy.savez_compressed`](https://numpy.org/doc/stable/reference/generated/numpy.savez_compressed.html)
    pub fn read_npz(mut reader: impl Read + Seek, name: &str) -> Result<Self> {
        let len = reader.seek(SeekFrom::End(0)).map_err(io_error)?;
        let reader = RefCell::new(reader);
        let read_at = |offset: u64, out: &mut [u8]| {
            let mut reader = reader.borrow_mut();
            reader.seek(SeekFrom::Start(offset)).map_err(io_error)?;
            reader.read_exact(out).map_err(io_error)
        };
        let directory = Directory::read(&read_at, len)?;
        let member = directory.member(name)?;
        let range = member.packed()?;
        let mut reader = reader.into_inner();
        reader.seek(SeekFrom::Start(range.start)).map_err(io_error)?;
        let packed = BufReader::new(reader.take(range.end.saturating_sub(range.start)));
        if member.method() == Method::Stored {
            return Self::read_member(member, packed);
        }
        Self::read_member(member, DeflateDecoder::new(packed))
    }

    /// Reads one array of a `.npz` file into memory, whether it is stored or compressed.
    ///
    /// # Errors
    /// As [`read_npz`](Self::read_npz).
    ///
    /// # Cost
    /// As [`read_npz`](Self::read_npz). To map a stored member instead, use
    /// [`open_npz`](crate::ArrayOptions::open_npz).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, npz::Writer};
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-load-{}.npz", std::process::id()));
    /// let ones = Array::<f32, Map<Ram>>::filled([2, 3], 1.0)?;
    /// let mut archive = Writer::new(std::fs::File::create(&path)?)?;
    /// archive.add("ones", &ones)?;
    /// archive.finish()?;
    /// let loaded = Array::<f32, Map<Ram>>::load_npz(&path, "ones")?;
    /// assert_eq!(loaded.shape(), [2, 3]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_npz(path: impl AsRef<Path>, name: &str) -> Result<Self> {
        let path = path.as_ref();
        let read = File::open(path).map_err(io_error).and_then(|file| Self::read_npz(file, name));
        Source::Path(path).at_path(read)
    }

    fn read_member(member: &Member, reader: impl Read) -> Result<Self> {
        let mut reader = Checked { reader, hasher: Hasher::new(), len: 0 };
        // An error of the data is one of the archive, unless the reader itself failed.
        let damaged = |error: io::Error| match error.kind() {
            io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof => member.damaged("its compressed data is invalid"),
            _ => io_error(error),
        };
        let array = Self::read_npy(&mut reader).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => damaged(error),
            kind => kind.into(),
        })?;
        // The checksum is that of the whole member. One byte more than it should have is enough.
        let rest = member.len_bytes().saturating_sub(reader.len).saturating_add(1);
        io::copy(&mut (&mut reader).take(rest), &mut io::sink()).map_err(damaged)?;
        if reader.len != member.len_bytes() {
            return Err(member.damaged("its length is not that in the directory"));
        }
        if reader.hasher.finalize() != member.crc() {
            return Err(member.damaged("its checksum is wrong"));
        }
        Ok(array)
    }
}

/// A reader that counts its bytes and computes their checksum.
struct Checked<R> {
    reader: R,
    hasher: Hasher,
    len: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(out)?;
        self.hasher.update(out.get(..len).unwrap_or_default());
        self.len = self.len.saturating_add(widen(len));
        Ok(len)
    }
}

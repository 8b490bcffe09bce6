//! `.npy` data from readers, into writers, and files that are saved and loaded.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use memmap_core::{Map, Private, Ram, widen};

use crate::array::Untyped;
use crate::element::Buffer;
use crate::gather::gather;
use crate::layout::Layout;
use crate::npy::{DEFAULT_LIMIT, Header, Preamble};
use crate::open::Source;
use crate::open_as::{ExpectedDType, OpenAs};
use crate::{Array, Error, ErrorKind, Order, Result, Storage};

/// The number of bytes to write at a time.
const CHUNK_LEN: usize = 64 << 10;

/// Writing as `.npy`.
impl<T, S: Storage> Array<T, S> {
    /// Writes the array in `.npy` format, byte for byte as `numpy.save` does: in Fortran order if the
    /// elements are contiguous in that order only, in the byte order of their type.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]; those of the map and of [`Header::new`].
    ///
    /// # Cost
    /// Copies 64 KiB at a time.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let ones = Array::<f32, Map<Ram>>::filled([2, 3], 1.0)?;
    /// let mut bytes = Vec::new();
    /// ones.write_npy(&mut bytes)?;
    /// let read = Array::<f32, Map<Ram>>::read_npy(&bytes[..])?;
    /// assert_eq!((read.shape(), read.sum()?), (&[2, 3][..], 6.0));
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    ///
    /// # Source
    /// [`numpy.save`](https://numpy.org/doc/stable/reference/generated/numpy.save.html)
    pub fn write_npy(&self, mut writer: impl Write) -> Result<()> {
        let written = self.npy_header().and_then(|header| {
            writer.write_all(&header.to_bytes()?).map_err(io_error)?;
            self.write_elements(header.order(), &mut writer)?;
            writer.flush().map_err(io_error)
        });
        self.at_path(written)
    }

    /// Saves the array as a `.npy` file, byte for byte as `numpy.save` does. The file is written under
    /// another name in the same directory, brought to the device, and then renamed, so that an existing
    /// file is replaced in one step.
    ///
    /// # Errors
    /// As [`write_npy`](Self::write_npy). The existing file is then unchanged.
    ///
    /// # Cost
    /// Copies 64 KiB at a time, and waits for the device.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-save-{}.npy", std::process::id()));
    /// let ones = Array::<u16, Map<Ram>>::filled([2, 3], 1)?;
    /// ones.save(&path)?;
    /// assert_eq!(Array::<u16, Map<Ram>>::load(&path)?.shape(), [2, 3]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let source = Source::Path(path.as_ref());
        source.at_path(replace(path.as_ref(), |file| {
            let mut writer = BufWriter::new(file);
            self.write_npy(&mut writer)?;
            writer.flush().map_err(io_error)
        }))
    }

    /// The header that `numpy.save` writes.
    pub(crate) fn npy_header(&self) -> Result<Header> {
        let is_fortran = self.is_contiguous(Order::Fortran) && !self.is_contiguous(Order::C);
        let order = if is_fortran { Order::Fortran } else { Order::C };
        Header::new(self.dtype.clone(), order, self.shape())
    }

    /// Writes the bytes of the elements in this order.
    pub(crate) fn write_elements(&self, order: Order, writer: &mut dyn Write) -> Result<()> {
        let layout = match order {
            Order::C => self.layout.clone(),
            Order::Fortran => self.layout.transposed(),
        };
        let itemsize = layout.itemsize();
        if itemsize == 0 {
            return Ok(());
        }
        let at_a_time = CHUNK_LEN.checked_div(itemsize).unwrap_or(1).max(1);
        let mut buffer = Buffer::default();
        for first in (0..layout.count()).step_by(at_a_time) {
            let count = at_a_time.min(layout.count().saturating_sub(first));
            let bytes = buffer.bytes(count.saturating_mul(itemsize));
            gather(self.map(), &layout, first, bytes)?;
            writer.write_all(bytes).map_err(io_error)?;
        }
        Ok(())
    }
}

/// Reading `.npy` into memory.
impl<T: OpenAs, P: Private> Array<T, Map<Ram<P>>> {
    /// Reads an array in `.npy` format into memory, as `numpy.load` does from a stream. Bytes after the
    /// array are not read.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::DTypeDiffers`], [`ErrorKind::DataCutShort`]; those of
    /// [`Header::parse`] and of [`Map::new`].
    ///
    /// # Cost
    /// The memory of the array. Read it from a buffered reader, or one that is fast with large buffers.
    ///
    /// # Source
    /// [`numpy.load`](https://numpy.org/doc/stable/reference/generated/numpy.load.html)
    pub fn read_npy(mut reader: impl Read) -> Result<Self> {
        let header = read_header(&mut reader)?;
        ExpectedDType::of::<T>(None).require(&header, None, None)?;
        let mut map = Map::<Ram<P>>::new(header.data_len())?;
        let read = read_up_to(&mut reader, map.as_bytes_mut())?;
        if widen(read) < header.data_len() {
            let start = widen(header.data_start());
            let needed = start.saturating_add(header.data_len());
            let found = start.saturating_add(widen(read));
            return Err(ErrorKind::DataCutShort { needed, found }.into());
        }
        let (shape, itemsize) = (header.shape().to_vec(), header.dtype().itemsize());
        Ok(T::from_untyped(Array::<Untyped, _> {
            layout: Layout::new(shape, itemsize, header.order(), 0),
            dtype: header.dtype().clone(),
            is_swapped: false,
            offset: 0,
            storage: map,
            element: PhantomData,
        }))
    }

    /// Reads a `.npy` file into memory.
    ///
    /// # Errors
    /// As [`read_npy`](Self::read_npy).
    ///
    /// # Cost
    /// The memory of the array. To map the file instead, use
    /// [`open_npy`](crate::ArrayOptions::open_npy).
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Source::Path(path).at_path(File::open(path).map_err(io_error).and_then(Self::read_npy))
    }
}

pub(crate) fn io_error(error: io::Error) -> Error {
    Error::new(ErrorKind::Io(error))
}

/// Reads until `out` is full or the reader ends, and returns the number of bytes.
fn read_up_to(reader: &mut impl Read, out: &mut [u8]) -> Result<usize> {
    let mut done = 0_usize;
    while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(len) => done = done.saturating_add(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_error(error)),
        }
    }
    Ok(done)
}

fn read_header(reader: &mut impl Read) -> Result<Header> {
    // The shortest preamble has two bytes less than the longest, which is followed by a longer text.
    let mut bytes = vec![0; Preamble::LEN];
    let len = read_up_to(reader, &mut bytes)?;
    bytes.truncate(len);
    let preamble = Preamble::parse(&bytes, DEFAULT_LIMIT)?;
    let start = bytes.len();
    bytes.resize(preamble.data_start().max(start), 0);
    let len = read_up_to(reader, bytes.get_mut(start..).unwrap_or_default())?;
    bytes.truncate(start.saturating_add(len));
    Header::parse(&bytes, DEFAULT_LIMIT)
}

/// Writes a file under another name, and renames it when it is on the device.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&File) -> Result<()>) -> Result<()> {
    let (file, temporary) = create_beside(path).map_err(io_error)?;
    let written = write(&file).and_then(|()| {
        if let Ok(existing) = fs::metadata(path) {
            file.set_permissions(existing.permissions()).map_err(io_error)?;
        }
        file.sync_all().map_err(io_error)?;
        drop(file);
        fs::rename(&temporary, path).map_err(io_error)
    });
    if written.is_err() {
        // The first error is the one to report.
        let _removed = fs::remove_file(&temporary);
    }
    written
}

fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut attempt = 0_u32;
    loop {
        let temporary =
            path.with_file_name(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        match File::create_new(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {
                attempt = attempt.saturating_add(1);
            }
            result => return result.map(|file| (file, temporary)),
        }
    }
}

//! Arrays whose element type is only known at run time.

use memmap_core::{Mapping, widen};

use crate::gather::gather;
use crate::layout::Layout;
use crate::read::CHUNK_LEN;
use crate::{
    Array, DType, DTypeKind, Error, ErrorKind, IntoIndex, Result, Storage, Untyped, Value, View,
};

/// Elements as values, and fields.
impl<S: Storage> Array<Untyped, S> {
    /// One element, copied out as a value.
    ///
    /// # Errors
    /// [`ErrorKind::IndexOutOfBounds`], [`ErrorKind::WrongDimensions`]; those of the map, as when the
    /// file was cut short. All bytes are valid values.
    ///
    /// # Cost
    /// A read and [`Value::decode`]. For many elements use [`values`](Self::values).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, Value};
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let mut table = Array::<u16, Map<Ram>>::zeros([2, 2])?;
    /// table.set([1, 0], 7)?;
    /// let table = table.untyped();
    /// assert_eq!(table.value([1, 0])?, Value::UInt(7));
    /// assert_eq!(table.value([1, 0])?.to_string(), "7");
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "allows `value([i, j])`")]
    pub fn value(&self, position: impl IntoIndex) -> Result<Value> {
        let at = self.at_path(self.layout.place(position.indices()))?;
        let bytes = self.map().read_at(at, self.layout.itemsize())?;
        Ok(Value::decode(self.dtype(), &bytes))
    }

    /// Iterates over all elements as values, in C order of their indices.
    ///
    /// # Cost
    /// Elements are copied 32 KiB at a time, or one at a time if they are larger.
    pub fn values(&self) -> Values<'_, S::Mapping> {
        Values { array: self.view(), next: 0, bytes: Vec::new(), left: 0 }
    }

    /// A view of one field of every element: numpy's `array["name"]`. If the field is itself an array,
    /// its dimensions come last.
    ///
    /// # Errors
    /// [`ErrorKind::NoField`], with the names that exist; [`ErrorKind::TooManyDims`] for a field with
    /// dimensions.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, DType, Untyped};
    /// use memmap_core::Map;
    /// # use memmap_posix::Live;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-field-{}", std::process::id()));
    /// # std::fs::write(&path, [1, 5, 0, 6, 0, 0, 7, 0, 8, 0])?;
    /// let point = DType::structure([("on", DType::BOOL), ("x", "(2,)<u2".parse()?)])?;
    /// let points = Array::<Untyped, Map<Live>>::options().dtype(point).open(&path)?;
    /// let x = points.field("x")?; // in numpy: points["x"]
    /// assert_eq!(x.shape(), [2, 2]);
    /// let x = x.typed::<u16>().map_err(|refused| refused.error)?;
    /// assert_eq!(x.to_vec()?, [5, 6, 7, 8]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn field(&self, name: &str) -> Result<View<'_, Untyped, S::Mapping>> {
        let (dtype, layout) = self.field_layout(name)?;
        Ok(Array { dtype, ..self.with_layout(layout) })
    }

    /// The type and the layout of a field.
    pub(crate) fn field_layout(&self, name: &str) -> Result<(DType, Layout)> {
        let Some(field) = self.dtype().field(name) else {
            let fields = self.dtype().fields().into_iter().flatten();
            let names = fields.take(10).map(|it| it.name().to_owned()).collect();
            return self.at_path(Err(ErrorKind::NoField { name: name.to_owned(), names }.into()));
        };
        let (mut dtype, mut inner) = (field.dtype().clone(), Vec::new());
        while let DTypeKind::SubArray { base, shape } = dtype.kind() {
            inner.extend_from_slice(shape);
            dtype = DType::clone(base);
        }
        let layout = self.at_path(self.layout.part(field.offset(), &inner, dtype.itemsize()))?;
        Ok((dtype, layout))
    }
}

/// An iterator over the elements of an array as values. Made by [`Array::values`].
#[derive(Debug)]
pub struct Values<'a, M: Mapping> {
    array: View<'a, Untyped, M>,
    /// The first element that has not been copied.
    next: usize,
    /// Copied elements. The last `left` have not been returned.
    bytes: Vec<u8>,
    left: usize,
}

impl<M: Mapping> Values<'_, M> {
    /// Copies the next elements.
    fn read(&mut self) -> Result<()> {
        let len = self.array.layout.itemsize();
        let at_a_time = CHUNK_LEN.checked_div(len).unwrap_or(CHUNK_LEN).max(1);
        let count = at_a_time.min(self.array.len().saturating_sub(self.next));
        let first = self.next;
        self.next = first.saturating_add(count);
        let bytes = count.saturating_mul(len);
        self.bytes.clear();
        if self.bytes.try_reserve_exact(bytes).is_err() {
            let kind = memmap_core::ErrorKind::OutOfMemory { len: widen(bytes) };
            let error = memmap_core::Error::new(memmap_core::Op::Read, kind);
            return self.array.at_path(Err(Error::from(error)));
        }
        self.bytes.resize(bytes, 0);
        gather(self.array.map(), &self.array.layout, first, &mut self.bytes)?;
        self.left = count;
        Ok(())
    }
}

impl<M: Mapping> Iterator for Values<'_, M> {
    type Item = Result<Value>;

    /// If a read of 32 KiB fails, there is a single error for all its elements.
    fn next(&mut self) -> Option<Result<Value>> {
        if self.left == 0 {
            if self.next >= self.array.len() {
                return None;
            }
            if let Err(error) = self.read() {
                return Some(Err(error));
            }
        }
        let behind = self.left.saturating_mul(self.array.layout.itemsize());
        self.left = self.left.saturating_sub(1);
        let start = self.bytes.len().saturating_sub(behind);
        let bytes = self.bytes.get(start..).unwrap_or_default();
        Some(Ok(Value::decode(self.array.dtype(), bytes)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.array.len().saturating_sub(self.next).saturating_add(self.left);
        (usize::from(left > 0), Some(left))
    }
}

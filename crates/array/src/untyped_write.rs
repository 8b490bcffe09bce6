//! Writing to arrays whose element type is only known at run time.

use crate::array::StorageMut;
use crate::gather::{gather, scatter};
use crate::{Array, DTypeKind, IntoIndex, Result, Untyped, Value, ViewMut};

/// Writing elements as values, and fields.
impl<S: StorageMut> Array<Untyped, S> {
    /// Writes one element, which must fit its type. Padding and unnamed bytes of a structure stay.
    ///
    /// # Errors
    /// As [`value`](Self::value); [`ErrorKind::ValueDiffers`](crate::ErrorKind::ValueDiffers), and then
    /// nothing is written; [`ReadOnly`](memmap_core::ErrorKind::ReadOnly) in mode `r`.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, Value};
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let mut table = Array::<u16, Map<Ram>>::zeros([2, 2])?.untyped();
    /// table.set_value([1, 0], &Value::UInt(7))?;
    /// assert_eq!(table.value([1, 0])?, Value::UInt(7));
    /// assert!(table.set_value([1, 0], &Value::Int(-1)).is_err()); // numpy: OverflowError
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "allows `set_value([i, j], &value)`")]
    pub fn set_value(&mut self, position: impl IntoIndex, value: &Value) -> Result<()> {
        let at = self.at_path(self.layout.place(position.indices()))?;
        let mut bytes = vec![0; self.layout.itemsize()];
        if matches!(self.dtype.kind(), DTypeKind::Struct(_)) {
            self.map().read_into(at, &mut bytes)?;
        }
        self.at_path(value.encode(&self.dtype, &mut bytes))?;
        Ok(self.storage.map_mut().write_at(at, &bytes)?)
    }

    /// Writes all elements, in C order of their indices.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeDiffers`](crate::ErrorKind::ShapeDiffers) unless the array has as many elements,
    /// and [`ErrorKind::ValueDiffers`](crate::ErrorKind::ValueDiffers) if one does not fit; then nothing is
    /// written. Those of the map.
    ///
    /// # Cost
    /// Memory for the bytes of all elements, since all values are checked before any is written.
    pub fn assign_values(&mut self, values: &[Value]) -> Result<()> {
        self.require_len(values.len())?;
        let itemsize = self.layout.itemsize();
        let mut bytes = vec![0; values.len().saturating_mul(itemsize)];
        if matches!(self.dtype.kind(), DTypeKind::Struct(_)) {
            gather(self.map(), &self.layout, 0, &mut bytes)?;
        }
        for (value, element) in values.iter().zip(bytes.chunks_mut(itemsize.max(1))) {
            self.at_path(value.encode(&self.dtype, element))?;
        }
        if itemsize == 0 {
            return values.iter().try_for_each(|it| self.at_path(it.encode(&self.dtype, &mut [])));
        }
        scatter(self.storage.map_mut(), &self.layout, 0, &bytes)
    }

    /// A view of one field of every element that can be written. See [`field`](Self::field).
    ///
    /// # Errors
    /// As [`field`](Self::field).
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{Array, DType, Untyped};
    /// use memmap_core::{Map, Mode};
    /// # use memmap_posix::Live;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-fields-{}", std::process::id()));
    /// # std::fs::write(&path, [0; 6])?;
    /// let point = DType::structure([("on", DType::BOOL), ("x", DType::U2)])?;
    /// let options = Array::<Untyped, Map<Live>>::options().mode(Mode::ReadWrite);
    /// let mut points = options.dtype(point).open(&path)?;
    /// let mut x = points.field_mut("x")?.typed::<u16>().map_err(|refused| refused.error)?;
    /// x.assign(&[500, 600])?; // in numpy: points["x"] = [500, 600]
    /// assert_eq!(points.value(1)?.to_string(), "(False, 600)");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn field_mut(&mut self, name: &str) -> Result<ViewMut<'_, Untyped, S::Mapping>> {
        let (dtype, layout) = self.field_layout(name)?;
        Ok(Array { dtype, ..self.with_layout_mut(layout) })
    }
}

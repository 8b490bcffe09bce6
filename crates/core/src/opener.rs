use std::fmt::Debug;
use std::sync::Arc;

use crate::{Explanation, FileKind, Mapping, Origin, Request, Result};

/// A way to open one type of source: files, the objects of a server, the members of an archive.
///
/// This is the plug-in point for sources. [`MapOptions::new`](crate::MapOptions::new) takes an opener, and
/// its [`open`](crate::MapOptions::open) returns a [`Map`](crate::Map) of what the opener opened, with all
/// functions of a map. An implementation of two functions is enough, beside its [`Mapping`].
///
/// # Examples
/// ```
/// use memmap_core::{Map, MapOptions, Mapping, Opener, Origin, Request, Result, check};
///
/// /// Opens the name of a number as that many zeros.
/// #[derive(Debug)]
/// struct Zeros;
///
/// #[derive(Debug)]
/// struct SomeZeros(u64);
///
/// impl Opener for Zeros {
///     type Source = str;
///     type Mapping = SomeZeros;
///
///     fn origin(&self, source: &str) -> Origin {
///         source.into()
///     }
///     fn open(&self, source: &str, request: &Request) -> Result<SomeZeros> {
///         request.require_read_only()?;
///         let range = request.range(source.parse().unwrap_or(0))?;
///         Ok(SomeZeros(range.end - range.start))
///     }
/// }
///
/// impl Mapping for SomeZeros {
///     fn len(&self) -> u64 {
///         self.0
///     }
///     fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
///         check(offset, out.len(), self.0)?;
///         out.fill(0);
///         Ok(())
///     }
/// }
///
/// let map = MapOptions::new(Zeros).offset(10).open("100")?;
/// assert_eq!((map.len(), map.offset()), (90, 10));
/// let error = MapOptions::new(Zeros).offset(101).open("100").unwrap_err();
/// assert!(error.to_string().starts_with("cannot open \"100\": offset 101 is beyond the end"));
/// # Ok::<(), memmap_core::Error>(())
/// ```
pub trait Opener: Debug + Send + Sync + 'static {
    /// What names a source: a path, a `str`, or a type of one's own.
    type Source: ?Sized;
    /// The mapping of a source.
    type Mapping: Mapping;

    /// The name of a source in maps and errors. It must not contain a password or a token.
    fn origin(&self, source: &Self::Source) -> Origin;

    /// Opens a source and maps the range of the request.
    ///
    /// [`Request::require_read_only`] and [`Request::range`] check what was asked for. The opener need not
    /// compare the [`identity`](Request::identity): `MapOptions::open` does.
    ///
    /// # Errors
    /// Anything, best with [`Op::Open`](crate::Op::Open), and without an origin: the caller adds it. If it
    /// fails, the source is unchanged.
    fn open(&self, source: &Self::Source, request: &Request) -> Result<Self::Mapping>;

    /// Explains how the source can be mapped and what prevents it. The default opens it in mode `r`, and
    /// says how long it is.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    fn explain(&self, source: &Self::Source) -> Result<Explanation> {
        let origin = self.origin(source);
        let mapping = self.open(source, &Request::whole(origin.clone()))?;
        let mut explanation = Explanation::new(origin, FileKind::Plugin);
        explanation.len = Some(mapping.len());
        Ok(explanation)
    }
}

impl<O: Opener + ?Sized> Opener for Arc<O> {
    type Source = O::Source;
    type Mapping = O::Mapping;

    fn origin(&self, source: &O::Source) -> Origin {
        (**self).origin(source)
    }
    fn open(&self, source: &O::Source, request: &Request) -> Result<O::Mapping> {
        (**self).open(source, request)
    }
    fn explain(&self, source: &O::Source) -> Result<Explanation> {
        (**self).explain(source)
    }
}

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use memmap_core::{
    Error, ErrorKind, Explanation, Mapping, Op, Opener, Origin, Request, Result, system,
};

use crate::{AnyMap, MapOptions};

/// Opens locations such as `s3://bucket/object` with the plug-in of their scheme, and everything else as a
/// file. One table serves a whole program.
///
/// A location has the form `NAME://…`. The name has at least two characters: a letter, then letters, digits,
/// `+`, `-` or `.`. Its case does not matter. `C:\x` and `./s3://x` are paths.
/// `file://` is known without a plug-in: `file:///a%20b` is the path `/a b`.
///
/// # Examples
/// ```
/// use memmap::plugin::{Mapping, Opener, Origin, Request, Schemes, check};
/// use memmap::{ErrorKind, MemMap, Result};
///
/// /// Opens `zero://LEN` as that many zeros.
/// #[derive(Debug)]
/// struct Zero;
///
/// #[derive(Debug)]
/// struct Zeros(u64);
///
/// impl Opener for Zero {
///     type Source = str;
///     type Mapping = Zeros;
///
///     fn origin(&self, location: &str) -> Origin {
///         location.into()
///     }
///     fn open(&self, location: &str, request: &Request) -> Result<Zeros> {
///         request.require_read_only()?;
///         let len = location.strip_prefix("zero://").and_then(|len| len.parse().ok());
///         let range = request.range(len.unwrap_or(0))?;
///         Ok(Zeros(range.end - range.start))
///     }
/// }
/// # impl Mapping for Zeros {
/// #     fn len(&self) -> u64 {
/// #         self.0
/// #     }
/// #     fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
/// #         check(offset, out.len(), self.0)?;
/// #         out.fill(0);
/// #         Ok(())
/// #     }
/// # }
///
/// let schemes = Schemes::default().with("zero", Zero);
/// let map = schemes.open("zero://4096", MemMap::options().offset(96))?;
/// assert_eq!(map.len(), 4000);
/// let error = schemes.open("one://4096", MemMap::options()).unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::UnknownScheme { .. }));
/// # Ok::<(), memmap::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Schemes {
    openers: BTreeMap<&'static str, Arc<dyn AnyOpener>>,
}

/// The scheme of files, which is always known.
const FILE: &str = "file";

impl Schemes {
    /// Adds an opener for the locations with this scheme. It replaces an earlier one for the same scheme. The
    /// opener gets the whole location, with the scheme in lower case.
    ///
    /// # Panics
    /// If `scheme` is not a name as above in lower case, or if it is `file`.
    #[must_use]
    pub fn with(mut self, scheme: &'static str, opener: impl Opener<Source = str>) -> Self {
        let is_lower = !scheme.bytes().any(|byte| byte.is_ascii_uppercase());
        assert!(
            is_scheme(scheme.as_bytes()) && is_lower,
            "{scheme:?} is not a scheme in lower case"
        );
        assert!(scheme != FILE, "files are opened without a plug-in");
        self.openers.insert(scheme, Arc::new(opener));
        self
    }

    /// The known schemes, in alphabetical order.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.openers.keys().copied().chain([FILE]).collect();
        names.sort_unstable();
        names
    }

    /// Opens a location, or the file at a path.
    ///
    /// # Errors
    /// - [`ErrorKind::UnknownScheme`] for a location that no plug-in opens
    /// - [`ErrorKind::InvalidOptions`] if options of files are set for what is not a file, if a location is
    ///   not UTF-8, and if a `file://` location names another machine or is not well formed
    /// - those of [`MapOptions::open`]
    pub fn open(&self, location: impl AsRef<OsStr>, options: MapOptions) -> Result<AnyMap> {
        match self.find(location.as_ref())? {
            Found::Path(path) => Ok(options.open(path)?.erase()),
            Found::Location(opener, location) => options
                .with_opener(Erased(Arc::clone(&opener)))
                .map_err(|error| error.with_origin(opener.origin_of(&location)))?
                .open(&location),
        }
    }

    /// Explains how a location, or the file at a path, can be mapped and what prevents it.
    ///
    /// # Errors
    /// As of [`open`](Self::open), and those of [`explain`](fn@crate::explain).
    pub fn explain(&self, location: impl AsRef<OsStr>) -> Result<Explanation> {
        match self.find(location.as_ref())? {
            Found::Path(path) => crate::explain(path),
            Found::Location(opener, location) => memmap_core::explain(&Erased(opener), &location),
        }
    }

    /// The path that a location leads to, if that is a file; the same for a path. `None` for what a plug-in
    /// opens.
    ///
    /// # Errors
    /// Those of [`open`](Self::open) about the location itself.
    pub fn path_of(&self, location: impl AsRef<OsStr>) -> Result<Option<PathBuf>> {
        match self.find(location.as_ref())? {
            Found::Path(path) => Ok(Some(path)),
            Found::Location(..) => Ok(None),
        }
    }

    fn find(&self, location: &OsStr) -> Result<Found> {
        let Some(scheme) = scheme_of(location.as_encoded_bytes()) else {
            return Ok(Found::Path(location.into()));
        };
        let refuse = |kind| {
            Err(Error::new(Op::Open, kind).with_origin(location.to_string_lossy().into_owned()))
        };
        let Some((_, rest)) = location.to_str().and_then(|text| text.split_once("://")) else {
            let what =
                "a location must be UTF-8; encode other bytes as `%` and two hexadecimal digits";
            return refuse(ErrorKind::InvalidOptions { what });
        };
        if scheme == FILE {
            return match path_of_url(rest) {
                Ok(path) => Ok(Found::Path(path)),
                Err(what) => refuse(ErrorKind::InvalidOptions { what }),
            };
        }
        if let Some(opener) = self.openers.get(scheme.as_str()) {
            return Ok(Found::Location(Arc::clone(opener), format!("{scheme}://{rest}")));
        }
        let known = self.names().into_iter().map(str::to_owned).collect();
        refuse(ErrorKind::UnknownScheme { scheme, known })
    }
}

enum Found {
    Path(PathBuf),
    Location(Arc<dyn AnyOpener>, String),
}

/// The scheme of a location, in lower case; `None` for a path.
fn scheme_of(location: &[u8]) -> Option<String> {
    let end = location.windows(3).position(|part| part == b"://")?;
    let name = location.get(..end).filter(|name| is_scheme(name))?;
    Some(String::from_utf8_lossy(name).to_ascii_lowercase())
}

fn is_scheme(name: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    name.len() >= 2
        && name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(is_of_name)
}

/// The path of a `file://` location, whose scheme was cut off (RFC 8089).
fn path_of_url(rest: &str) -> Result<PathBuf, &'static str> {
    let Some(start) = rest.find('/') else {
        return Err("a `file` location needs an absolute path, as in file:///tmp/x");
    };
    let (host, path) = rest.split_at(start);
    if !(host.is_empty() || host.eq_ignore_ascii_case("localhost")) {
        return Err(
            "a `file` location cannot name another machine; write file:///, and then the path",
        );
    }
    let bytes =
        decoded(path).ok_or("after `%` come two hexadecimal digits; write `%25` for `%` itself")?;
    system::path_of_url(bytes).ok_or("no file can have this name")
}

/// Decodes `%` and two hexadecimal digits.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    Some(decoded)
}

/// An opener of locations, whatever its mapping.
trait AnyOpener: Debug + Send + Sync {
    fn origin_of(&self, location: &str) -> Origin;
    fn open_any(&self, location: &str, request: &Request) -> Result<Box<dyn Mapping>>;
    fn explain_any(&self, location: &str) -> Result<Explanation>;
}

impl<O: Opener<Source = str>> AnyOpener for O {
    fn origin_of(&self, location: &str) -> Origin {
        self.origin(location)
    }
    fn open_any(&self, location: &str, request: &Request) -> Result<Box<dyn Mapping>> {
        Ok(Box::new(self.open(location, request)?))
    }
    fn explain_any(&self, location: &str) -> Result<Explanation> {
        self.explain(location)
    }
}

#[derive(Debug)]
struct Erased(Arc<dyn AnyOpener>);

impl Opener for Erased {
    type Source = str;
    type Mapping = Box<dyn Mapping>;

    fn origin(&self, location: &str) -> Origin {
        self.0.origin_of(location)
    }
    fn open(&self, location: &str, request: &Request) -> Result<Box<dyn Mapping>> {
        self.0.open_any(location, request)
    }
    fn explain(&self, location: &str) -> Result<Explanation> {
        self.0.explain_any(location)
    }
}

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A token for one version of one source. Compare it with others; its text has no meaning of its own.
///
/// Two equal tokens mean the same source with the same bytes, as far as its system can tell. Different
/// tokens mean that something changed, perhaps only the time of a change. The token is text and can be
/// stored or passed to another process. [`MapOptions::identity`](crate::MapOptions::identity) opens a
/// source only if it still has this identity.
///
/// It notices most changes and proves nothing; [`Map::prove`](crate::Map::prove) does. What
/// [`Map::identity`](crate::Map::identity) says about writes through a mapping holds here, too.
///
/// # Platform
/// The number of a volume may change when it is mounted again (btrfs, NFS, layers), and a file of a lower
/// layer gets another identity when it is opened for writing. Then an unchanged file looks changed.
///
/// # Shape
/// Of a file: its volume, its number there, its length and the time of its last change. Of what a plug-in
/// opens: the version that the plug-in names, such as an `ETag`.
///
/// # Examples
/// ```
/// use memmap_core::Identity;
///
/// let seen = Identity::from("\"33a64df5\"");
/// let stored = seen.to_string();
/// assert_eq!(stored.parse::<Identity>()?, seen);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity(Arc<str>);

impl From<&str> for Identity {
    fn from(token: &str) -> Self {
        Self(token.into())
    }
}

impl From<String> for Identity {
    fn from(token: String) -> Self {
        Self(token.into())
    }
}

impl FromStr for Identity {
    type Err = Infallible;

    fn from_str(token: &str) -> Result<Self, Infallible> {
        Ok(token.into())
    }
}

impl fmt::Display for Identity {
    /// Prints the token as it is. A token of a server may contain anything; error messages escape it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

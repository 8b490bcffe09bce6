//! Locations of objects on servers, with the feature `remote`.

use memmap::plugin::Schemes;

/// Adds the schemes of servers, unless a plug-in has one of them.
#[cfg(feature = "remote")]
pub(crate) fn with_servers(schemes: Schemes) -> Schemes {
    use memmap::object::{Objects, SCHEMES};
    let objects = std::sync::Arc::new(Objects::new());
    SCHEMES.iter().fold(schemes, |all, scheme| {
        let is_taken = all.names().contains(scheme);
        if is_taken { all } else { all.with(scheme, std::sync::Arc::clone(&objects)) }
    })
}

/// Without the feature there are none.
#[cfg(not(feature = "remote"))]
pub(crate) const fn with_servers(schemes: Schemes) -> Schemes {
    schemes
}

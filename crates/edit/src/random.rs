use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Eight hexadecimal digits that nothing has yet, as far as chance goes.
pub(crate) fn hex() -> String {
    // Each state is seeded anew.
    let seed = RandomState::new().hash_one(std::process::id());
    format!("{:08x}", seed >> 32)
}

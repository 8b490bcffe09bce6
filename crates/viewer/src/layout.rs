//! What a cell of the screen means: below both what draws and what takes the mouse.

pub(crate) mod viewport;

//! How keys, the mouse and what jobs say change the state: one file for each thing that a user does.

mod normal;
mod motion;
mod mouse;
mod pane;
mod command_line;
mod search;
mod analysis;
mod minimap;
mod array;
mod jobs;
mod follow;
mod row_folding;

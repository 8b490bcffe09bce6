//! Objects of S3, Google Cloud Storage, Azure and HTTP servers as mappings, read by ranges.
//!
//! [`Objects`] opens `s3://BUCKET/KEY`, `gs://BUCKET/KEY`, `az://CONTAINER/KEY`, `http://…` and `https://…`. Bytes come in
//! blocks of 1 MiB, when they are asked for, and the newest blocks are kept. `docs/remote.md` is the guide.
//!
//! **One version.** An object that is replaced while it is read must not give a mixture of old and new bytes. Each
//! request names the version that was opened, each answer is compared with it, and after the first other one every
//! read is [`Replaced`](memmap_core::ErrorKind::Replaced). How much that promises depends on what the server names:
//! [`Pinned`] says by what, and only a version id, or a checksum, is a proof.
//!
//! The requests are those of the crate `object_store`, over TLS by rustls and ring. They run on a thread of the opener,
//! so that reads may be called from anywhere, a worker of another runtime included. There is no `unsafe` code here.
//!
//! # Examples
//! ```no_run
//! use memmap_core::MapOptions;
//! use memmap_object::Objects;
//!
//! let object = MapOptions::new(Objects::new()).open("https://example.org/large.tar")?;
//! println!("{} bytes, {}", object.len(), object.mapping().pinned().expect("a server with versions"));
//! let magic = object.read_at(257, 5)?; // one more request, or none
//! # Ok::<(), memmap_core::Error>(())
//! ```

#![forbid(unsafe_code)]

mod objects;
mod location;
mod credentials;
mod client;
mod store;
mod answer;
mod failure;
mod version;
mod runtime;
mod streams;
mod cache;
mod fetch;
mod object;
mod checksum;
mod prove;

pub use memmap_core::{Pinned, PinnedBy, Remote};
pub use object::Object;
pub use objects::Objects;

/// The schemes that [`Objects`] opens.
pub const SCHEMES: [&str; 5] = ["s3", "gs", "az", "http", "https"];

//! Systems without proofs. Only a snapshot is possible.

const WHY: &str = "this system does not support it";

pub(super) mod verity {
    use std::fs::File;

    pub(crate) fn holds(_: &File) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }
}

pub(super) mod clone {
    use std::fs::File;
    use std::path::Path;

    use crate::pages::Pages;

    pub(crate) fn make(_: &File, _: u64, _: Option<&Path>, _: usize) -> Result<Pages, String> {
        Err(super::WHY.to_owned())
    }

    pub(crate) fn could(_: &File) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }
}

pub(super) mod lease {
    use std::fs::File;

    use crate::pages::Pages;

    /// Never exists.
    pub(crate) enum Lease {}

    impl Lease {
        pub(crate) fn is_broken(&self) -> bool {
            match *self {}
        }
    }

    pub(crate) fn take(
        _: &File,
        _: &Pages,
        _: u64,
        _: impl FnOnce() -> Result<(), String>,
    ) -> Result<Lease, String> {
        Err(super::WHY.to_owned())
    }

    pub(crate) fn could(_: &File, _: usize) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }
}

pub(super) mod seal {
    use std::fs::File;

    use memmap_core::{Error, ErrorKind, Op, Result};

    use crate::refusal::unsupported;

    pub(crate) fn holds(_: &File) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }

    pub(crate) fn make(_: u64, _: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<File> {
        Err(Error::new(
            Op::Detach,
            unsupported("sealed memory on this system; use a snapshot instead"),
        ))
    }

    pub(crate) fn name(_: &File) -> String {
        String::new()
    }

    pub(crate) fn open(_: &str) -> Result<File> {
        Err(Error::new(Op::Open, ErrorKind::NotFound))
    }
}

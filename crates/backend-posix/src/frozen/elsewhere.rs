//! Systems on which no proof is known: a snapshot is left.

const WHY: &str = "this system is not known to keep it";

pub(super) mod verity {
    use std::fs::File;

    pub(crate) fn holds(_: &File) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }
}

pub(super) mod clone {
    use std::path::Path;

    use crate::live::Mapped;
    use crate::pages::Pages;

    pub(crate) fn make(
        _: &Mapped,
        _: &std::fs::File,
        _: Option<&Path>,
        _: usize,
    ) -> Result<Pages, String> {
        Err(super::WHY.to_owned())
    }

    pub(crate) fn could(_: &std::fs::File) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }
}

pub(super) mod lease {
    use crate::live::Mapped;

    /// There is none.
    pub(crate) enum Lease {}

    impl Lease {
        pub(crate) fn is_broken(&self) -> bool {
            match *self {}
        }
    }

    pub(crate) fn take(_: &Mapped, _: &std::fs::File) -> Result<Lease, String> {
        Err(super::WHY.to_owned())
    }
}

pub(super) mod seal {
    use std::fs::File;

    use memmap_core::{Error, ErrorKind, Op, Result};

    use crate::live::unsupported;

    pub(crate) fn holds(_: &File) -> Result<(), String> {
        Err(super::WHY.to_owned())
    }

    pub(crate) fn make(_: u64, _: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<File> {
        Err(Error::new(Op::Detach, unsupported("sealing memory on this system; make a snapshot")))
    }

    pub(crate) fn name(_: &File) -> String {
        String::new()
    }

    pub(crate) fn open(_: &str) -> Result<File> {
        Err(Error::new(Op::Open, ErrorKind::NotFound))
    }
}

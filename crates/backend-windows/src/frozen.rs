use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memmap_core::{
    Error, ErrorKind, Freeze, InPlace, Lend, Mapping, NotProven, Op, Proof, Proofs, Prospect,
    Prove, Proven, Refusal, Result, addressable, copy_lent, lent_in_place, widen, window,
};

use crate::live::{Live, Source, unsupported};

/// Bytes that nobody can change, which is why they are lent: a copy in memory of this process.
///
/// Made by [`MemMap::prove`](memmap_core::MemMap::prove) and `snapshot`. Cloning it gives the same
/// bytes once more, at no cost.
///
/// # Platform
/// Windows has nothing that proves a file unchanging where it is. A file that is opened with
/// `deny_write` is opened for writing by nobody else, but somebody who had it open before may have a
/// view of it that is for writing still: a promise, and no proof.
#[derive(Clone)]
pub struct Frozen {
    bytes: Arc<Vec<u8>>,
}

impl Frozen {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(bytes) }
    }
}

impl Lend for Frozen {
    #[inline]
    fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Proven for Frozen {
    fn proof(&self) -> Proof {
        Proof::Snapshot
    }
}

impl Mapping for Frozen {
    fn len(&self) -> u64 {
        widen(self.bytes.len())
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        lent_in_place(&self.bytes, offset, len)
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_lent(&self.bytes, offset, out)
    }

    fn name(&self) -> &'static str {
        "frozen"
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let asked = window(Op::Query, offset, len, self.bytes.len())?;
        let all = offset..offset.saturating_add(len);
        Ok(if asked.is_empty() { Vec::new() } else { vec![all; 1] })
    }
}

impl fmt::Debug for Frozen {
    /// Not the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.bytes.len();
        f.debug_struct("Frozen").field("len", &len).field("proof", &self.proof()).finish()
    }
}

/// Why a proof does not hold here, whatever the file.
const fn refusal(proof: Proof) -> &'static str {
    match proof {
        Proof::Sealed => "Windows has no memory that can be sealed",
        Proof::Verity => "Windows does not keep files by their hashes",
        Proof::Lease => {
            "Windows grants no lease that waits for us; `deny_write` keeps others from opening the \
             file to write, which is a promise and no proof"
        }
        Proof::Clone => "Windows makes no clone of a file that nobody else can open",
        _ => "it is not known here",
    }
}

/// What could prove a file unchanging, and what could not and why.
pub(crate) fn prospects() -> Vec<Prospect> {
    Proof::ALL
        .into_iter()
        .map(|proof| match proof {
            Proof::Snapshot => Prospect::new(proof, None),
            proof => Prospect::new(proof, Some(refusal(proof).to_owned())),
        })
        .collect()
}

impl Prove for Live {
    type Frozen = Frozen;

    fn prove(mut self, _: Option<&Path>, proofs: Proofs) -> Result<Frozen, (Self, NotProven)> {
        if let Source::Held(held) = &mut self.source {
            // Nobody else ever knew of these.
            return Ok(Frozen::new(held.take()));
        }
        if self.is_empty() {
            return Ok(Frozen::new(Vec::new()));
        }
        if let Err(why) = self.sync(0, widen(self.len)) {
            let why = why.kind().to_string();
            let refusals = Proof::ALL.iter().map(|&proof| Refusal::new(proof, why.clone()));
            return Err((self, NotProven::new(refusals.collect())));
        }
        let mut refusals = Vec::new();
        for proof in Proof::ALL {
            let why = match proof {
                _ if !proofs.allows(proof) => "it was not asked for".to_owned(),
                Proof::Snapshot => match self.snapshot_up_to(proofs.snapshot_max()) {
                    Ok(frozen) => return Ok(frozen),
                    Err(why) => why,
                },
                proof => refusal(proof).to_owned(),
            };
            refusals.push(Refusal::new(proof, why));
        }
        Err((self, NotProven::new(refusals)))
    }
}

impl Live {
    fn snapshot_up_to(&self, most: u64) -> Result<Frozen, String> {
        if widen(self.len) > most {
            return Err(format!(
                "{} bytes are more than the {most} that were allowed; allow more with \
                 `snapshot_up_to`",
                self.len
            ));
        }
        Frozen::copied(widen(self.len), &mut |at, out| self.read_into(at, out))
            .map_err(|error| error.to_string())
    }
}

impl Freeze for Frozen {
    type Source = Live;

    fn copied(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self> {
        let refuse = |kind| Error::new(Op::Detach, kind);
        let fits = addressable(len).map_err(refuse)?;
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(fits).is_err() {
            return Err(refuse(ErrorKind::OutOfMemory { len }));
        }
        bytes.resize(fits, 0);
        fill(0, &mut bytes)?;
        Ok(Self::new(bytes))
    }

    fn sealed(_: u64, _: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self> {
        Err(Error::new(Op::Detach, unsupported("sealing memory on this system; make a snapshot")))
    }

    fn share(&self) -> Result<String> {
        let what = "sharing memory that is not sealed, which no memory of this system is";
        Err(Error::new(Op::Open, unsupported(what)))
    }

    fn open_shared(_: &str) -> Result<Self> {
        Err(Error::new(Op::Open, ErrorKind::NotFound))
    }
}

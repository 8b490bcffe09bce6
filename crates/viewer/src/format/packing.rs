//! Texts about packed files, and what unpacking them costs.

use memmap::unpack::{FRAME_MAX, INDEX_MAX, Needs, Offer};

use crate::format::units::in_units;
use crate::source::packed::Packing;

impl Packing {
    /// `18.4 MiB of 3.20 MiB`.
    pub(crate) fn sizes(&self) -> String {
        let unpacked = in_units(self.len);
        let cut = if self.damage.is_some() { " DAMAGED" } else { "" };
        format!("{unpacked} of {}{cut}", in_units(self.packed_len))
    }

    /// What it took, and what reading costs.
    pub(crate) fn price(&self) -> String {
        let Self { kind, cost, took, .. } = self;
        format!(
            "unpacked {kind}, {}, in {:.1} s; index {}, a read unpacks at most {}",
            self.sizes(),
            took.as_secs_f64(),
            in_units(cost.index),
            in_units(cost.distance.max(1)),
        )
    }

    /// Why there may be more in the file than is shown.
    pub(crate) fn damage_text(&self) -> Option<String> {
        let damage = self.damage.as_ref()?;
        Some(format!("unpacked up to {:#x}: {damage}", self.len))
    }

    /// The text in the file details.
    pub(crate) fn details(&self) -> String {
        let Self { kind, cost, took, .. } = self;
        let damage =
            self.damage_text().map(|it| format!("  damaged       {it}\n")).unwrap_or_default();
        format!(
            "unpacked, read-only\n  packed with   {kind}\n  packed        {}\n  unpacked      {}\n{damage}  \
             opening took  {:.1} s\n  index         {}\n  cache         at most {}\n  a read        unpacks at most {}\n",
            in_units(self.packed_len),
            in_units(self.len),
            took.as_secs_f64(),
            in_units(cost.index),
            in_units(cost.cache),
            in_units(cost.distance),
        )
    }
}

/// What a file is packed with and what `--unpack` would cost, for `info`.
pub(crate) fn offer_text(offer: &Offer) -> String {
    let Offer { packing, packed_len, needs, unpacked_len, .. } = *offer;
    let packed = in_units(packed_len);
    let work = match needs {
        Needs::Table => "reads its seek table".to_owned(),
        Needs::Headers => format!("reads the headers of its frames and blocks, {packed} at most"),
        _ => format!("unpacks all {packed} once; the index takes at most {}", in_units(INDEX_MAX)),
    };
    let len = match (needs, unpacked_len) {
        (Needs::Table, Some(len)) => format!(", {} unpacked", in_units(len)),
        (Needs::Headers, Some(len)) => format!(", {} unpacked in its first frame", in_units(len)),
        _ => String::new(),
    };
    let refused = unpacked_len.filter(|&len| needs == Needs::Headers && len > FRAME_MAX);
    let work = match refused {
        Some(_) => format!(
            "is refused, as a frame is longer than {}: pack it with pzstd or t2sz",
            in_units(FRAME_MAX)
        ),
        None => work,
    };
    format!("packed with {packing}{len}; `--unpack` {work}")
}

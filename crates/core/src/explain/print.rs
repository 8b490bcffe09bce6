//! Prints an explanation: labels and texts within 80 columns.

use std::fmt::{self, Write as _};

use super::{Device, Explanation, Limit, Limits, Partition, Residency, Stored};
use crate::{FileKind, ProofAvailability, Proofs};

/// A number of bytes: the exact number, then rounded down in the largest unit that fits.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        write!(f, "{} {}", self.0, if self.0 == 1 { "byte" } else { "bytes" })?;
        let (mut whole, mut rest, mut unit) = (self.0, 0, None);
        for name in UNITS {
            if whole < 1024 {
                break;
            }
            (whole, rest, unit) = (whole / 1024, whole % 1024, Some(name));
        }
        match (unit, rest.saturating_mul(10) / 1024) {
            (None, _) => Ok(()),
            (Some(unit), 0) => write!(f, " ({whole} {unit})"),
            (Some(unit), tenths) => write!(f, " ({whole}.{tenths} {unit})"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, |f, count| write!(f, "{count}"))
    }
}

impl Limit {
    fn print<W: fmt::Write>(
        self,
        f: &mut W,
        count: impl Fn(&mut W, u64) -> fmt::Result,
    ) -> fmt::Result {
        match (self.now, self.max) {
            (Some(now), Some(max)) => {
                count(f, now)?;
                f.write_str(" of ")?;
                count(f, max)?;
                f.write_str(" that this process may have")
            }
            (Some(now), None) => {
                count(f, now)?;
                f.write_str(", without a limit")
            }
            (None, Some(max)) => {
                f.write_str("at most ")?;
                count(f, max)
            }
            (None, None) => f.write_str("without a limit"),
        }
    }

    fn in_bytes(self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        self.print(&mut text, |text, bytes| write!(text, "{}", Bytes(bytes))).ok();
        text
    }
}

/// Lines of a label and a text. A long text continues in its column on the next lines.
#[derive(Default)]
struct Rows(String);

impl Rows {
    const LABEL_WIDTH: usize = 15;
    const TEXT_WIDTH: usize = 63;

    fn add(&mut self, label: &str, text: &str) {
        let mut label = label;
        let mut line = String::new();
        let mut line_len = 0_usize;
        for word in text.split(' ') {
            let word_len = word.chars().count();
            let longer = line_len.saturating_add(word_len).saturating_add(1);
            if line.is_empty() {
                line_len = word_len;
            } else if longer > Self::TEXT_WIDTH {
                self.line(std::mem::take(&mut label), &line);
                line.clear();
                line_len = word_len;
            } else {
                line.push(' ');
                line_len = longer;
            }
            line.push_str(word);
        }
        self.line(label, &line);
    }

    fn line(&mut self, label: &str, text: &str) {
        let width = Self::LABEL_WIDTH;
        // Writing to a string cannot fail.
        write!(self.0, "\n  {label:width$}{text}").ok();
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = Rows::default();
        rows.add("is", &self.kind.to_string());
        self.print_bytes(&mut rows);
        self.print_place(&mut rows);
        self.print_verdicts(&mut rows);
        self.print_proofs(&mut rows);
        if self.kind.is_mappable() {
            self.print_limits(&mut rows);
        }
        for warning in self.warnings() {
            rows.add("warning", &warning.to_string());
        }
        write!(f, "{}{}", self.origin, rows.0)
    }
}

impl Explanation {
    fn print_bytes(&self, rows: &mut Rows) {
        if let Some(len) = self.len {
            rows.add("length", &Bytes(len).to_string());
        }
        let is_whole = self.stored.is_none_or(|stored| Some(stored.looked_at) == self.len);
        if let Some(Stored { data, holes, runs, on_disk, looked_at }) = self.stored {
            let runs = match runs {
                0 => String::new(),
                1 => " in one run".to_owned(),
                runs => format!(" in {runs} runs"),
            };
            rows.add("stored", &format!("{}{runs}", Bytes(data)));
            rows.add("holes", &Bytes(holes).to_string());
            rows.add("on the disk", &Bytes(on_disk).to_string());
            if !is_whole {
                rows.add("looked at", &format!("the first {} alone", Bytes(looked_at)));
            }
        }
        if let Some(Residency { bytes, looked_at, is_certain }) = self.resident {
            let is_all = is_whole && self.stored.is_none_or(|stored| stored.data == looked_at);
            let text = match bytes {
                _ if !is_certain => "not known: the system tells it only to the file's owner and \
                                     to users who may write to it"
                    .to_owned(),
                _ if !is_all => {
                    format!("{} of the first {looked_at} that are stored", Bytes(bytes))
                }
                _ => Bytes(bytes).to_string(),
            };
            rows.add("in memory", &text);
        }
    }

    fn print_device(rows: &mut Rows, device: &Device) {
        if let Some(serial) = &device.serial {
            rows.add("known as", &serial.escape_debug().to_string());
        }
        if let Some(Partition { disk, number, start, .. }) = &device.partition {
            let disk = disk.escape_debug();
            rows.add("partition", &format!("{number} of {disk}, from byte {}", Bytes(*start)));
        }
        for (index, part) in device.partitions.iter().enumerate() {
            let Partition { number, start, len, .. } = part;
            let label = if index == 0 { "partitions" } else { "" };
            rows.add(label, &format!("{number}: {} from byte {start}", Bytes(*len)));
        }
        if let Some(by) = &device.used_by {
            rows.add("in use", &by.escape_debug().to_string());
        }
        if let Some(logical) = device.sector_size {
            let stored = device.physical_sector_size.filter(|&physical| physical != logical);
            let stored = stored.map_or(String::new(), |len| format!(", stored in {}", Bytes(len)));
            rows.add("its sectors", &format!("{}{stored}", Bytes(logical)));
        }
        match device.is_read_only {
            Some(true) => rows.add("writes", "none: the device is read-only"),
            Some(false) => rows.add("writes", "taken"),
            None => {}
        }
    }

    fn print_place(&self, rows: &mut Rows) {
        if let Some(device) = &self.device {
            Self::print_device(rows, device);
        }
        if let Some(on) = &self.file_system {
            let writes = if on.is_read_only { ", mounted for reading alone" } else { "" };
            rows.add("file system", &format!("{}, {}{writes}", on.name.escape_debug(), on.kind));
            if on.total > 0 && self.kind == FileKind::Regular {
                let total = Bytes(on.total);
                rows.add("free there", &format!("{} of {total}", Bytes(on.free)));
                rows.add("its blocks", &Bytes(on.block_size).to_string());
            }
        }
    }

    /// Modes that are refused for the same reason share a line.
    fn print_verdicts(&self, rows: &mut Rows) {
        let (can, cannot): (Vec<_>, Vec<_>) =
            self.verdicts.iter().partition(|verdict| verdict.is_possible());
        if !can.is_empty() {
            let modes: Vec<&str> = can.iter().map(|verdict| verdict.mode().as_str()).collect();
            rows.add("maps in mode", &modes.join(", "));
        }
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for verdict in cannot {
            let Some(refusal) = verdict.refusal() else { continue };
            // The line names the modes before the reason.
            let mode = verdict.mode();
            let reason = refusal.kind().to_string().replace(&format!(" (mode {mode})"), "");
            match reasons.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, modes)) => modes.push(mode.as_str()),
                None => reasons.push((reason, vec![mode.as_str()])),
            }
        }
        for (reason, modes) in reasons {
            rows.add("not in mode", &format!("{}: {reason}", modes.join(", ")));
        }
    }

    /// Which proofs would hold, and why others would not.
    fn print_proofs(&self, rows: &mut Rows) {
        let holds = self.proofs.iter().filter(|prospect| prospect.why_not.is_none());
        let holds: Vec<String> = holds.map(|prospect| prospect.proof.to_string()).collect();
        if !holds.is_empty() {
            rows.add("proven by", &holds.join(", "));
        }
        if let Some(proof) = self.proof(Proofs::any()) {
            rows.add("frozen by", &proof.to_string());
        }
        for ProofAvailability { proof, why_not } in &self.proofs {
            if let Some(why_not) = why_not {
                rows.add("not by", &format!("{proof}: {why_not}"));
            }
        }
    }

    fn print_limits(&self, rows: &mut Rows) {
        let Limits { mappings, address_space, locked_memory, open_files, memory } = self.limits;
        if let Some(page_size) = self.page_size {
            rows.add("a page", &Bytes(page_size).to_string());
        }
        for (label, limit) in [
            ("mappings", mappings.map(|limit| limit.to_string())),
            ("address space", address_space.map(Limit::in_bytes)),
            ("locked memory", locked_memory.map(Limit::in_bytes)),
            ("open files", open_files.map(|limit| limit.to_string())),
            ("memory", memory.map(|memory| format!("{} in this machine", Bytes(memory)))),
        ] {
            if let Some(limit) = limit {
                rows.add(label, &limit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_and_then_rounded_down() {
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1024 bytes (1 KiB)"),
            (1536, "1536 bytes (1.5 KiB)"),
            ((1 << 20) - 1, "1048575 bytes (1023.9 KiB)"),
            (1 << 40, "1099511627776 bytes (1 TiB)"),
            (u64::MAX, "18446744073709551615 bytes (15.9 EiB)"),
        ] {
            assert_eq!(Bytes(count).to_string(), text);
        }
    }

    #[test]
    fn long_texts_go_on_below_themselves_within_80_columns() {
        let mut rows = Rows::default();
        rows.add("label", &"word ".repeat(60));
        rows.add("one", &"x".repeat(100));
        let lines: Vec<&str> = rows.0.lines().skip(1).collect();
        assert!(lines[0].starts_with("  label          word word"), "{lines:?}");
        assert!(lines[1].starts_with("                 word"), "{lines:?}");
        assert!(lines[..lines.len() - 1].iter().all(|line| line.len() <= 80), "{lines:?}");
        let words: usize = lines.iter().map(|line| line.matches("word").count()).sum();
        assert_eq!(words, 60);
        assert!(lines[lines.len() - 1].ends_with(&"x".repeat(100)));
    }
}

//! The options of the command line.

use std::path::PathBuf;

use crate::Result;

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) rounds: usize,
    /// The engines to run, by name or by the first word of the name; empty for all.
    only: Vec<String>,
    /// The size of the input in bytes; each task has a default.
    pub(crate) size: Option<u64>,
    /// The viewer to measure; by default it is built.
    pub(crate) lazyhex: Option<PathBuf>,
    /// The file that a line of JSON for each engine is appended to.
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse(flags: &[&str]) -> Result<Self> {
        let mut options =
            Self { rounds: 5, only: Vec::new(), size: None, lazyhex: None, json: None };
        for pair in flags.chunks(2) {
            let [flag, value] = *pair else {
                return Err(format!("`{}` needs a value", pair.concat()).into());
            };
            match flag {
                "--rounds" => options.rounds = value.parse()?,
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--size" => options.size = Some(parse_size(value)?),
                "--lazyhex" => options.lazyhex = Some(value.into()),
                "--json" => options.json = Some(value.into()),
                _ => return Err(format!("unknown option `{flag}`").into()),
            }
        }
        if options.rounds == 0 {
            return Err("`--rounds` must be at least 1".into());
        }
        Ok(options)
    }

    pub(crate) fn wants(&self, engine: &str) -> bool {
        let first_word = engine.split(['/', ' ']).next();
        let names = |only: &String| engine == only || first_word == Some(only);
        self.only.is_empty() || self.only.iter().any(names)
    }
}

/// Parses a size in bytes, with a unit of a power of 1024: `4096`, `64K`, `256M`, `1G`, `1T`.
fn parse_size(text: &str) -> Result<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.trim_start_matches(digits).to_ascii_uppercase().as_str() {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        unit => return Err(format!("`{unit}` is not one of the units K, M, G and T").into()),
    };
    let count: u64 = digits.parse().map_err(|error| format!("`{text}` is not a size: {error}"))?;
    count.checked_mul(1 << unit).ok_or_else(|| format!("`{text}` is too large").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_with_or_without_a_unit() {
        for (text, size) in
            [("0", 0), ("4096", 4096), ("64k", 65536), ("256M", 268_435_456), ("1T", 1 << 40)]
        {
            assert_eq!(parse_size(text).unwrap(), size, "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_sizes() {
        for text in ["", "M", "1.5G", "-1", "1X", "1MM", "99999999999T"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn engines_are_chosen_by_name_or_by_its_first_word() {
        let options = Options::parse(&["--only", "lazyhex,xxd -p"]).unwrap();
        assert!(options.wants("lazyhex/canonical") && options.wants("xxd -p"));
        assert!(!options.wants("xxd") && !options.wants("hexdump -C"));
        assert!(Options::parse(&[]).unwrap().wants("anything"));
    }

    #[test]
    fn unknown_flags_and_missing_values_are_refused() {
        for flags in [&["--fast", "1"][..], &["--rounds"], &["--rounds", "0"], &["--size", "x"]] {
            assert!(Options::parse(flags).is_err(), "{flags:?}");
        }
    }
}

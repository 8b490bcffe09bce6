//! The data inspector: the bytes under the cursor decoded as each common type, in both byte orders.
//!
//! A value that extends past the end of the data shows as `··`, one with an unreadable byte as
//! `??`.

pub(crate) mod encode;
mod number;
mod text;
mod time;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::format::hex::Hex;
use crate::source::page_cache::Known;

/// Bytes of the longest value: a 128-bit integer in LEB128.
pub(crate) const REACH: u64 = 19;

/// Number of rows, which does not depend on the bytes.
pub(crate) const ROWS: usize = 27;

/// Byte order of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Order {
    #[default]
    Little,
    Big,
}

impl Order {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Little => Self::Big,
            Self::Big => Self::Little,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Little => "LE",
            Self::Big => "BE",
        }
    }
}

/// A value decoded as one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpretation {
    pub(crate) text: String,
    /// Whether the value is likely to be meaningful: a date near the present, a number that is not
    /// NaN.
    pub(crate) is_plausible: bool,
    /// The colour that the value encodes.
    pub(crate) colour: Option<[u8; 3]>,
    /// Whether the bytes could be decoded at all.
    pub(crate) is_value: bool,
}

impl Interpretation {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_plausible: true, colour: None, is_value: true }
    }

    fn plausible_if(self, is_plausible: bool) -> Self {
        Self { is_plausible, ..self }
    }

    fn lacking(lack: Missing) -> Self {
        let text = match lack {
            Missing::Byte => "··",
            Missing::Unreadable => "??",
            Missing::Meaning => "–",
        };
        Self { is_plausible: false, is_value: false, ..Self::new(text) }
    }
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// The value extends past the end of the data, or a byte is not read yet.
    Byte,
    /// A byte of the value is unreadable.
    Unreadable,
    /// The bytes are not a valid encoding.
    Meaning,
}

/// A type with its value in both byte orders; `big` is `None` where byte order does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    little: Interpretation,
    big: Option<Interpretation>,
}

impl Row {
    pub(crate) fn reading(&self, order: Order) -> &Interpretation {
        match (order, &self.big) {
            (Order::Big, Some(big)) => big,
            _ => &self.little,
        }
    }

    pub(crate) const fn has_order(&self) -> bool {
        self.big.is_some()
    }
}

/// The bytes from the cursor on, and the rows to decode.
struct Bytes<'a>(&'a [Known], Wanted<'a>);

/// Selects rows by name.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    All,
    Some(&'a [&'a str]),
}

impl Wanted<'_> {
    fn has(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.contains(&name),
        }
    }
}

impl Bytes<'_> {
    fn first<const N: usize>(&self) -> Result<[u8; N], Missing> {
        let mut out = [0; N];
        let mut lack = (self.0.len() < N).then_some(Missing::Byte);
        for (slot, known) in out.iter_mut().zip(self.0) {
            match known {
                Known::Value(byte) => *slot = *byte,
                Known::Unreadable => lack = Some(Missing::Unreadable),
                Known::NotYet => lack = lack.or(Some(Missing::Byte)),
            }
        }
        lack.map_or(Ok(out), Err)
    }

    /// The first `N` bytes for a row. Fails without decoding if the row is not wanted.
    fn first_of<const N: usize>(&self, name: &str) -> Result<[u8; N], Missing> {
        if self.1.has(name) { self.first() } else { Err(Missing::Byte) }
    }

    /// A row whose value depends on byte order. `read` gets the bytes in little-endian order.
    fn ordered<const N: usize>(
        &self,
        name: &'static str,
        read: impl Fn([u8; N]) -> Interpretation,
    ) -> Row {
        let reading = |order| match self.first_of::<N>(name) {
            Ok(mut bytes) => {
                if order == Order::Big {
                    bytes.reverse();
                }
                read(bytes)
            }
            Err(lack) => Interpretation::lacking(lack),
        };
        Row { name, little: reading(Order::Little), big: Some(reading(Order::Big)) }
    }

    /// A row whose value does not depend on byte order.
    fn plain<const N: usize>(
        &self,
        name: &'static str,
        read: impl Fn([u8; N]) -> Interpretation,
    ) -> Row {
        let little = self.first_of::<N>(name).map_or_else(Interpretation::lacking, read);
        Row { name, little, big: None }
    }
}

/// All rows, in the order of the pane. `bytes` start at the cursor; at most [`REACH`] of them are
/// used.
pub(crate) fn rows(bytes: &[Known]) -> Vec<Row> {
    work_out(&Bytes(bytes, Wanted::All))
}

/// Only the rows with these names.
pub(crate) fn rows_named(bytes: &[Known], names: &[&str]) -> Vec<Row> {
    let mut rows = work_out(&Bytes(bytes, Wanted::Some(names)));
    rows.retain(|row| names.contains(&row.name));
    rows
}

fn work_out(bytes: &Bytes<'_>) -> Vec<Row> {
    let mut rows = number::rows(bytes);
    rows.extend(time::rows(bytes));
    rows.extend([
        guid(bytes),
        // Usually stored in network order (big-endian); the little-endian reading is the swapped
        // one.
        bytes.ordered::<4>("IPv4", |low| {
            let [d, c, b, a] = low;
            Interpretation::new(Ipv4Addr::new(a, b, c, d).to_string())
        }),
        bytes.plain::<16>("IPv6", |octets| Interpretation::new(Ipv6Addr::from(octets).to_string())),
        bytes.plain::<6>("MAC", |octets| {
            Interpretation::new(Hex::separated(&octets, ":").to_string())
        }),
        bytes.plain::<3>("RGB", |[r, g, b]| Interpretation {
            colour: Some([r, g, b]),
            ..Interpretation::new(format!("#{}", Hex::plain(&[r, g, b])))
        }),
    ]);
    rows.extend(text::rows(bytes));
    rows
}

/// A GUID. Microsoft stores the first three fields in little-endian order, RFC 9562 in big-endian.
fn guid(bytes: &Bytes<'_>) -> Row {
    let stored = bytes.first_of::<16>("GUID");
    let swapped = stored.map(|mut bytes| {
        let (fields, _) = bytes.split_at_mut(8);
        let (first, others) = fields.split_at_mut(4);
        first.reverse();
        others.chunks_exact_mut(2).for_each(<[u8]>::reverse);
        bytes
    });
    let reading = |bytes: Result<[u8; 16], Missing>| {
        bytes.map_or_else(Interpretation::lacking, |bytes| Interpretation::new(hyphened(bytes)))
    };
    Row { name: "GUID", little: reading(swapped), big: Some(reading(stored)) }
}

fn hyphened(bytes: [u8; 16]) -> String {
    let mut text = Hex::plain(&bytes).to_string();
    // Insert from the end, so that earlier positions stay valid.
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// All rows, formatted as `name: little | big`.
    fn texts(bytes: &[Known]) -> String {
        let mut out = String::new();
        for row in rows(bytes) {
            write!(out, "{}: {}", row.name, row.reading(Order::Little).text).unwrap();
            if row.has_order() {
                write!(out, " | {}", row.reading(Order::Big).text).unwrap();
            }
            out.push('\n');
        }
        out
    }

    pub(super) fn known(bytes: &[u8]) -> Vec<Known> {
        bytes.iter().copied().map(Known::Value).collect()
    }

    pub(super) fn reading(name: &str, bytes: &[u8], order: Order) -> Interpretation {
        let rows = rows(&known(bytes));
        rows.iter().find(|row| row.name == name).unwrap().reading(order).clone()
    }

    #[test]
    fn text_read_as_every_type() {
        insta::assert_snapshot!(texts(&known(b"HEXNEEDLE7f3a9c!Field(1)")));
    }

    #[test]
    fn rows_that_are_named_are_as_they_are_among_all() {
        let bytes = known(&[0x41, 0x6f, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        let all = rows(&bytes);
        for row in &all {
            assert_eq!(rows_named(&bytes, &[row.name]), std::slice::from_ref(row));
        }
        let two = rows_named(&bytes, &["f64", "u8"]);
        assert_eq!(two.iter().map(|row| row.name).collect::<Vec<_>>(), ["u8", "f64"]);
    }

    #[test]
    fn the_end_of_the_data_leaves_out_what_does_not_fit() {
        insta::assert_snapshot!(texts(&known(b"\x7f\x45\x4c")));
    }

    #[test]
    fn there_are_as_many_rows_as_is_said() {
        assert_eq!(rows(&[]).len(), ROWS);
    }

    #[test]
    fn nothing_is_made_up_of_no_byte_or_of_unreadable_ones() {
        for row in rows(&[]) {
            for order in [Order::Little, Order::Big] {
                assert_eq!(row.reading(order).text, "··", "{}", row.name);
            }
        }
        let mut bytes = known(&[0x41; 32]);
        bytes[0] = Known::Unreadable;
        for row in rows(&bytes) {
            for order in [Order::Little, Order::Big] {
                assert_eq!(row.reading(order).text, "??", "{}", row.name);
                assert!(!row.reading(order).is_value);
            }
        }
        bytes[0] = Known::Value(0x41);
        bytes[5] = Known::Unreadable;
        let u64 = rows(&bytes).into_iter().find(|row| row.name == "u64").unwrap();
        assert_eq!(u64.reading(Order::Big).text, "??");
    }

    #[test]
    fn a_guid_is_read_in_both_of_its_layouts() {
        // The type GUID of an EFI system partition, as stored in a partition table.
        let esp = b"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b";
        let text = reading("GUID", esp, Order::Little).text;
        assert_eq!(text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
        let text = reading("GUID", esp, Order::Big).text;
        assert_eq!(text, "28732ac1-1ff8-d211-ba4b-00a0c93ec93b");
    }

    #[test]
    fn addresses_of_networks() {
        let bytes = b"\xc0\xa8\x00\x01\x00\x50\0\0\0\0\0\0\0\0\0\x01";
        assert_eq!(reading("IPv4", bytes, Order::Big).text, "192.168.0.1");
        assert_eq!(reading("IPv4", bytes, Order::Little).text, "1.0.168.192");
        assert_eq!(reading("MAC", bytes, Order::Big).text, "c0:a8:00:01:00:50");
        assert_eq!(reading("IPv6", bytes, Order::Big).text, "c0a8:1:50::1");
        assert_eq!(reading("RGB", bytes, Order::Big).colour, Some([0xc0, 0xa8, 0]));
    }
}

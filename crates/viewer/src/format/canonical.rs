use super::row::Layout;

/// `hexdump -C`: two groups of eight bytes, with the characters between bars.
pub(crate) struct Canonical;

impl Layout for Canonical {
    const ROW: usize = 16;
    const ADDRESSED: bool = true;
    const TEMPLATE: &'static [u8] =
        b"                                                    |                |\n";
    const TEXT_AT: Option<usize> = Some(53);
    const SUFFIX: &'static [u8] = b"|\n";

    #[inline]
    fn digits_at(i: usize) -> usize {
        2 + 3 * i + i / 8
    }
}

use super::row::Layout;

/// `xxd`: groups of two bytes, then two blanks and the characters.
pub(crate) struct Xxd;

impl Layout for Xxd {
    const ROW: usize = 16;
    const ADDRESSED: bool = true;
    const TEMPLATE: &'static [u8] =
        b":                                                          \n";
    const TEXT_AT: Option<usize> = Some(43);
    const SUFFIX: &'static [u8] = b"\n";

    #[inline]
    fn digits_at(i: usize) -> usize {
        2 + 2 * i + i / 2
    }
}

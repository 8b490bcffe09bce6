use super::row::Layout;

/// `xxd -p`: digits and nothing else.
pub(crate) struct Plain;

impl Layout for Plain {
    const ROW: usize = 30;
    const ADDRESSED: bool = false;
    const TEMPLATE: &'static [u8] =
        b"                                                            \n";
    const TEXT_AT: Option<usize> = None;
    const SUFFIX: &'static [u8] = b"\n";

    #[inline]
    fn digits_at(i: usize) -> usize {
        2 * i
    }
}

use std::fmt;

/// The largest number of dimensions of an array, as in numpy.
pub(crate) const MAX_DIMENSIONS: usize = 64;

/// Types that give a shape: `5`, `[3, 4]`, `(3, 4)`, `()`, `&[3, 4][..]`, `vec![3, 4]`.
pub trait IntoShape {
    /// The length of each dimension.
    fn into_shape(self) -> Vec<usize>;
}

impl IntoShape for usize {
    fn into_shape(self) -> Vec<usize> {
        vec![self]
    }
}

impl IntoShape for () {
    fn into_shape(self) -> Vec<usize> {
        Vec::new()
    }
}

impl<const N: usize> IntoShape for [usize; N] {
    fn into_shape(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoShape for &[usize] {
    fn into_shape(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Vec<usize> {
        self
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {
        $(
            impl IntoShape for ($(tuples!(@usize $name),)+) {
                fn into_shape(self) -> Vec<usize> {
                    let ($($name,)+) = self;
                    vec![$($name),+]
                }
            }
        )+
    };
    (@usize $name:ident) => { usize };
}

tuples!((a)(a b)(a b c)(a b c d)(a b c d e)(a b c d e f));

/// Types that give the position of an element: `5`, `[3, 4]`, `()`, `&[3, 4][..]`.
pub trait IntoIndex {
    /// The index in each dimension.
    fn indices(&self) -> &[usize];
}

impl IntoIndex for usize {
    #[inline]
    fn indices(&self) -> &[usize] {
        std::slice::from_ref(self)
    }
}

impl IntoIndex for () {
    fn indices(&self) -> &[usize] {
        &[]
    }
}

impl<const N: usize> IntoIndex for [usize; N] {
    #[inline]
    fn indices(&self) -> &[usize] {
        self
    }
}

impl IntoIndex for &[usize] {
    #[inline]
    fn indices(&self) -> &[usize] {
        self
    }
}

impl IntoIndex for Vec<usize> {
    #[inline]
    fn indices(&self) -> &[usize] {
        self
    }
}

/// Prints a shape as numpy does: `()`, `(5,)`, `(3, 4)`.
pub(crate) struct DisplayShape<'a>(pub(crate) &'a [usize]);

impl fmt::Display for DisplayShape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [only] => write!(f, "({only},)"),
            [] => f.write_str("()"),
            [first, others @ ..] => {
                write!(f, "({first}")?;
                others.iter().try_for_each(|len| write!(f, ", {len}"))?;
                f.write_str(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_said_in_every_form_and_printed_as_numpy_does() {
        let said = [
            ().into_shape(),
            5.into_shape(),
            (5,).into_shape(),
            [3, 4].into_shape(),
            (3, 4).into_shape(),
            [3, 4][..].into_shape(),
            (1, 2, 3, 4, 5, 6).into_shape(),
        ];
        let shown: Vec<String> = said.iter().map(|shape| DisplayShape(shape).to_string()).collect();
        assert_eq!(
            shown,
            ["()", "(5,)", "(5,)", "(3, 4)", "(3, 4)", "(3, 4)", "(1, 2, 3, 4, 5, 6)"]
        );
    }
}

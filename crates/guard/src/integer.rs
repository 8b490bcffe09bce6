/// An integer that one instruction accesses: `u8`, `u16`, `u32` or `u64`. The trait is sealed.
pub trait Integer: Copy + Eq + Into<u64> + sealed::Sealed {
    /// The low bytes of a register, as a value of this type.
    fn narrow(register: u64) -> Self;
}

mod sealed {
    #[expect(unnameable_types, reason = "this is what seals it")]
    pub trait Sealed {}
}

macro_rules! atomic {
    ($($int:ident)+) => {
        $(
            impl sealed::Sealed for $int {}

            impl Integer for $int {
                #[inline]
                fn narrow(register: u64) -> Self {
                    let mut low = [0; size_of::<Self>()];
                    low.iter_mut().zip(register.to_le_bytes()).for_each(|(to, from)| *to = from);
                    Self::from_le_bytes(low)
                }
            }
        )+
    };
}

atomic!(u8 u16 u32 u64);

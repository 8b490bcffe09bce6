use crate::support::sample;
use memmap_core::{ErrorKind, LendMut, Map, Mode, Result};

pub fn new_memory_is_zeroed<M: LendMut>(make: &impl Fn(u64) -> Result<Map<M>>) {
    for len in [1, 4096, 100_000] {
        let ram = make(len).unwrap();
        assert_eq!(ram.len(), len);
        assert!(ram.as_bytes().iter().all(|&byte| byte == 0));
        assert_eq!((ram.path(), ram.mode(), ram.offset()), (None, Mode::ReadWrite, 0));
    }
}

pub fn writes_are_seen_by_reads<M: LendMut>(make: &impl Fn(u64) -> Result<Map<M>>) {
    let bytes = sample(10_000);
    let mut ram = make(10_000).unwrap();
    ram.as_bytes_mut().copy_from_slice(&bytes);
    ram[17] ^= 0xFF;
    assert_eq!(ram.get::<u8>(17).unwrap(), !bytes[17]);
    assert_eq!(ram.read_at(18, 9982).unwrap(), ram[18..]);
    assert_eq!(ram[18..], bytes[18..]);
}

pub fn no_memory_lends_an_empty_slice<M: LendMut>(make: &impl Fn(u64) -> Result<Map<M>>) {
    let mut ram = make(0).unwrap();
    assert!(ram.is_empty() && ram.as_bytes().is_empty() && ram.as_bytes_mut().is_empty());
    assert_eq!(ram.read_at(0, 0).unwrap(), []);
}

pub fn memory_beyond_the_address_space_is_too_large<M: LendMut>(
    make: &impl Fn(u64) -> Result<Map<M>>,
) {
    for len in [u64::MAX, 1 << 63] {
        let error = make(len).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge { len: l, .. } if *l == len));
    }
}

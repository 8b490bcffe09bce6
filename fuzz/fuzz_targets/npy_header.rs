//! Starts of `.npy` files: refused, or written again as what they say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memmap_array::npy::{DEFAULT_LIMIT, Header, Preamble};

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::parse(bytes, DEFAULT_LIMIT) else { return };
    let prefix = Preamble::parse(bytes, DEFAULT_LIMIT).expect("a header has a prefix");
    assert_eq!(prefix.data_start(), header.data_start());
    if let Ok(written) = header.to_bytes() {
        assert_eq!(written.len(), header.data_start());
        assert_eq!(Header::parse(&written, DEFAULT_LIMIT).expect("ours"), header);
    }
    let (dtype, order, shape) = (header.dtype().clone(), header.order(), header.shape());
    let made = Header::new(dtype, order, shape).expect("what can be read can be written");
    let written = made.to_bytes().expect("a new header has room");
    let again = Header::parse(&written, usize::MAX).expect("ours");
    assert_eq!(again, made);
    assert_eq!((again.dtype(), again.order(), again.shape()), (header.dtype(), order, shape));
    assert_eq!(again.data_len(), header.data_len());
    let _ = header.with_rows(7).map(|grown| assert_eq!(grown.data_start(), header.data_start()));
});

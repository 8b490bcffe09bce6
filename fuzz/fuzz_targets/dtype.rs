//! Texts of data types: refused, or read again as what they print.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memmap_array::{ByteOrder, DType};

fuzz_target!(|text: &str| {
    for dtype in [text.parse::<DType>(), DType::from_descr(text)].into_iter().flatten() {
        let descr = dtype.descr().expect("fields in order have a description");
        let again = DType::from_descr(&descr).expect("a description of ours is one");
        assert_eq!(again, dtype, "{descr}");
        assert_eq!(again.itemsize(), dtype.itemsize());
        let swapped = dtype.with_byte_order(ByteOrder::Big).with_byte_order(ByteOrder::Little);
        assert_eq!(swapped.itemsize(), dtype.itemsize());
        assert!(dtype.alignment().is_power_of_two());
        let _ = (dtype.name(), dtype.to_string(), dtype.is_native());
    }
});

//! Any data type, header or text: what is made is read again, and nothing panics.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use memmap_array::npy::{DEFAULT_LIMIT, Header, Version};
use memmap_array::npz::Directory;
use memmap_array::{ByteOrder, DType, Field, Order};
use proptest::prelude::*;

const SIMPLE: [&str; 40] = [
    "?", "i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "u1", "<u2", ">u2", "<u4", ">u4", "<u8",
    ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<f16", ">f16", "<c8", ">c8", "<c16", ">c16",
    "<c32", ">c32", "S0", "S5", "<U0", ">U3", "V0", "V7", "<M8", ">M8[ns]", "<M8[25s]", "<m8[Y]",
    ">m8[7as]",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z]{1,3}", 1 => any::<String>(), 1 => "[ '\"\\\\\\n\u{e9}\u{301}]{1,3}"]
}

/// Different names, made so by a number behind them.
fn named<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(String, T)>> {
    prop::collection::vec((name(), value), 0..5).prop_map(|fields| {
        let numbered = |(number, (name, value))| (format!("{name}{number}"), value);
        fields.into_iter().enumerate().map(numbered).collect()
    })
}

fn dtype() -> impl Strategy<Value = DType> {
    let simple = prop::sample::select(&SIMPLE[..]).prop_map(|name| name.parse().unwrap());
    simple.prop_recursive(4, 24, 5, |inner: BoxedStrategy<DType>| {
        prop_oneof![
            2 => named(inner.clone()).prop_map(|fields| DType::structure(fields).unwrap()),
            2 => named(inner.clone()).prop_map(|fields| DType::aligned(fields).unwrap()),
            2 => named((inner.clone(), 0..20_usize, any::<bool>())).prop_map(padded),
            1 => (inner, prop::collection::vec(0..4_usize, 1..4)).prop_map(|(base, shape)| {
                DType::array_of(base.clone(), &shape).unwrap_or(base)
            }),
        ]
    })
}

/// Fields with gaps in front of them, and one behind, some with a title.
fn padded(fields: Vec<(String, (DType, usize, bool))>) -> DType {
    let mut end = 0;
    let place = |(name, (dtype, gap, is_titled)): (String, (DType, usize, bool))| {
        let field = Field::new(name.clone(), dtype).at(end + gap);
        end = field.end();
        if is_titled { field.titled(format!("of {name}")) } else { field }
    };
    let fields: Vec<_> = fields.into_iter().map(place).collect();
    DType::structure_at(fields, end + 3).unwrap()
}

fn header() -> impl Strategy<Value = Header> {
    let order = prop::sample::select(&[Order::C, Order::Fortran][..]);
    let len = prop_oneof![0..5_usize, 0..5000_usize];
    let version = prop::sample::select(&[None, Some(Version::V2), Some(Version::V3)][..]);
    (dtype(), order, prop::collection::vec(len, 0..4), version).prop_filter_map(
        "too large",
        |(dtype, order, shape, version)| {
            let header = Header::new(dtype, order, &shape).ok()?;
            Some(match version {
                Some(version) => header.clone().with_version(version).unwrap_or(header),
                None => header,
            })
        },
    )
}

fn unlimited() -> ProptestConfig {
    ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() }
}

/// What was understood is understood again when it is written.
fn check(bytes: &[u8]) {
    let Ok(header) = Header::parse(bytes, DEFAULT_LIMIT) else { return };
    if let Ok(written) = header.to_bytes() {
        assert_eq!(Header::parse(&written, DEFAULT_LIMIT).unwrap(), header);
    }
    let made = Header::new(header.dtype().clone(), header.order(), header.shape()).unwrap();
    let again = Header::parse(&made.to_bytes().unwrap(), usize::MAX).unwrap();
    assert_eq!(again, made);
    assert_eq!(again.data_len(), header.data_len());
}

proptest! {
    #![proptest_config(unlimited())]

    #[test]
    fn a_data_type_is_read_as_what_it_prints(dtype in dtype()) {
        let descr = dtype.descr().unwrap();
        let again = DType::from_descr(&descr).unwrap();
        prop_assert_eq!(&again, &dtype);
        prop_assert_eq!(again.descr().unwrap(), descr);
    }

    #[test]
    fn bytes_swapped_twice_are_as_they_were(dtype in dtype()) {
        let little = dtype.with_byte_order(ByteOrder::Little);
        let swapped = little.with_byte_order(ByteOrder::Big);
        prop_assert_eq!(swapped.with_byte_order(ByteOrder::Little), little);
        prop_assert_eq!(swapped.itemsize(), dtype.itemsize());
        prop_assert_eq!(swapped.alignment(), dtype.alignment());
        prop_assert!(dtype.with_byte_order(ByteOrder::NATIVE).is_native());
        prop_assert_eq!(&dtype.with_byte_order(ByteOrder::NotApplicable), &dtype);
    }

    #[test]
    fn fields_laid_out_as_c_does_are_aligned_and_do_not_overlap(fields in named(dtype())) {
        let dtype = DType::aligned(fields).unwrap();
        let mut end = 0;
        for field in dtype.fields().unwrap() {
            let alignment = field.dtype().alignment();
            prop_assert_eq!(field.offset() % alignment, 0);
            prop_assert!(field.offset() >= end && field.offset() < end + alignment);
            prop_assert_eq!(dtype.alignment() % alignment, 0);
            end = field.end();
        }
        prop_assert!(dtype.itemsize() >= end && dtype.itemsize() < end + dtype.alignment());
        prop_assert_eq!(dtype.itemsize() % dtype.alignment(), 0);
    }

    #[test]
    fn a_header_is_read_as_what_was_written(header in header()) {
        let bytes = header.to_bytes().unwrap();
        prop_assert_eq!(bytes.len(), header.data_start());
        prop_assert_eq!(bytes.len() % 64, 0);
        prop_assert_eq!(Header::parse(&bytes, usize::MAX).unwrap(), header);
    }

    #[test]
    fn a_header_with_bytes_changed_is_refused_or_still_one(
        header in header(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = header.to_bytes().unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn no_text_makes_anything_panic(text in any::<String>(), bytes: Vec<u8>) {
        let _ = (text.parse::<DType>().is_ok(), DType::from_descr(&text).is_ok());
        let mut file = b"\x93NUMPY\x01\x00\xff\x00".to_vec();
        file.extend(&bytes);
        file.resize(265, b' ');
        check(&bytes);
        check(&file);
        let read_at = |offset: u64, out: &mut [u8]| {
            out.copy_from_slice(&bytes[usize::try_from(offset).unwrap()..][..out.len()]);
            Ok(())
        };
        prop_assert!(Directory::read(&read_at, bytes.len().try_into().unwrap()).is_err());
    }

    #[test]
    fn no_text_of_the_right_letters_makes_anything_panic(
        text in "[<>=|(){}\\[\\], '\"0-9LifubcSUVMmaO?:x_nsD/\\\\\\-+#]{0,40}",
    ) {
        let _ = text.parse::<DType>().is_ok();
        if let Ok(dtype) = DType::from_descr(&text) {
            prop_assert_eq!(DType::from_descr(&dtype.descr().unwrap()).unwrap(), dtype);
        }
    }
}

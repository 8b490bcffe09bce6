use std::collections::HashSet;

use super::*;
use crate::ErrorKind;

fn dtype(text: &str) -> DType {
    text.parse().unwrap()
}

#[test]
fn simple_types_are_those_of_their_letters() {
    let all = [
        (DType::BOOL, "?"),
        (DType::I1, "b"),
        (DType::I2, "h"),
        (DType::I4, "i"),
        (DType::I8, "q"),
        (DType::U1, "B"),
        (DType::U2, "H"),
        (DType::U4, "I"),
        (DType::U8, "Q"),
        (DType::F2, "e"),
        (DType::F4, "f"),
        (DType::F8, "d"),
        (DType::F16, "g"),
        (DType::C8, "F"),
        (DType::C16, "D"),
        (DType::C32, "G"),
    ];
    for (made, letter) in &all {
        assert_eq!(*made, dtype(letter));
        assert!(made.is_native());
    }
    assert_eq!(all.iter().map(|(made, _)| made).collect::<HashSet<_>>().len(), all.len());
}

#[test]
fn texts_and_bytes_have_their_lengths() {
    assert_eq!(DType::bytes(5).unwrap(), dtype("S5"));
    assert_eq!(DType::text(5).unwrap(), dtype("=U5"));
    assert_eq!(DType::void(5).unwrap(), dtype("V5"));
    for made in [DType::bytes, DType::void] {
        assert_eq!(made(DType::MAX_ITEMSIZE).unwrap().itemsize(), DType::MAX_ITEMSIZE);
    }
    for made in [DType::bytes, DType::text, DType::void] {
        for len in [DType::MAX_ITEMSIZE + 1, usize::MAX / 4 + 1, usize::MAX] {
            let error = made(len).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::DTypeTooLarge { .. }), "{len}");
        }
    }
}

#[test]
fn sums_and_products_of_sizes_do_not_overflow() {
    let half = DType::void(DType::MAX_ITEMSIZE / 2 + 1).unwrap();
    let is_too_large = |made: crate::Result<DType>| {
        matches!(made.unwrap_err().kind(), ErrorKind::DTypeTooLarge { .. })
    };
    assert!(is_too_large(DType::structure([("a", half.clone()), ("b", half.clone())])));
    assert!(is_too_large(DType::aligned([("a", half.clone()), ("b", half.clone())])));
    assert!(is_too_large(DType::structure_at([], usize::MAX)));
    assert!(is_too_large(DType::array_of(half, &[2])));
    assert!(is_too_large(DType::array_of(DType::F4, &[1 << 16, 1 << 16, 1 << 16, 1 << 16])));
    let beyond = DType::structure_at([Field::new("a", DType::F4).at(usize::MAX)], 8).unwrap_err();
    assert!(matches!(beyond.kind(), ErrorKind::FieldBeyondEnd { .. }));
}

#[test]
fn types_are_equal_where_numpy_says_so() {
    let aligned = DType::aligned([("a", DType::U1), ("b", DType::F4)]).unwrap();
    let fields = [Field::new("a", DType::U1), Field::new("b", DType::F4).at(4)];
    let placed = DType::structure_at(fields, 8).unwrap();
    assert_eq!(aligned, placed);
    assert_eq!(HashSet::from([aligned.clone(), placed.clone()]).len(), 1);
    assert!(aligned.fields().unwrap().is_aligned() && !placed.fields().unwrap().is_aligned());
    assert_eq!((aligned.alignment(), placed.alignment()), (4, 1));

    let titled = DType::structure_at([Field::new("a", DType::U1).titled("t")], 1).unwrap();
    let plain = DType::structure([("a", DType::U1)]).unwrap();
    assert_ne!(titled, plain);
    assert_ne!(plain, DType::structure([("b", DType::U1)]).unwrap());
    assert_ne!(plain, DType::U1);
    assert_ne!(dtype("<i2"), dtype(">i2"));
}

#[test]
fn a_field_is_found_by_its_name_and_by_its_title() {
    let fields = [Field::new("a", DType::U1).titled("t"), Field::new("b", DType::F4).at(1)];
    let made = DType::structure_at(fields, 5).unwrap();
    assert_eq!(made.field("t"), made.field("a"));
    assert_eq!(made.field("b").unwrap().offset(), 1);
    assert!(made.field("c").is_none() && DType::F4.field("a").is_none());
    assert_eq!(made.fields().unwrap().into_iter().count(), 2);
}

#[test]
fn fields_without_a_name_get_one_after_their_place() {
    let made = DType::structure([("", DType::U1), ("x", DType::U1), ("", DType::U1)]).unwrap();
    let names: Vec<_> = made.fields().unwrap().iter().map(Field::name).collect();
    assert_eq!(names, ["f0", "x", "f2"]);
    assert!(DType::structure([("", DType::U1), ("f0", DType::U1)]).is_err());
}

#[test]
fn a_structure_renamed_keeps_all_but_the_names() {
    let made = DType::aligned([("a", DType::U1), ("b", DType::F4)]).unwrap();
    let renamed = made.renamed(["x", "y"]).unwrap();
    assert_eq!(renamed.alignment(), 4);
    assert_eq!(renamed.field("y").unwrap().offset(), 4);
    assert_eq!(renamed.renamed(["a", "b"]).unwrap(), made);
    assert!(made.renamed(["x"]).is_err() && made.renamed(["x", "x"]).is_err());
    assert!(DType::F4.renamed([""; 0]).is_err());
}

#[test]
fn a_small_array_without_dimensions_is_its_element() {
    assert_eq!(DType::array_of(DType::F4, &[]).unwrap(), DType::F4);
    assert!(DType::array_of(DType::F4, &[1; 64]).is_ok());
    assert!(DType::array_of(DType::F4, &[1; 65]).is_err());
    assert_eq!(DType::array_of(DType::F4, &[0, 5]).unwrap().itemsize(), 0);
}

#[test]
fn times_have_units() {
    let unit = |text: &str| match dtype(text).kind() {
        DTypeKind::DateTime(unit) | DTypeKind::TimeDelta(unit) => *unit,
        other => panic!("{other:?}"),
    };
    assert_eq!(unit("M8"), Unit::GENERIC);
    assert_eq!(unit("m8[ns]"), Unit::new(TimeUnit::Nanoseconds));
    assert_eq!(unit("M8[25s]").multiple().get(), 25);
    assert_eq!(unit("M8[D/24]"), Unit::new(TimeUnit::Hours));
    assert_eq!(Unit::GENERIC.times(5).unwrap(), Unit::GENERIC);
    assert_eq!(unit("M8[25s]").to_string(), "[25s]");
}

#[test]
fn types_print_as_numpy_prints_them() {
    let fields = [Field::new("a", dtype("<f8")).titled("t"), Field::new("b", dtype("<f4")).at(4)];
    let overlapping = DType::structure_at(fields, 8).unwrap();
    let nested = DType::structure([("x", overlapping.clone())]).unwrap();
    for (made, expected) in [
        (dtype(">f4"), ">f4"),
        (dtype("u1,<f4"), "[('f0', '|u1'), ('f1', '<f4')]"),
        (dtype("(2,3)<f4"), "('<f4', (2, 3))"),
        (
            overlapping,
            "{'names': ['a', 'b'], 'formats': ['<f8', '<f4'], 'offsets': [0, 4], \
             'titles': ['t', None], 'itemsize': 8}",
        ),
    ] {
        assert_eq!(made.to_string(), expected);
        assert_eq!(format!("{made:?}"), format!("DType({expected})"));
    }
    assert!(nested.to_string().starts_with("{'names': ['x'], 'formats': [{'names'"));
    assert_eq!(format!("{:>6}|", dtype(">f4")), "   >f4|");
}

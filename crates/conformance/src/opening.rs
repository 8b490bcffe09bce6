//! Laws of openers and their sources.

use memmap_core::{ErrorKind, Identity, Mode, Opener, widen};

use crate::subject::Opened;
use crate::support::{all_of, sample};

pub fn the_whole_source_is_opened<O: Opener, S: AsRef<O::Source>>(make: &impl Fn(&[u8]) -> (O, S)) {
    for len in [0, 1, 4_097, 70_000] {
        let bytes = sample(len);
        let source = Opened::of(make(&bytes));
        let map = source.open(source.options()).unwrap();
        assert_eq!((map.len(), map.offset(), map.mode()), (widen(len), 0, Mode::Read));
        assert!(all_of(&map) == bytes);
    }
}

pub fn any_offset_and_length_open_that_part<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let bytes = sample(10_000);
    let source = Opened::of(make(&bytes));
    for (offset, len) in [(0, 10_000), (1, 9_999), (4_096, 17), (5_000, 5_000), (77, 0)] {
        let part = source.options().offset(widen(offset)).len(widen(len));
        let map = source.open(part).unwrap();
        assert_eq!((map.offset(), map.len()), (widen(offset), widen(len)));
        assert!(all_of(&map) == bytes[offset..offset + len], "{len} bytes at {offset}");
        let rest = source.open(source.options().offset(widen(offset))).unwrap();
        assert!(all_of(&rest) == bytes[offset..], "from {offset} on");
    }
}

pub fn the_end_of_the_source_is_a_valid_offset<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    for len in [0, 10] {
        let source = Opened::of(make(&sample(len)));
        let map = source.open(source.options().offset(widen(len))).unwrap();
        assert!(map.is_empty());
        assert_eq!(map.read_at(0, 0).unwrap(), []);
        assert!(map.read_at(0, 1).is_err());
    }
}

pub fn an_offset_beyond_the_end_is_refused<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let source = Opened::of(make(&sample(10)));
    for offset in [11, 4_096, u64::MAX] {
        let error = source.open(source.options().offset(offset)).unwrap_err();
        let &ErrorKind::BeyondEnd { offset: at, source_len, .. } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((at, source_len), (offset, 10));
    }
}

pub fn a_length_beyond_the_end_is_refused<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let source = Opened::of(make(&sample(10)));
    for (offset, len) in [(0, 11), (4, 7), (10, 1), (4, u64::MAX)] {
        let error = source.open(source.options().offset(offset).len(len)).unwrap_err();
        let &ErrorKind::BeyondEnd { offset: at, len: asked, source_len } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((at, asked, source_len), (offset, len, 10));
    }
}

pub fn the_mode_is_the_one_asked_for_or_refused<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    // `Create` is left out, as it may empty the source.
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let source = Opened::of(make(&sample(10)));
        match source.open(source.options().mode(mode)) {
            Ok(map) => assert_eq!(map.mode(), mode),
            Err(error) if mode == Mode::Read => panic!("{error:?}"),
            Err(error) => {
                assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::Unsupported { .. }
                            | ErrorKind::PermissionDenied { .. }
                            | ErrorKind::WriteProtected { .. }
                    ),
                    "{error:?}"
                );
            }
        }
    }
}

pub fn maps_and_errors_name_the_source<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let source = Opened::of(make(&sample(10)));
    let origin = source.opener().origin(source.source());
    assert_eq!(source.opener().origin(source.source()), origin, "it has two names");
    let map = source.open(source.options()).unwrap();
    assert_eq!(map.origin(), Some(&origin));
    assert_eq!(map.read_at(9, 2).unwrap_err().origin(), Some(&origin));
    let refused = source.open(source.options().offset(11)).unwrap_err();
    assert_eq!(refused.origin(), Some(&origin));
    assert!(refused.to_string().contains(&origin.to_string()), "{refused}");
    assert_eq!(map.erase().origin(), Some(&origin));
}

pub fn the_same_source_opens_twice<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let bytes = sample(10_000);
    let source = Opened::of(make(&bytes));
    let (first, second) =
        (source.open(source.options()).unwrap(), source.open(source.options()).unwrap());
    assert!(all_of(&first) == bytes && all_of(&second) == bytes);
    assert_eq!(first.identity(), second.identity());
    drop(first);
    assert!(all_of(&second) == bytes);
}

pub fn an_identity_opens_what_it_names<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let bytes = sample(10_000);
    let source = Opened::of(make(&bytes));
    let seen = source.open(source.options()).unwrap().identity();
    if let Some(seen) = seen.clone() {
        let parsed: Identity = seen.to_string().parse().unwrap();
        assert_eq!(parsed, seen);
        let again = source.open(source.options().identity(parsed)).unwrap();
        assert!(all_of(&again) == bytes);
    }
    let other = Identity::from("a version that never was");
    let error = source.open(source.options().identity(other.clone())).unwrap_err();
    let ErrorKind::Replaced { was, now, .. } = error.kind() else { panic!("{error:?}") };
    // A source that is asked for one version alone may not know which one it has.
    assert!(*was == other && (now.is_none() || *now == seen), "{error:?}");
}

pub fn an_explanation_says_how_long_the_source_is<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let source = Opened::of(make(&sample(10_000)));
    let explanation = source.opener().explain(source.source()).unwrap();
    assert_eq!(explanation.len, Some(10_000));
    assert!(explanation.kind.is_mappable());
    assert_eq!(explanation.origin, source.opener().origin(source.source()));
    assert!(explanation.to_string().contains("10000 bytes"), "{explanation}");
}

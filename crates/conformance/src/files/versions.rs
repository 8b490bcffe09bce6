//! Files that are made if they are missing, and versions of files.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use memmap_core::{Backend, ErrorKind, Mode, Op};

use super::{Options, file};
use crate::support::{names_in, sample};

pub fn a_missing_file_is_made_once_and_then_opened<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    let path = dir.join("made_once");
    let open = || options().mode(Mode::ReadWrite).create_missing(10_000);
    let mut map = open().open(&path).unwrap();
    assert_eq!((map.len(), map.mode(), map.path()), (10_000, Mode::ReadWrite, Some(&*path)));
    assert!(map.read_at(0, 10_000).unwrap().iter().all(|&byte| byte == 0));
    map.write_at(4_095, b"kept").unwrap();
    map.close().unwrap();
    // It exists now, so another length and head make no difference.
    let map = options().mode(Mode::ReadWrite).create_missing(7).head(*b"other").open(&path);
    let map = map.unwrap();
    assert_eq!((map.len(), map.read_at(4_095, 4).unwrap()), (10_000, b"kept".to_vec()));
    assert_eq!(map.read_at(0, 5).unwrap(), [0; 5]);
    // As without the option, a file that is too short is an error, unless it is to be extended.
    let error = open().len(10_001).open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BeyondEnd { .. }), "{error:?}");
    assert_eq!(open().len(10_001).extend(true).open(&path).unwrap().len(), 10_001);
}

pub fn what_is_made_if_missing_has_its_head_and_length<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    let path = dir.join("made_with_a_head");
    let open = || options().mode(Mode::ReadWrite).create_missing(100).head(*b"HEAD");
    let map = open().offset(2).len(50).open(&path).unwrap();
    assert_eq!((map.offset(), map.len()), (2, 50));
    drop(map);
    assert_eq!(open().offset(2).open(&path).unwrap().read_at(0, 3).unwrap(), b"AD\0");
    let mut bytes = vec![0; 100];
    bytes[..4].copy_from_slice(b"HEAD");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    fs::remove_file(&path).unwrap();
    let map = open().offset(90).len(20).extend(true).open(&path).unwrap();
    assert_eq!((map.len(), fs::metadata(&path).unwrap().len()), (20, 110));
    drop(map);
    fs::remove_file(&path).unwrap();
    assert!(options().mode(Mode::ReadWrite).create_missing(0).open(&path).unwrap().is_empty());
}

pub fn a_missing_file_that_cannot_be_as_asked_is_not_made<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    let inside = dir.join("missing_and_not_made");
    fs::create_dir(&inside).unwrap();
    let path = inside.join("file");
    let open = || options().mode(Mode::ReadWrite).create_missing(100);
    for (wrong, op) in [
        (open().mode(Mode::Read), Op::Open),
        (open().mode(Mode::CopyOnWrite), Op::Open),
        (open().mode(Mode::Create).len(100), Op::Open),
        (open().head([7; 101]), Op::Open),
        (open().identity("a version".into()), Op::Open),
        (open().offset(101), Op::Create),
        (open().offset(50).len(51), Op::Create),
    ] {
        let error = wrong.open(&path).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::InvalidOptions { .. } | ErrorKind::BeyondEnd { .. }),
            "{error:?}"
        );
        assert_eq!((error.op(), error.path()), (op, Some(&*path)));
        assert_eq!(names_in(&inside), [""; 0]);
    }
    let error = open().open(inside.join("no/file")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::CannotCreate { .. }), "{error:?}");
    let error = open().open(&inside).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { .. }), "{error:?}");
}

pub fn openers_that_start_together_all_map_one_file<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    let inside = dir.join("together");
    fs::create_dir(&inside).unwrap();
    for round in 0..20_u8 {
        let path = inside.join(format!("round-{round}"));
        let all: Vec<_> = (0..4_u8)
            .map(|index| options().mode(Mode::ReadWrite).create_missing(4).head([index + 1; 4]))
            .collect();
        let heads: Vec<Vec<u8>> = thread::scope(|scope| {
            let openers: Vec<_> = all
                .into_iter()
                .map(|options| scope.spawn(|| options.open(&path).unwrap().read_at(0, 4).unwrap()))
                .collect();
            openers.into_iter().map(|opener| opener.join().unwrap()).collect()
        });
        let made = fs::read(&path).unwrap();
        assert!(made[0] > 0 && made == [made[0]; 4], "{made:?}");
        // The fake copies the file before its head is written.
        let is_whole = |head: &Vec<u8>| *head == made || (B::NAME == "fake" && *head == [0; 4]);
        assert!(heads.iter().all(is_whole), "{heads:?}, {made:?}");
    }
    assert_eq!(names_in(&inside).len(), 20);
}

pub fn an_identity_changes_with_the_file_and_not_without<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    let path = file(dir, "identity", &sample(5_000));
    let map = options().open(&path).unwrap();
    let seen = map.identity().unwrap();
    assert_eq!(map.read_at(0, 5_000).unwrap().len(), 5_000);
    assert_eq!(map.identity().unwrap(), seen);
    let part = options().offset(17).len(1_000).small_file(u64::MAX).open(&path).unwrap();
    assert_eq!(part.identity().unwrap(), seen);
    drop(part);
    assert_eq!(options().identity(seen.clone()).open(&path).unwrap().identity().unwrap(), seen);
    drop(map);
    let longer = {
        fs::write(&path, sample(6_000)).unwrap();
        options().open(&path).unwrap().identity().unwrap()
    };
    assert_ne!(longer, seen);
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let error = options().mode(mode).identity(seen.clone()).open(&path).unwrap_err();
        let ErrorKind::Replaced { was, now, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!((was, now.as_ref()), (&seen, Some(&longer)));
        assert_eq!((error.op(), error.path()), (Op::Open, Some(&*path)));
    }
    let read = options().identity(seen.clone()).small_file(u64::MAX).open(&path).unwrap_err();
    assert!(matches!(read.kind(), ErrorKind::Replaced { .. }), "{read:?}");
    // Other bytes of the same length are another version, as soon as the clock of the system goes on.
    let mut tries = 0;
    while options().open(&path).unwrap().identity().unwrap() == longer {
        assert!(tries < 10_000, "it is not noticed");
        tries += 1;
        thread::sleep(Duration::from_millis(1));
        fs::write(&path, vec![7; 6_000]).unwrap();
    }
    let longer = options().open(&path).unwrap().identity().unwrap();
    // Another file of the same length is another source.
    fs::remove_file(&path).unwrap();
    let other = file(dir, "identity_of_another", &sample(6_000));
    assert_ne!(options().open(&other).unwrap().identity().unwrap(), longer);
}

use memmap_array::npy::{DEFAULT_LIMIT, Header};
use memmap_array::npz::Directory;
use memmap_array::{ErrorKind, Result};

use super::literal::unescaped;

const ARCHIVES: &[u8] = include_bytes!("archives.bin");
const TABLE: &str = include_str!("archives.txt");

fn directory(archive: &[u8]) -> Result<Directory> {
    let read_at = |offset: u64, out: &mut [u8]| {
        let start = usize::try_from(offset).unwrap();
        out.copy_from_slice(&archive[start..][..out.len()]);
        Ok(())
    };
    Directory::read(&read_at, archive.len().try_into().unwrap())
}

fn archive(name: &str) -> &'static [u8] {
    let row = TABLE.lines().find(|row| row.split('\t').next() == Some(name)).unwrap();
    let numbers: Vec<usize> =
        row.split('\t').skip(1).take(2).map(|it| it.parse().unwrap()).collect();
    &ARCHIVES[numbers[0]..][..numbers[1]]
}

#[test]
fn members_are_where_python_finds_them() {
    for row in TABLE.lines() {
        let columns: Vec<_> = row.split('\t').collect();
        let found = directory(archive(columns[0])).unwrap();
        assert_eq!(found.members().len(), columns[3..].len() / 4, "{row}");
        for (member, expected) in found.members().iter().zip(columns[3..].chunks(4)) {
            let [name, how, start, len] = expected else { panic!("{row}") };
            assert_eq!(member.file_name(), unescaped(name), "{row}");
            assert_eq!(member.len_bytes().to_string(), *len, "{row}");
            assert_eq!(member.is_encrypted(), *how == "encrypted");
            match (member.range(), *how) {
                (Ok(range), "stored") => {
                    assert_eq!(range.start.to_string(), *start, "{row}");
                    assert_eq!((range.end - range.start).to_string(), *len, "{row}");
                }
                (Err(error), "deflated") => {
                    assert!(matches!(error.kind(), ErrorKind::MemberCompressed { .. }), "{error}");
                }
                (Err(error), "encrypted") => {
                    assert!(matches!(error.kind(), ErrorKind::MemberEncrypted { .. }), "{error}");
                }
                (other, _) => panic!("{row}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_stored_member_of_numpys_starts_with_its_header() {
    let archive = archive("savez");
    let directory = directory(archive).unwrap();
    for (name, descr, shape) in
        [("a", "'<f4'", &[3][..]), ("b.c", "'>i2'", &[2, 2]), ("empty", "'<f8'", &[0, 3])]
    {
        let range = directory.member(name).unwrap().range().unwrap();
        let (start, end) = (range.start.try_into().unwrap(), range.end.try_into().unwrap());
        let bytes: &[u8] = &archive[start..end];
        let header = Header::parse(bytes, DEFAULT_LIMIT).unwrap();
        assert_eq!((header.dtype().descr().unwrap(), header.shape()), (descr.to_owned(), shape));
        assert_eq!(header.data_start() + usize::try_from(header.data_len()).unwrap(), bytes.len());
    }
}

#[test]
fn of_two_members_of_a_name_the_last_counts_and_the_name_of_a_file_goes_first() {
    let directory = directory(archive("twice")).unwrap();
    let len = |name| directory.member(name).unwrap().len_bytes();
    assert_eq!(len("a"), 3); // the file that is called so
    assert_eq!(len("a.npy"), 2 * len("b"));
    let error = directory.member("c").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoMember { names, .. } if names.len() == 4));
}

#[test]
fn an_archive_cut_anywhere_is_refused_or_its_members_lie_within_it() {
    for row in TABLE.lines() {
        let whole = archive(row.split('\t').next().unwrap());
        for len in 0..whole.len() {
            check(&whole[..len]);
        }
    }
}

#[test]
fn an_archive_with_any_byte_changed_is_refused_or_its_members_lie_within_it() {
    for row in TABLE.lines() {
        let mut changed = archive(row.split('\t').next().unwrap()).to_vec();
        for at in 0..changed.len() {
            for flip in [0x01, 0x80, 0xff] {
                changed[at] ^= flip;
                check(&changed);
                changed[at] ^= flip;
            }
        }
    }
}

/// Reading panics where it is asked for what is not there.
fn check(archive: &[u8]) {
    let Ok(directory) = directory(archive) else { return };
    for range in directory.members().iter().filter_map(|member| member.range().ok()) {
        assert!(range.start <= range.end && range.end <= archive.len().try_into().unwrap());
    }
}

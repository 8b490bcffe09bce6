use std::cell::Cell;

use super::*;
use crate::{Error, ErrorKind, Result};

/// A file of any length, which is all zeros but for what was put somewhere.
struct Sparse {
    len: u64,
    parts: Vec<(u64, Vec<u8>)>,
}

impl Sparse {
    fn read(&self) -> Result<Directory> {
        let asked = Cell::new(0);
        let read_at = |offset: u64, out: &mut [u8]| {
            let end = offset + u64::try_from(out.len()).unwrap();
            assert!(end <= self.len, "{offset}..{end} of {}", self.len);
            asked.set(asked.get() + out.len());
            for (at, part) in &self.parts {
                for (at, byte) in (*at..).zip(part) {
                    if (offset..end).contains(&at) {
                        out[usize::try_from(at - offset).unwrap()] = *byte;
                    }
                }
            }
            Ok(())
        };
        let directory = Directory::read(&read_at, self.len);
        assert!(asked.get() < 100_000, "{} bytes were asked for", asked.get());
        directory
    }
}

/// The end of an archive, whose directory is so long and lies there.
fn end(len: u32, offset: u32) -> Vec<u8> {
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend(len.to_le_bytes());
    end.extend(offset.to_le_bytes());
    end.extend([0, 0]);
    end
}

/// An entry of the directory for a stored file `a` of this length, with its header at this offset.
fn entry(len: u32, local_at: u32) -> Vec<u8> {
    let mut entry = b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    entry.extend([len.to_le_bytes(), len.to_le_bytes()].concat());
    entry.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    entry.extend(local_at.to_le_bytes());
    entry.extend(b"a");
    entry
}

fn local(len: u32) -> Vec<u8> {
    let mut local = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    local.extend([len.to_le_bytes(), len.to_le_bytes()].concat());
    local.extend([1, 0, 0, 0]);
    local.extend(b"a");
    local
}

/// An archive of one or more entries, with headers at the start of the file.
fn archive(entries: &[Vec<u8>], local: Vec<u8>) -> Sparse {
    let directory = entries.concat();
    let len = u32::try_from(directory.len()).unwrap();
    let parts = vec![(0, local), (1000, directory), (1000 + u64::from(len), end(len, 1000))];
    Sparse { len: 1000 + u64::from(len) + 22, parts }
}

fn refused(file: &Sparse) -> Error {
    file.read().unwrap_err()
}

#[test]
fn a_directory_that_is_said_to_be_longer_than_the_file_is_damage() {
    for (len, offset) in [(u32::MAX - 1, 0), (500, 0), (0, 5000), (u32::MAX, 0), (0, u32::MAX)] {
        let file = Sparse { len: 122, parts: vec![(100, end(len, offset))] };
        let error = refused(&file);
        assert!(matches!(error.kind(), ErrorKind::ZipDamaged { .. }), "{len} {offset}: {error}");
    }
}

#[test]
fn a_directory_beyond_the_limit_is_refused_before_it_is_read() {
    let len = 100 << 20;
    let file = Sparse {
        len: 1 << 40,
        parts: vec![((1 << 40) - 22, end(len, 50)), ((1 << 40) - 22 - u64::from(len), entry(1, 0))],
    };
    let error = refused(&file);
    let ErrorKind::ZipDirectoryTooLong { len: found, .. } = *error.kind() else {
        panic!("{error}")
    };
    assert_eq!(found, u64::from(len));
}

#[test]
fn what_is_no_archive_is_refused() {
    for len in [0, 1, 21, 22, 23, 1000, 70_000, 1 << 50, u64::MAX] {
        let error = refused(&Sparse { len, parts: vec![] });
        assert!(matches!(error.kind(), ErrorKind::NotZip), "{len}: {error}");
    }
}

#[test]
fn an_end_within_a_comment_is_not_the_end() {
    let mut file = archive(&[entry(4, 0)], local(4));
    let at = file.len - 2;
    // Only what its own comment brings to the end of the file can be one.
    let comment = [end(7, 7).as_slice(), b"-"].concat();
    file.parts.push((at, u16::try_from(comment.len()).unwrap().to_le_bytes().to_vec()));
    file.len += u64::try_from(comment.len()).unwrap();
    file.parts.push((at + 2, comment));
    let directory = file.read();
    // The last that fits is taken, as by Python; its directory is not there.
    assert!(matches!(directory.unwrap_err().kind(), ErrorKind::ZipDamaged { .. }));
    let (_, comment) = file.parts.last_mut().unwrap();
    comment[20] = 200;
    assert_eq!(file.read().unwrap().member("a").unwrap().range().unwrap(), 31..35);
}

#[test]
fn members_may_share_their_bytes_but_not_leave_the_file() {
    let file = archive(&[entry(4, 0), entry(4, 0)], local(4));
    let directory = file.read().unwrap();
    let ranges: Vec<_> = directory.members().iter().map(|it| it.range().unwrap()).collect();
    assert_eq!(ranges, [31..35, 31..35]);

    for (len, local_at) in [(970, 0), (u32::MAX - 1, 0), (4, 999), (4, 5000), (4, 3), (5, 0)] {
        let declared = if len == 5 { 4 } else { len };
        let directory = archive(&[entry(len, local_at)], local(declared)).read().unwrap();
        let error = directory.members()[0].range().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::MemberDamaged { .. }), "{len} {local_at}");
    }
    assert_eq!(
        archive(&[entry(969, 0)], local(969)).read().unwrap().members()[0].range().unwrap(),
        31..1000
    );
}

#[test]
fn long_numbers_that_are_missing_are_damage() {
    let error = refused(&archive(&[entry(u32::MAX, 0)], local(4)));
    assert!(matches!(error.kind(), ErrorKind::ZipDamaged { offset: 1000, .. }), "{error}");
}

#[test]
fn an_error_of_reading_is_passed_on() {
    let fails = |_: u64, _: &mut [u8]| Err(ErrorKind::ShapeRequired.into());
    let error = Directory::read(&fails, 100).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ShapeRequired), "{error}");
}

//! Descriptors that others close, as daemons do, and whose numbers name other files then.

use std::fs::{self, File};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::ways::{self, Way};
use super::{MIB, PAGE, bytes, stage, touch, touching};

const LEN: usize = 4 * MIB;

/// Closes all descriptors from a number on, as a careless daemon does.
fn close_from(first: u32) {
    // SAFETY: the caller uses no descriptor afterwards that it had before.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    assert_eq!(answer, 0);
}

/// Files of other bytes, which have the numbers that are free.
fn strangers(stage: &Path) -> Vec<i32> {
    let path = stage.join("stranger");
    fs::write(&path, vec![b'B'; LEN]).unwrap();
    (0..10)
        .map(|_| File::options().read(true).write(true).open(&path).unwrap().into_raw_fd())
        .collect()
}

/// Ways that keep no descriptors of their own end the process, with this line.
const LINE: &str = "another file has the descriptor of a borrowed map";

#[test]
fn closed_descriptors_are_not_missed_or_end_the_process() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        way.is_taken();
        assert_eq!(touch(&frozen, 0), expected[0]);
        close_from(3);
        let strangers = strangers(path.parent().unwrap());
        assert_eq!(strangers[0], 3);
        let right = frozen[..] == expected[..];
        let stranger = fs::read(path.parent().unwrap().join("stranger")).unwrap();
        let unchanged = stranger.iter().all(|&byte| byte == b'B');
        ways::end_here(i32::from(!(right && unchanged)));
    };
    let test = "descriptors::closed_descriptors_are_not_missed_or_end_the_process";
    ways::each(test, &path, deed, |way, ended| match way {
        Way::Thread => ended.well(),
        _ => ended.by(libc::SIGABRT, LINE),
    });
    drop(stage);
}

/// The number of an inode may name another file as soon as it is free. It is not, as long as the map exists.
#[test]
fn another_file_with_the_descriptor_and_the_inode_is_not_read() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let stage = path.parent().unwrap();
        let (gone, other) = (stage.join("gone"), stage.join("other"));
        // Others may be faster, so that it takes some turns.
        for _ in 0..20 {
            fs::write(&gone, bytes(LEN)).unwrap();
            let inode = fs::metadata(&gone).unwrap().ino();
            let frozen = ManuallyDrop::new(touching(&gone));
            fs::remove_file(&gone).unwrap();
            close_from(3);
            fs::write(&other, vec![b'B'; LEN]).unwrap();
            let file = File::options().read(true).open(&other).unwrap();
            let is_it = file.metadata().unwrap().ino() == inode;
            fs::remove_file(&other).unwrap();
            if is_it {
                // By every number that the file may have had.
                for number in 4..20 {
                    // SAFETY: numbers; what they named was closed before.
                    unsafe { libc::dup2(file.as_raw_fd(), number) };
                }
                let right = frozen[..] == bytes(LEN)[..];
                ways::end_here(i32::from(!right));
            }
        }
        println!("no other file has the number of the inode");
    };
    let test = "descriptors::another_file_with_the_descriptor_and_the_inode_is_not_read";
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

/// Runs `deed` while these descriptors of this process are closed.
fn without(closed: &[i32], deed: impl FnOnce()) {
    let kept: Vec<_> = closed
        .iter()
        .map(|&number| {
            // SAFETY: numbers; a copy of a descriptor.
            let copy = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 100) };
            assert!(copy >= 100);
            // SAFETY: the number is given back below.
            assert_eq!(unsafe { libc::close(number) }, 0);
            (number, copy)
        })
        .collect();
    deed();
    for (number, copy) in kept {
        // SAFETY: numbers: what it was before.
        assert_eq!(unsafe { libc::dup2(copy, number) }, number);
        // SAFETY: the copy made above.
        assert_eq!(unsafe { libc::close(copy) }, 0);
    }
}

#[test]
fn the_numbers_of_the_standard_streams_may_be_the_files() {
    let (stage, path) = stage(LEN);
    let deed = |way: Way, path: &Path| {
        let expected = bytes(LEN);
        for closed in [&[0][..], &[1], &[2], &[0, 1], &[1, 2], &[0, 2], &[0, 1, 2]] {
            without(closed, || {
                let frozen = touching(path);
                way.is_taken();
                let read = frozen.read_at(0, LEN);
                if read.is_err() || frozen[..] != expected[..] {
                    ways::end_here(1);
                }
            });
        }
    };
    let test = "descriptors::the_numbers_of_the_standard_streams_may_be_the_files";
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

#[test]
fn the_drop_of_a_map_closes_nothing_of_others() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (one, two) = (touching(path), touching(path));
        let expected = bytes(LEN);
        assert_eq!(touch(&one, 5 * PAGE), touch(&two, 5 * PAGE));
        close_from(3);
        let strangers = strangers(path.parent().unwrap());
        // The numbers that the userfaultfds had may name those of other maps now.
        let later = touching(path);
        // Their files' numbers are others': without a close of those.
        drop_without_file(one, &strangers);
        let right = touch(&later, LEN - 1) == expected[LEN - 1];
        drop_without_file(two, &strangers);
        let right = right && later[..] == expected[..];
        ways::end_here(i32::from(!right));
    };
    let test = "descriptors::the_drop_of_a_map_closes_nothing_of_others";
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

/// Drops a map whose file was closed by others. Its `File` closes its number, whatever that is; this counts what else
/// is closed.
fn drop_without_file(map: super::FrozenMap, strangers: &[i32]) {
    let open = || {
        // SAFETY: it takes numbers and returns one.
        let is_open = |&number: &i32| unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0;
        strangers.iter().filter(|number| is_open(number)).count()
    };
    let before = open();
    drop(map);
    assert!(open() + 1 >= before, "{before} were open, and {} are", open());
}

//! The messages of `/dev/fuse`, version 7.31, as in `include/uapi/linux/fuse.h` of Linux. Numbers
//! are in native byte order.

use std::ops::Range;

/// The name of the only file.
pub(super) const NAME: &str = "file";

/// The size of a request with as much data as a write may have.
pub(super) const REQUEST_LEN_MAX: usize = 1 << 18;

pub(super) const LOOKUP: u32 = 1;
pub(super) const FORGET: u32 = 2;
pub(super) const GETATTR: u32 = 3;
pub(super) const SETATTR: u32 = 4;
pub(super) const OPEN: u32 = 14;
pub(super) const READ: u32 = 15;
pub(super) const WRITE: u32 = 16;
pub(super) const STATFS: u32 = 17;
pub(super) const RELEASE: u32 = 18;
pub(super) const FSYNC: u32 = 20;
pub(super) const FLUSH: u32 = 25;
pub(super) const INIT: u32 = 26;
pub(super) const OPENDIR: u32 = 27;
pub(super) const READDIR: u32 = 28;
pub(super) const RELEASEDIR: u32 = 29;
pub(super) const ACCESS: u32 = 34;
pub(super) const INTERRUPT: u32 = 36;
pub(super) const DESTROY: u32 = 38;
pub(super) const BATCH_FORGET: u32 = 42;

pub(super) const ENOENT: i32 = 2;
pub(super) const ESTALE: i32 = 116;
pub(super) const ENOSYS: i32 = 38;

const ROOT_NODE: u64 = 1;
pub(super) const FILE_NODE: u64 = 2;
/// Another file with the inode number of the first.
pub(super) const OTHER_NODE: u64 = 3;

/// `fuse_in_header`.
const HEADER_LEN: usize = 40;

const WRITE_LEN_MAX: u32 = 1 << 17;

/// A request of the kernel.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) opcode: u32,
    pub(super) unique: u64,
    pub(super) node: u64,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn parse(message: &[u8]) -> Option<Self> {
        let (header, body) = message.split_at_checked(HEADER_LEN)?;
        Some(Self {
            opcode: u32_at(header, 4),
            unique: u64_at(header, 8),
            node: u64_at(header, 16),
            body: body.to_vec(),
        })
    }

    /// The name to look up, without the terminating zero.
    pub(super) fn name(&self) -> &[u8] {
        self.body.split(|&byte| byte == 0).next().unwrap_or_default()
    }

    /// The range of a read or a write: `fuse_read_in`, `fuse_write_in`.
    pub(super) fn range(&self) -> Range<usize> {
        let start = usize_of(u64_at(&self.body, 8));
        start..start.saturating_add(usize_of(u32_at(&self.body, 16).into()))
    }

    /// The data of a write, which follows `fuse_write_in`.
    pub(super) fn written(&self) -> &[u8] {
        self.body.get(40..).unwrap_or_default()
    }

    /// The length that `fuse_setattr_in` sets, if it sets one.
    pub(super) fn new_len(&self) -> Option<usize> {
        const FATTR_SIZE: u32 = 1 << 3;
        (u32_at(&self.body, 0) & FATTR_SIZE != 0).then(|| usize_of(u64_at(&self.body, 16)))
    }
}

/// A reply to the kernel.
pub(super) struct Reply(Vec<u8>);

impl Reply {
    pub(super) fn error(to: u64, code: i32) -> Self {
        Self::of(to, -code, &[])
    }

    pub(super) fn data(to: u64, data: &[u8]) -> Self {
        Self::of(to, 0, data)
    }

    /// `fuse_init_out`.
    pub(super) fn init(to: u64) -> Self {
        const BIG_WRITES: u32 = 1 << 5;
        // There is no read-ahead, so that a read that fails is a read of the requested page.
        let (version, read_ahead, background) = ([7_u32, 31], 0_u32, [12_u16, 10]);
        let mut body = Vec::new();
        body.extend(version.into_iter().flat_map(u32::to_ne_bytes));
        body.extend([read_ahead, BIG_WRITES].into_iter().flat_map(u32::to_ne_bytes));
        body.extend(background.into_iter().flat_map(u16::to_ne_bytes));
        body.extend([WRITE_LEN_MAX, 1].into_iter().flat_map(u32::to_ne_bytes));
        body.resize(64, 0);
        Self::data(to, &body)
    }

    /// `fuse_entry_out` of a file. It is valid for no time, so that the kernel always asks.
    pub(super) fn entry(to: u64, node: u64, len: usize) -> Self {
        let mut body = node.to_ne_bytes().to_vec();
        body.resize(40, 0);
        body.extend(attributes(node, len));
        Self::data(to, &body)
    }

    /// `fuse_attr_out`.
    pub(super) fn attributes(to: u64, node: u64, len: usize) -> Self {
        Self::data(to, &[vec![0; 16], attributes(node, len)].concat())
    }

    /// `fuse_open_out`.
    pub(super) fn opened(to: u64, is_direct: bool) -> Self {
        const FOPEN_DIRECT_IO: u32 = 1;
        let mut body = vec![0; 8];
        body.extend(if is_direct { FOPEN_DIRECT_IO } else { 0 }.to_ne_bytes());
        body.resize(16, 0);
        Self::data(to, &body)
    }

    /// `fuse_write_out`.
    pub(super) fn written(to: u64, len: usize) -> Self {
        Self::data(to, &u64::try_from(len).unwrap_or(0).to_ne_bytes())
    }

    /// `fuse_statfs_out`: blocks of 4 KiB, all of them in use.
    pub(super) fn file_system(to: u64) -> Self {
        let mut body = 1024_u64.to_ne_bytes().to_vec();
        body.resize(40, 0);
        body.extend([4096_u32, 255, 4096].into_iter().flat_map(u32::to_ne_bytes));
        body.resize(80, 0);
        Self::data(to, &body)
    }

    /// A message with its `fuse_out_header`.
    fn of(to: u64, error: i32, body: &[u8]) -> Self {
        let len = u32::try_from(body.len().saturating_add(16)).unwrap_or(u32::MAX);
        let mut message = len.to_ne_bytes().to_vec();
        message.extend(error.to_ne_bytes());
        message.extend(to.to_ne_bytes());
        message.extend(body);
        Self(message)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `fuse_attr`.
fn attributes(node: u64, len: usize) -> Vec<u8> {
    let mode: u32 = if node == ROOT_NODE { 0o40_755 } else { 0o100_666 };
    let len = u64::try_from(len).unwrap_or(u64::MAX);
    let number = node.min(FILE_NODE);
    let mut body = Vec::new();
    body.extend([number, len, len.div_ceil(512)].into_iter().flat_map(u64::to_ne_bytes));
    // Three times in seconds and in nanoseconds.
    body.resize(60, 0);
    body.extend([mode, 1].into_iter().flat_map(u32::to_ne_bytes));
    // Its user, group and device.
    body.resize(80, 0);
    body.extend([4096_u32, 0].into_iter().flat_map(u32::to_ne_bytes));
    body
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let number = bytes.get(at..).and_then(<[u8]>::first_chunk);
    u32::from_ne_bytes(number.copied().unwrap_or_default())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let number = bytes.get(at..).and_then(<[u8]>::first_chunk);
    u64::from_ne_bytes(number.copied().unwrap_or_default())
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the structures in `include/uapi/linux/fuse.h`, after the header of a reply.
    #[test]
    fn replies_are_as_long_as_the_structures_of_the_kernel() {
        let lens = [
            (Reply::init(7), 64),
            (Reply::entry(7, FILE_NODE, 100), 128),
            (Reply::attributes(7, ROOT_NODE, 100), 104),
            (Reply::opened(7, true), 16),
            (Reply::written(7, 100), 8),
            (Reply::file_system(7), 80),
            (Reply::error(7, ENOENT), 0),
        ];
        for (reply, len) in lens {
            let message = reply.as_bytes();
            assert_eq!(message.len(), 16 + len);
            assert_eq!(usize_of(u32_at(message, 0).into()), message.len());
            assert_eq!(u64_at(message, 8), 7);
        }
        assert_eq!(u32_at(Reply::error(7, ENOENT).as_bytes(), 4), u32::MAX - 1);
    }

    #[test]
    fn a_write_has_its_range_and_its_bytes() {
        let mut message = vec![0; HEADER_LEN + 40];
        message[4..8].copy_from_slice(&WRITE.to_ne_bytes());
        message[HEADER_LEN + 8..][..8].copy_from_slice(&5000_u64.to_ne_bytes());
        message[HEADER_LEN + 16..][..4].copy_from_slice(&3_u32.to_ne_bytes());
        message.extend(b"abc");
        let request = Request::parse(&message).unwrap();
        assert_eq!((request.opcode, request.range()), (WRITE, 5000..5003));
        assert_eq!(request.written(), b"abc");
        assert!(Request::parse(&message[..HEADER_LEN - 1]).is_none());
    }
}

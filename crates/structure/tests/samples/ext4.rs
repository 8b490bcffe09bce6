//! A volume of one group with extents: the root, `lost+found`, a file and a symbolic link.

const BLOCK: usize = 1024;
const BLOCKS: u32 = 64;
const INODES: u32 = 16;
const TIME: u32 = 1_700_000_000;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("super.num_inodes", "16"),
    ("super.volume_name", "\"sample\""),
    ("super.state.is_clean", "true"),
    ("super.creator_os", "linux"),
    ("super.rev_level", "dynamic"),
    ("super.feature_incompat.extents", "true"),
    ("super.feature_incompat.has_64bit", "false"),
    ("block_size", "1024"),
    ("num_groups", "1"),
    ("group_descriptors[0].inode_table_block", "5"),
    ("root_inode.file_type", "directory"),
    ("root_inode.permissions", "493"),
    ("root_inode.block.extents[0].directory_blocks[0].entries[3].name", "\"file\""),
    ("root_inode.block.extents[0].directory_blocks[0].entries[3].file_type", "regular"),
    ("root_inode.block.extents[0].directory_blocks[0].entries[3].inode.len_file", "5"),
    ("root_inode.block.extents[0].directory_blocks[0].entries[3].inode.block.depth", "0"),
    ("group_descriptors[0].inodes[12].block_use", "symlink"),
    ("group_descriptors[0].inodes[12].block.target", "\"file\""),
    ("group_descriptors[0].inodes[11].block.extents[0].ofs_data", "8192"),
    ("group_descriptors[0].inodes[13].file_type", "none"),
];

/// A volume of 64 KiB.
pub(crate) fn sample() -> Vec<u8> {
    let mut volume = vec![0; BLOCK];
    let root = [(2, 2, "."), (2, 2, ".."), (11, 2, "lost+found"), (12, 1, "file"), (13, 7, "link")];
    let blocks = [
        superblock(),
        group_descriptor(),
        bitmap(9, BLOCKS - 1),
        bitmap(13, INODES),
        inode_table(),
        directory(&root),
        b"hello".to_vec(),
        directory(&[(11, 2, "."), (2, 2, "..")]),
    ];
    for block in blocks {
        volume.extend(&block);
        volume.resize(volume.len().next_multiple_of(BLOCK), 0);
    }
    volume.resize(65_536, 0);
    volume
}

fn superblock() -> Vec<u8> {
    let mut block = words(&[INODES, BLOCKS, 0, 54, 3, 1, 0, 0, 8192, 8192, INODES, 0, TIME]);
    block.extend([0, 0, 0xff, 0xff, 0x53, 0xef, 1, 0, 1, 0, 0, 0]);
    block.extend(words(&[TIME, 0, 0, 1, 0, 11, 128]));
    // The features `filetype` and `extents`, and `sparse_super`.
    block.extend(words(&[0, 0x42, 1]));
    block.extend(0x10..0x20);
    block.extend(b"sample");
    block.resize(0x108, 0);
    block.extend(words(&[TIME]));
    block.resize(BLOCK, 0);
    block
}

fn group_descriptor() -> Vec<u8> {
    let mut descriptor = words(&[3, 4, 5]);
    descriptor.extend([54, 0, 3, 0, 2, 0]);
    descriptor
}

/// Sets the first `used` bits, and those after `count`.
fn bitmap(used: u32, count: u32) -> Vec<u8> {
    let mut bytes = vec![0; BLOCK];
    for bit in (0..used).chain(count..8192) {
        let byte = usize::try_from(bit / 8).expect("inside the block");
        bytes[byte] |= 1 << (bit % 8);
    }
    bytes
}

fn inode_table() -> Vec<u8> {
    let mut table = vec![0; 2 * BLOCK];
    let mut link = b"file".to_vec();
    link.resize(60, 0);
    for (number, inode) in [
        (2, inode(0o040_755, 1024, 3, 2, &extent(7))),
        (11, inode(0o040_700, 1024, 2, 2, &extent(9))),
        (12, inode(0o100_644, 5, 1, 2, &extent(8))),
        (13, inode(0o120_777, 4, 1, 0, &link)),
    ] {
        table[(number - 1) * 128..][..inode.len()].copy_from_slice(&inode);
    }
    table
}

fn inode(mode: u16, len: u32, links: u16, sectors: u32, block: &[u8]) -> Vec<u8> {
    let mut inode = mode.to_le_bytes().to_vec();
    inode.extend([0; 2]);
    inode.extend(words(&[len, TIME, TIME, TIME, 0]));
    inode.extend([0; 2]);
    inode.extend(links.to_le_bytes());
    let flags = if sectors == 0 { 0 } else { 0x0008_0000 };
    inode.extend(words(&[sectors, flags, 0]));
    inode.extend(block);
    inode
}

/// A leaf with one extent of one block.
fn extent(block: u32) -> Vec<u8> {
    let mut node = vec![0x0a, 0xf3, 1, 0, 4, 0, 0, 0];
    node.extend(words(&[0, 0, 1, block]));
    node.resize(60, 0);
    node
}

/// The last entry takes what is left of the block.
fn directory(entries: &[(u32, u8, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (index, (inode, kind, name)) in entries.iter().enumerate() {
        let mut len = (8 + name.len()).next_multiple_of(4);
        if index + 1 == entries.len() {
            len = BLOCK - block.len();
        }
        let end = block.len() + len;
        block.extend(inode.to_le_bytes());
        block.extend(u16::try_from(len).expect("inside the block").to_le_bytes());
        block.extend([u8::try_from(name.len()).expect("a short name"), *kind]);
        block.extend(name.as_bytes());
        block.resize(end, 0);
    }
    block
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

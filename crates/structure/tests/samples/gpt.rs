//! A disk with a GUID partition table: two partitions, and the copies at its end.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

const SECTOR: u64 = 512;
const ENTRIES: usize = 128;
const ENTRY: usize = 128;
const EFI_SYSTEM: [u8; 16] = *b"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b";
const LINUX: [u8; 16] = *b"\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4";

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("protective_mbr.partition_records[0].os_type", "gpt_protective"),
    ("protective_mbr.partition_records[0].size_in_lba", "255"),
    ("sector_size", "512"),
    ("header.revision.major", "1"),
    ("header.my_lba", "1"),
    ("header.backup_lba", "255"),
    ("header.disk_guid", "[10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f]"),
    ("header.num_partition_entries", "128"),
    ("header.partition_entries[0].partition_type", "efi_system"),
    ("header.partition_entries[0].partition_name", "\"EFI\""),
    ("header.partition_entries[0].attributes.required_partition", "true"),
    ("header.partition_entries[1].partition_type", "linux_filesystem"),
    ("header.partition_entries[1].partition_name", "\"Größe\""),
    ("header.partition_entries[1].num_sectors", "174"),
    ("header.partition_entries[127].partition_type", "unused"),
    ("backup_header.my_lba", "255"),
    ("backup_header.partition_entry_lba", "223"),
    ("backup_header.partition_entries[1].starting_lba", "48"),
];

/// A disk of 128 KiB.
pub(crate) fn sample() -> Vec<u8> {
    let len = 256 * SECTOR;
    let mut disk = vec![0; usize::try_from(len).expect("a small disk")];
    for (at, bytes) in pieces(len) {
        let at = usize::try_from(at).expect("inside the disk");
        disk[at..at + bytes.len()].copy_from_slice(&bytes);
    }
    disk
}

/// The same disk with `len` bytes, all of it holes except for its tables.
pub(crate) fn write_sparse(mut file: &File, len: u64) -> io::Result<()> {
    file.set_len(len)?;
    for (at, bytes) in pieces(len) {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&bytes)?;
    }
    Ok(())
}

fn pieces(len: u64) -> Vec<(u64, Vec<u8>)> {
    let last = len / SECTOR - 1;
    let entries = entries(last - 34);
    vec![
        (0, protective_mbr(last)),
        (SECTOR, header(1, last, 2, &entries)),
        (2 * SECTOR, entries.clone()),
        ((last - 32) * SECTOR, entries.clone()),
        (last * SECTOR, header(last, 1, last - 32, &entries)),
    ]
}

fn protective_mbr(last: u64) -> Vec<u8> {
    let mut mbr = vec![0; 446];
    mbr.extend([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0]);
    mbr.extend(u32::try_from(last).unwrap_or(u32::MAX).to_le_bytes());
    mbr.resize(510, 0);
    mbr.extend([0x55, 0xaa]);
    mbr
}

fn header(my_lba: u64, backup_lba: u64, entry_lba: u64, entries: &[u8]) -> Vec<u8> {
    let last = my_lba.max(backup_lba);
    let mut head = b"EFI PART\x00\x00\x01\x00\x5c\x00\x00\x00".to_vec();
    head.extend([0; 8]);
    for lba in [my_lba, backup_lba, 34, last - 33] {
        head.extend(lba.to_le_bytes());
    }
    head.extend(0x10..0x20);
    head.extend(entry_lba.to_le_bytes());
    head.extend([128, 0, 0, 0, 128, 0, 0, 0]);
    head.extend(crc32(entries).to_le_bytes());
    let sum = crc32(&head);
    head[16..20].copy_from_slice(&sum.to_le_bytes());
    head
}

fn entries(last: u64) -> Vec<u8> {
    let mut table = entry(EFI_SYSTEM, 1, (34, 47), 1, "EFI");
    table.extend(entry(LINUX, 2, (48, last), 0, "Größe"));
    table.resize(ENTRIES * ENTRY, 0);
    table
}

fn entry(kind: [u8; 16], id: u8, lbas: (u64, u64), attributes: u64, name: &str) -> Vec<u8> {
    let mut entry = kind.to_vec();
    entry.extend([id; 16]);
    for number in [lbas.0, lbas.1, attributes] {
        entry.extend(number.to_le_bytes());
    }
    entry.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    entry.resize(ENTRY, 0);
    entry
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    })
}

//! A FAT12 volume of 64 sectors: a directory, and a file with a long name.

const SECTOR: usize = 512;
const SECTORS: u8 = 64;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("boot_sector.oem_name", "\"lazyhex \""),
    ("boot_sector.bpb.bytes_per_sec", "512"),
    ("boot_sector.bpb.media", "fixed"),
    ("boot_sector.extended.volume_id", "305419896"),
    ("boot_sector.extended.volume_label", "\"SAMPLE\""),
    ("kind", "fat12"),
    ("num_clusters", "60"),
    ("fats[1].entry_pairs[0].even", "4088"),
    ("fats[1].entry_pairs[2].even", "5"),
    ("fats[1].entry_pairs[2].odd", "4095"),
    ("root_directory.entries[0].short.attributes.volume_id", "true"),
    ("root_directory.entries[1].long.name_1", "\"long \""),
    ("root_directory.entries[1].long.is_last", "true"),
    ("root_directory.entries[2].short.name", "\"LONGNA~1\""),
    ("root_directory.entries[2].short.write_time", "1527521600"),
    ("root_directory.entries[2].short.last_access_date.year", "2025"),
    ("root_directory.entries[2].short.data", "[68 65 6c 6c 6f]"),
    ("root_directory.entries[3].short.directory.entries[0].state", "dot"),
    ("root_directory.entries[4].short.len_file", "513"),
    ("root_directory.entries[5].state", "end_of_directory"),
];

/// A volume of 32 KiB.
pub(crate) fn sample() -> Vec<u8> {
    let mut volume = boot_sector();
    // Clusters 2 and 3 end their chains; 4 continues in 5.
    let table = [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0x05, 0xf0, 0xff];
    let dots = [entry(b".          ", 0x10, 3, 0), entry(b"..         ", 0x10, 0, 0)];
    for sector in [&table[..], &table, &root_directory(), b"hello", &dots.concat()] {
        volume.extend(sector);
        volume.resize(volume.len().next_multiple_of(SECTOR), 0);
    }
    volume.resize(usize::from(SECTORS) * SECTOR, 0);
    volume
}

fn boot_sector() -> Vec<u8> {
    let mut boot = b"\xeb\x3c\x90lazyhex ".to_vec();
    // Sectors of 512 bytes, clusters of one, one sector before the tables, 16 entries in the root.
    boot.extend([0, 2, 1, 1, 0, 2, 16, 0, SECTORS, 0, 0xf8, 1, 0, 32, 0, 8, 0]);
    boot.extend([0; 8]);
    boot.extend([0x80, 0, 0x29, 0x78, 0x56, 0x34, 0x12]);
    boot.extend(b"SAMPLE     FAT12   ");
    boot.resize(510, 0);
    boot.extend([0x55, 0xaa]);
    boot
}

fn root_directory() -> Vec<u8> {
    let short = b"LONGNA~1TXT";
    [
        entry(b"SAMPLE     ", 0x08, 0, 0),
        long_name("long name.txt", short),
        entry(short, 0x20, 2, 5),
        entry(b"DIR        ", 0x10, 3, 0),
        // A file of 513 bytes, in two clusters.
        two_clusters(),
    ]
    .concat()
}

fn two_clusters() -> [u8; 32] {
    let mut entry = entry(b"TWO     BIN", 0x21, 4, 1);
    entry[29] = 2;
    entry
}

/// 2025-08-12 04:10:00.
fn entry(name: &[u8; 11], attributes: u8, cluster: u8, len: u8) -> [u8; 32] {
    let stamp = [0x40, 0x21, 0x0c, 0x5b];
    let mut entry = [0; 32];
    entry[..11].copy_from_slice(name);
    entry[11] = attributes;
    entry[14..18].copy_from_slice(&stamp);
    entry[18..20].copy_from_slice(&stamp[2..]);
    entry[22..26].copy_from_slice(&stamp);
    entry[26] = cluster;
    entry[28] = len;
    entry
}

/// The only part of a name of at most 13 characters.
fn long_name(name: &str, short: &[u8; 11]) -> [u8; 32] {
    let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut entry = [0xff; 32];
    entry[0] = 0x41;
    entry[1..11].copy_from_slice(&units[..10]);
    entry[11] = 0x0f;
    entry[12] = 0;
    entry[13] = short.iter().fold(0_u8, |sum, &byte| sum.rotate_right(1).wrapping_add(byte));
    entry[14..26].copy_from_slice(&units[10..22]);
    entry[26..28].fill(0);
    entry[28..].copy_from_slice(&units[22..26]);
    entry
}

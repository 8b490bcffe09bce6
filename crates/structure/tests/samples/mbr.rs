//! A disk with one primary partition and two logical ones in an extended partition.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("disk_signature", "305419896"),
    ("partitions[0].status", "active"),
    ("partitions[0].partition_type", "linux"),
    ("partitions[0].chs_start.cylinder", "0"),
    ("partitions[0].chs_start.head", "0"),
    ("partitions[0].chs_start.sector", "9"),
    ("partitions[0].ofs_partition", "4096"),
    ("partitions[0].len_partition", "4096"),
    ("partitions[1].is_extended", "true"),
    ("partitions[1].extended_boot_record.logical.partition_type", "fat16"),
    ("partitions[1].extended_boot_record.logical.ofs_partition", "9216"),
    ("partitions[1].extended_boot_record.next.ofs_partition", "16384"),
    (
        "partitions[1].extended_boot_record.next.extended_boot_record.logical.partition_type",
        "linux_swap",
    ),
    ("partitions[1].extended_boot_record.next.extended_boot_record.logical.lba_absolute", "34"),
    ("partitions[1].extended_boot_record.next.extended_boot_record.next.partition_type", "empty"),
    ("partitions[3].num_sectors", "0"),
];

/// A disk of 32 KiB.
pub(crate) fn sample() -> Vec<u8> {
    let mut disk = vec![0; 64 * 512];
    disk[440..444].copy_from_slice(&0x1234_5678_u32.to_le_bytes());
    put_record(&mut disk, 0, &[entry(0x80, 0x83, 8, 8), entry(0, 0x0f, 16, 48)]);
    // A link counts from the start of the extended partition, a logical partition from its record.
    put_record(&mut disk, 16, &[entry(0, 0x06, 2, 14), entry(0, 0x05, 16, 32)]);
    put_record(&mut disk, 32, &[entry(0, 0x82, 2, 30)]);
    disk
}

fn put_record(disk: &mut [u8], sector: usize, entries: &[[u8; 16]]) {
    let record = &mut disk[sector * 512..][..512];
    for (entry, place) in entries.iter().zip(record[446..].chunks_exact_mut(16)) {
        place.copy_from_slice(entry);
    }
    record[510..].copy_from_slice(&[0x55, 0xaa]);
}

fn entry(status: u8, kind: u8, start: u8, count: u8) -> [u8; 16] {
    let last = start + count;
    [status, 0, start + 1, 0, kind, 0, last, 0, start, 0, 0, 0, count, 0, 0, 0]
}

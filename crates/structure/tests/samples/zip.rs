//! An archive of two members, the second with numbers of 64 bits and its lengths after the data, a zip64
//! record and a comment.

use super::checksum::{crc32, deflate_stored};

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("end_search.probes.size", "1"),
    ("end_of_directory.comment", "\"PK\""),
    ("end_of_directory.num_entries", "65535"),
    ("zip64_locator.num_disks", "1"),
    ("zip64_end_of_directory.num_entries", "2"),
    ("zip64_end_of_directory.version_needed.major", "4"),
    ("end_search.num_entries", "2"),
    ("end_search.len_before", "0"),
    ("entries.size", "2"),
    ("entries[0].name.text", "\"\u{fc}.txt\""),
    ("entries[0].version_made_by.host", "unix"),
    ("entries[0].unix_mode", "33188"),
    ("entries[0].method", "stored"),
    ("entries[0].mtime", "1457588224"),
    ("entries[0].extra.fields[0].id", "extended_timestamp"),
    ("entries[0].extra.fields[0].body.as<extended_timestamp>.mtime", "1700000000"),
    ("entries[0].local_file.body", "[61 62 63]"),
    ("entries[0].comment.text", "\"first\""),
    ("entries[1].name.text", "\"\u{e9}\""),
    ("entries[1].flags.is_utf8", "true"),
    ("entries[1].flags.has_data_descriptor", "true"),
    ("entries[1].method", "deflated"),
    ("entries[1].len_body", "9"),
    ("entries[1].len_uncompressed", "4"),
    ("entries[1].crc", "3278054476"),
    ("entries[1].local_file.len_body", "9"),
    ("entries[1].local_file.data_descriptor.len_body", "9"),
    ("entries[1].local_file.data_descriptor.crc", "3278054476"),
    ("local_files.size", "2"),
    ("local_files[0].body", "[61 62 63]"),
    ("local_files[1].is_len_known", "true"),
];

fn half(out: &mut Vec<u8>, values: &[u16]) {
    for it in values {
        out.extend(it.to_le_bytes());
    }
}

fn words(out: &mut Vec<u8>, values: &[u32]) {
    for it in values {
        out.extend(it.to_le_bytes());
    }
}

fn longs(out: &mut Vec<u8>, values: &[u64]) {
    for it in values {
        out.extend(it.to_le_bytes());
    }
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = Vec::new();
    let time = 0x56e1_0800;
    let crc = crc32(b"abc");
    // IBM437 has ü at 0x81.
    let name = b"\x81.txt";
    out.extend(b"PK\x03\x04");
    half(&mut out, &[20, 0, 0]);
    words(&mut out, &[time, crc, 3, 3]);
    half(&mut out, &[5, 0]);
    out.extend(name);
    out.extend(b"abc");
    let second = out.len();
    let packed = deflate_stored(b"wxyz");
    let packed_crc = crc32(b"wxyz");
    let unknown = u32::MAX;
    out.extend(b"PK\x03\x04");
    half(&mut out, &[45, 0x0808, 8]);
    words(&mut out, &[time, 0, unknown, unknown]);
    half(&mut out, &[2, 20]);
    out.extend("\u{e9}".as_bytes());
    half(&mut out, &[1, 16]);
    longs(&mut out, &[4, packed.len() as u64]);
    out.extend(&packed);
    out.extend(b"PK\x07\x08");
    words(&mut out, &[packed_crc]);
    longs(&mut out, &[packed.len() as u64, 4]);
    let directory = out.len();
    out.extend(b"PK\x01\x02");
    half(&mut out, &[0x031e, 20, 0, 0]);
    words(&mut out, &[time, crc, 3, 3]);
    half(&mut out, &[5, 9, 5, 0, 1]);
    words(&mut out, &[0o100_644 << 16, 0]);
    out.extend(name);
    half(&mut out, &[0x5455, 5]);
    out.push(1);
    words(&mut out, &[1_700_000_000]);
    out.extend(b"first");
    out.extend(b"PK\x01\x02");
    half(&mut out, &[45, 45, 0x0808, 8]);
    words(&mut out, &[time, packed_crc, unknown, unknown]);
    half(&mut out, &[2, 28, 0, 0, 0]);
    words(&mut out, &[0, unknown]);
    out.extend("\u{e9}".as_bytes());
    half(&mut out, &[1, 24]);
    longs(&mut out, &[4, packed.len() as u64, second as u64]);
    let end = out.len();
    out.extend(b"PK\x06\x06");
    longs(&mut out, &[44]);
    half(&mut out, &[45, 45]);
    words(&mut out, &[0, 0]);
    longs(&mut out, &[2, 2, (end - directory) as u64, directory as u64]);
    out.extend(b"PK\x06\x07");
    words(&mut out, &[0]);
    longs(&mut out, &[end as u64]);
    words(&mut out, &[1]);
    out.extend(b"PK\x05\x06");
    half(&mut out, &[0, 0, u16::MAX, u16::MAX]);
    words(&mut out, &[unknown, unknown]);
    half(&mut out, &[2]);
    out.extend(b"PK");
    out
}

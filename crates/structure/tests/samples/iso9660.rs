//! A volume with a directory, a file with a Rock Ridge name, and a boot catalog.

const SECTOR: usize = 2048;
const SECTORS: u8 = 26;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("volume_descriptors[0].descriptor_type", "primary"),
    ("volume_descriptors[0].body.volume_id.text", "\"SAMPLE\""),
    ("volume_descriptors[0].body.volume_space_size.be", "26"),
    ("volume_descriptors[0].body.creation_time.year", "\"2025\""),
    ("volume_descriptors[0].body.l_path_table.records[1].name.text", "\"DIR\""),
    ("volume_descriptors[0].body.m_path_table.records[1].location", "22"),
    ("volume_descriptors[0].body.root_directory_record.entry.recording_time.year", "2025"),
    (
        "volume_descriptors[0].body.root_directory_record.entry.directory.records[2].entry.name.text",
        "\"DIR\"",
    ),
    (
        "volume_descriptors[0].body.root_directory_record.entry.directory.records[3].entry.data",
        "[68 65 6c 6c 6f]",
    ),
    (
        "volume_descriptors[0].body.root_directory_record.entry.directory.records[3].entry.system_use.entries[0].signature",
        "alternate_name",
    ),
    (
        "volume_descriptors[0].body.root_directory_record.entry.directory.records[3].entry.system_use.entries[0].data.name",
        "\"file.txt\"",
    ),
    ("volume_descriptors[0].body.root_directory_record.entry.directory.records[4].len_record", "0"),
    ("volume_descriptors[1].body.boot_catalog.validation_entry.platform", "x86"),
    ("volume_descriptors[1].body.boot_catalog.initial_entry.boot_indicator", "bootable"),
    ("volume_descriptors[1].body.boot_catalog.initial_entry.media_type", "no_emulation"),
    ("volume_descriptors[1].body.boot_catalog.initial_entry.location", "25"),
    ("volume_descriptors[2].descriptor_type", "terminator"),
];

/// A volume of 52 KiB.
pub(crate) fn sample() -> Vec<u8> {
    let mut file = record(b"FILE.TXT;1", 23, 5, 0, b"NM\x0d\x01\x00file.txt\0");
    let mut root = record(b"\0", 21, 2048, 2, b"");
    root.extend(record(b"\x01", 21, 2048, 2, b""));
    root.extend(record(b"DIR", 22, 2048, 2, b""));
    root.append(&mut file);
    let mut directory = record(b"\0", 22, 2048, 2, b"");
    directory.extend(record(b"\x01", 21, 2048, 2, b""));
    let mut image = vec![0; 16 * SECTOR];
    let sectors = [
        primary(),
        boot_record(),
        b"\xffCD001\x01".to_vec(),
        b"\x01\0\x15\0\0\0\x01\0\0\0\x03\0\x16\0\0\0\x01\0DIR\0".to_vec(),
        b"\x01\0\0\0\0\x15\0\x01\0\0\x03\0\0\0\0\x16\0\x01DIR\0".to_vec(),
        root,
        directory,
        b"hello".to_vec(),
        boot_catalog(),
        b"\xeb\xfe".to_vec(),
    ];
    for mut sector in sectors {
        sector.resize(SECTOR, 0);
        image.extend(sector);
    }
    image
}

/// A number in both byte orders.
fn both16(number: u16) -> Vec<u8> {
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

fn both32(number: u32) -> Vec<u8> {
    [number.to_le_bytes(), number.to_be_bytes()].concat()
}

fn padded(text: &str, len: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(len, b' ');
    bytes
}

fn primary() -> Vec<u8> {
    let mut volume = b"\x01CD001\x01\0".to_vec();
    volume.extend(padded("LAZYHEX", 32));
    volume.extend(padded("SAMPLE", 32));
    volume.extend([0; 8]);
    volume.extend(both32(SECTORS.into()));
    volume.extend([0; 32]);
    for number in [1, 1, 2048] {
        volume.extend(both16(number));
    }
    volume.extend(both32(22));
    for location in [[19, 0, 0, 0], [0; 4], [0, 0, 0, 20], [0; 4]] {
        volume.extend(location);
    }
    volume.extend(record(b"\0", 21, 2048, 2, b""));
    volume.extend(padded("", 4 * 128 + 3 * 37));
    for time in ["2025081204100000", "2025081204100000", "0000000000000000", "0000000000000000"] {
        volume.extend(time.as_bytes());
        volume.push(0);
    }
    volume.push(1);
    volume
}

fn boot_record() -> Vec<u8> {
    let mut record = b"\0CD001\x01EL TORITO SPECIFICATION".to_vec();
    record.resize(71, 0);
    record.push(24);
    record
}

fn boot_catalog() -> Vec<u8> {
    let mut catalog = vec![1];
    catalog.resize(28, 0);
    // The sum of the words is to be 0.
    catalog.extend([0xaa, 0x55, 0x55, 0xaa]);
    catalog.extend([0x88, 0, 0, 0, 0, 0, 4, 0, 25, 0, 0, 0]);
    catalog
}

fn record(name: &[u8], location: u32, len: u32, flags: u8, system_use: &[u8]) -> Vec<u8> {
    let name_len = u8::try_from(name.len()).expect("a short name");
    let mut record = vec![0];
    record.extend(both32(location));
    record.extend(both32(len));
    record.extend([125, 8, 12, 4, 10, 0, 0, flags, 0, 0]);
    record.extend(both16(1));
    record.push(name_len);
    record.extend(name);
    record.resize(record.len() + 1 - name.len() % 2, 0);
    record.extend(system_use);
    record.insert(0, u8::try_from(record.len() + 1).expect("a short record"));
    record
}

//! A 64-bit little-endian ELF file with an interpreter, a note, symbols and a dynamic table.

const NAMES: &[u8] = b"\0.shstrtab\0.strtab\0.symtab\0.note.x\0.dynamic\0.z\0";
const STRINGS: &[u8] = b"\0start\0libc.so.6\0";

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[7f 45 4c 46]"),
    ("file_class", "elf64"),
    ("data", "lsb"),
    ("is_64", "true"),
    ("header.type", "dyn"),
    ("header.machine", "x86_64"),
    ("header.num_section_headers", "7"),
    ("header.program_headers.size", "2"),
    ("header.program_headers[0].type", "interp"),
    ("header.program_headers[0].body.path", "\"/lib/ld.so\""),
    ("header.program_headers[1].is_readable", "true"),
    ("header.program_headers[1].body.entries[0].gnu_type", "build_id"),
    ("header.section_headers[1].name", "\".shstrtab\""),
    ("header.section_headers[2].body.entries[2]", "\"libc.so.6\""),
    ("header.section_headers[3].type", "symtab"),
    ("header.section_headers[3].body.entries[1].name", "\"start\""),
    ("header.section_headers[3].body.entries[1].bind", "global"),
    ("header.section_headers[3].body.entries[1].type", "func"),
    ("header.section_headers[4].body.entries[0].owner", "\"GNU\""),
    ("header.section_headers[4].body.entries[0].body", "[de ad be ef]"),
    ("header.section_headers[5].body.entries[0].tag", "needed"),
    ("header.section_headers[5].body.entries[0].name", "\"libc.so.6\""),
    ("header.section_headers[6].flag_names.is_compressed", "true"),
    ("header.section_headers[6].body.body", "[61 62 63]"),
];

/// Type, flags, link, size of an entry and body of a section.
struct Section {
    name: &'static str,
    kind: u32,
    flags: u64,
    link: u32,
    entry: u64,
    body: Vec<u8>,
}

fn word(out: &mut Vec<u8>, values: &[u64]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn half(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn symbols() -> Vec<u8> {
    let mut out = vec![0; 24];
    half(&mut out, &[1]);
    // Global function, default visibility, section 1.
    out.extend_from_slice(&[0x12, 0, 1, 0]);
    word(&mut out, &[0x1000, 16]);
    out
}

fn note() -> Vec<u8> {
    let mut out = Vec::new();
    half(&mut out, &[4, 4, 3]);
    out.extend_from_slice(b"GNU\0\xde\xad\xbe\xef");
    out
}

fn sections() -> Vec<Section> {
    let section =
        |name, kind, link, entry, body| Section { name, kind, flags: 0, link, entry, body };
    let mut dynamic = Vec::new();
    word(&mut dynamic, &[1, 7, 0, 0]);
    let mut compressed = Vec::new();
    half(&mut compressed, &[1, 0]);
    word(&mut compressed, &[3, 1]);
    compressed.extend_from_slice(&super::checksum::zlib_stored(b"abc"));
    vec![
        section("", 0, 0, 0, Vec::new()),
        section(".shstrtab", 3, 0, 0, NAMES.to_vec()),
        section(".strtab", 3, 0, 0, STRINGS.to_vec()),
        section(".symtab", 2, 2, 24, symbols()),
        section(".note.x", 7, 0, 0, note()),
        section(".dynamic", 6, 2, 16, dynamic),
        Section { name: ".z", kind: 1, flags: 0x800, link: 0, entry: 0, body: compressed },
    ]
}

fn offset_of_name(name: &str) -> u32 {
    let position = NAMES
        .windows(name.len() + 1)
        .position(|at| at.ends_with(&[0]) && at.starts_with(name.as_bytes()));
    position.unwrap_or(0) as u32
}

pub(crate) fn sample() -> Vec<u8> {
    let interpreter = b"/lib/ld.so\0";
    let sections = sections();
    // The file header and two program headers come before everything else.
    let mut offset = 64 + 2 * 56 + interpreter.len();
    let mut headers = Vec::new();
    let mut bodies = interpreter.to_vec();
    let mut note_offset = 0;
    for section in &sections {
        if section.kind == 7 {
            note_offset = offset as u64;
        }
        half(&mut headers, &[offset_of_name(section.name), section.kind]);
        word(&mut headers, &[section.flags, 0, offset as u64, section.body.len() as u64]);
        half(&mut headers, &[section.link, 0]);
        word(&mut headers, &[4, section.entry]);
        bodies.extend_from_slice(&section.body);
        offset += section.body.len();
    }

    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // A shared object for x86-64, version 1.
    half(&mut out, &[62 << 16 | 3, 1]);
    word(&mut out, &[0x1000, 64, offset as u64]);
    half(&mut out, &[0, 56 << 16 | 64, 64 << 16 | 2, 1 << 16 | 7]);
    half(&mut out, &[3, 4]);
    word(&mut out, &[176, 0, 0, 11, 11, 1]);
    half(&mut out, &[4, 4]);
    word(&mut out, &[note_offset, 0, 0, 20, 20, 4]);
    out.extend_from_slice(&bodies);
    out.extend_from_slice(&headers);
    out
}

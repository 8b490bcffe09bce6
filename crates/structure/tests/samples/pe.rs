//! A 64-bit Windows library with one section: imports, exports, a resource and relocations.

/// Address of the section; it starts at 0x200 in the file.
const SECTION: u32 = 0x1000;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[4d 5a]"),
    ("dos_header.ofs_pe", "64"),
    ("pe.coff_header.machine", "amd64"),
    ("pe.coff_header.characteristics.dll", "true"),
    ("pe.coff_header.characteristics.system", "false"),
    ("pe.optional_header.format", "pe32_plus"),
    ("pe.optional_header.subsystem", "windows_console"),
    ("pe.optional_header.dll_characteristics.nx_compatible", "true"),
    ("pe.optional_header.data_directories[2].type", "resource"),
    ("pe.optional_header.data_directories[1].location.offset", "512"),
    ("pe.sections[0].name", "\".data\""),
    ("pe.sections[0].characteristics.memory_write", "true"),
    ("pe.sections[0].body.size", "512"),
    ("pe.imports.size", "2"),
    ("pe.imports[0].name", "\"KERNEL32.dll\""),
    ("pe.imports[0].lookups[0].name", "\"Beep\""),
    ("pe.imports[0].lookups[0].hint", "7"),
    ("pe.imports[0].lookups[1].ordinal", "9"),
    ("pe.exports.name", "\"me.dll\""),
    ("pe.exports.names[0].text", "\"run\""),
    ("pe.resources.root.entries[0].type", "version"),
    ("pe.resources.root.entries[0].directory.entries[0].number", "1"),
    ("pe.resources.root.entries[0].directory.entries[0].data.body", "[61 62 63 64]"),
    ("pe.base_relocations.blocks[0].entries.entries[0].type", "dir64"),
];

fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    out[at..at + bytes.len()].copy_from_slice(bytes);
}

fn words(out: &mut [u8], at: usize, values: &[u32]) {
    for (index, value) in values.iter().enumerate() {
        put(out, at + 4 * index, &value.to_le_bytes());
    }
}

/// The contents of the section; what is at `n` has the address `SECTION + n`.
fn section() -> Vec<u8> {
    let mut out = vec![0; 512];
    let at = |offset: u32| SECTION + offset;
    // Imports: one library and the end; then what is wanted from it, by name and by ordinal.
    words(&mut out, 0, &[at(48), 0, 0, at(96), at(72)]);
    for table in [48, 72] {
        words(&mut out, table, &[at(80 + 32), 0, 9, 0x8000_0000]);
    }
    words(&mut out, 64, &[0, 0]);
    words(&mut out, 88, &[0, 0]);
    put(&mut out, 96, b"KERNEL32.dll\0");
    put(&mut out, 112, b"\x07\0Beep\0");
    // Exports: one function with one name.
    words(&mut out, 128, &[0, 0, 0, at(180), 1, 1, 1, at(168), at(172), at(176)]);
    words(&mut out, 168, &[at(0), at(187), 0]);
    put(&mut out, 180, b"me.dll\0run\0");
    // Resources: a version, number 1, four bytes.
    put(&mut out, 192 + 14, &[1, 0]);
    words(&mut out, 208, &[16, 0x8000_0018]);
    put(&mut out, 216 + 14, &[1, 0]);
    words(&mut out, 232, &[1, 48]);
    words(&mut out, 240, &[at(256), 4, 0, 0]);
    put(&mut out, 256, b"abcd");
    // Relocations: a pointer at 8 in the first page, and one entry to fill the block.
    words(&mut out, 260, &[SECTION, 12, 0xa008]);
    out
}

fn optional_header() -> Vec<u8> {
    let mut out = vec![0; 240];
    // PE32+ by a linker 1.0.
    words(&mut out, 0, &[0x0001_020b, 0, 512, 0, SECTION, SECTION]);
    // Base 0x180000000, sections of 0x1000, file in pieces of 0x200, Windows 6.0.
    words(&mut out, 24, &[0x8000_0000, 1, 0x1000, 0x200, 6, 0, 6, 0, 0x2000, 0x200, 0]);
    // Console, data is not executable.
    words(&mut out, 68, &[0x0100_0003, 0x10_0000, 0, 0x1000, 0, 0x10_0000, 0, 0x1000, 0, 0, 16]);
    let directories = [(128, 64), (0, 40), (192, 68), (0, 0), (0, 0), (260, 12)];
    for (index, (offset, len)) in directories.into_iter().enumerate() {
        if len != 0 {
            words(&mut out, 112 + 8 * index, &[SECTION + offset, len]);
        }
    }
    out
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = vec![0; 0x200];
    put(&mut out, 0, b"MZ");
    words(&mut out, 60, &[64]);
    put(&mut out, 64, b"PE\0\0");
    // x86-64, one section; executable, for large addresses, a library.
    words(&mut out, 68, &[0x0001_8664, 0, 0, 0, 0x2022_00f0]);
    put(&mut out, 88, &optional_header());
    put(&mut out, 328, b".data");
    words(&mut out, 336, &[512, SECTION, 512, 0x200, 0, 0, 0, 0xc000_0040]);
    out.extend_from_slice(&section());
    out
}

//! A universal file with one program for arm64.

/// Where the image starts in the file.
const IMAGE: usize = 64;
/// Where the bodies start in the image, after the header and all commands.
const BODIES: u32 = 32 + COMMANDS;
const COMMANDS: u32 = 152 + 24 + 40 + 24 + 32 + 24;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("is_universal", "true"),
    ("universal.num_architectures", "1"),
    ("universal.architectures[0].cpu_type", "arm64"),
    ("universal.architectures[0].ofs_image", "64"),
    ("universal.architectures[0].image.magic", "le_64"),
    ("universal.architectures[0].image.header.file_type", "execute"),
    ("universal.architectures[0].image.header.num_commands", "6"),
    ("universal.architectures[0].image.header.flag_names.pie", "true"),
    ("universal.architectures[0].image.header.load_commands[0].command", "segment_64"),
    ("universal.architectures[0].image.header.load_commands[0].body.name", "\"__TEXT\""),
    ("universal.architectures[0].image.header.load_commands[0].body.is_executable", "true"),
    (
        "universal.architectures[0].image.header.load_commands[0].body.sections[0].type",
        "cstring_literals",
    ),
    (
        "universal.architectures[0].image.header.load_commands[0].body.sections[0].body.entries[1]",
        "\"there\"",
    ),
    ("universal.architectures[0].image.header.load_commands[1].body.symbols[0].type", "section"),
    (
        "universal.architectures[0].image.header.load_commands[1].body.symbols[0].is_external",
        "true",
    ),
    ("universal.architectures[0].image.header.load_commands[1].body.symbols[0].name", "\"_main\""),
    ("universal.architectures[0].image.header.load_commands[2].body.name", "\"/a.dylib\""),
    ("universal.architectures[0].image.header.load_commands[2].body.current_version.minor", "2"),
    (
        "universal.architectures[0].image.header.load_commands[3].body.uuid",
        "[00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f]",
    ),
    ("universal.architectures[0].image.header.load_commands[4].body.platform", "macos"),
    ("universal.architectures[0].image.header.load_commands[4].body.tools[0].tool", "ld"),
    ("universal.architectures[0].image.header.load_commands[5].command", "main"),
];

fn words(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn long(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// A name of sixteen bytes.
fn name(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.resize(out.len() + 16 - text.len(), 0);
}

/// The only segment holds the whole file and has one section, the first of the bodies.
fn segment(out: &mut Vec<u8>) {
    words(out, &[0x19, 152]);
    name(out, "__TEXT");
    for value in [0x1_0000_0000, 0x4000, 0, u64::from(BODIES) + 48] {
        long(out, value);
    }
    words(out, &[5, 5, 1, 0]);
    name(out, "__cstring");
    name(out, "__TEXT");
    long(out, 0x1_0000_0000 + u64::from(BODIES));
    long(out, 12);
    // C strings: type 2.
    words(out, &[BODIES, 0, 0, 0, 2, 0, 0, 0]);
}

fn commands(out: &mut Vec<u8>) {
    segment(out);
    words(out, &[0x2, 24, BODIES + 16, 1, BODIES + 32, 8]);
    words(out, &[0xc, 40, 24, 0, 0x1_0203, 0x1_0000]);
    name(out, "/a.dylib");
    words(out, &[0x1b, 24]);
    out.extend(0..16);
    // macOS 14.0, linked by ld 1.2.3.
    words(out, &[0x32, 32, 1, 14 << 16, 14 << 16, 1, 3, 0x1_0203]);
    words(out, &[0x8000_0028, 24]);
    long(out, 0x100);
    long(out, 0);
}

fn bodies(out: &mut Vec<u8>) {
    out.extend_from_slice(b"hello\0there\0\0\0\0\0");
    // The symbol: external, in section 1.
    words(out, &[1]);
    out.extend_from_slice(&[0x0f, 1, 0, 0]);
    long(out, 0x1_0000_0100);
    out.extend_from_slice(b"\0_main\0\0\0\0\0\0\0\0\0\0");
}

fn image() -> Vec<u8> {
    let mut out = Vec::new();
    // 64 bits, arm64, a program with six commands.
    words(&mut out, &[0xfeed_facf, 0x0100_000c, 0, 2, 6, COMMANDS, 0x20_0085, 0]);
    commands(&mut out);
    bodies(&mut out);
    out
}

pub(crate) fn sample() -> Vec<u8> {
    let image = image();
    let mut out = Vec::new();
    // The table of processors is big-endian.
    for value in [0xcafe_babe, 1, 0x0100_000c, 0, IMAGE as u32, image.len() as u32, 6] {
        out.extend_from_slice(&value.to_be_bytes());
    }
    out.resize(IMAGE, 0);
    out.extend_from_slice(&image);
    out
}

//! A tar archive with a pax header, a file, a symbolic link and a GNU header in binary.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("members.size", "5"),
    ("members[0].header.type", "pax_header"),
    ("members[0].body.entries[0].keyword", "\"mtime\""),
    ("members[0].body.entries[0].value", "\"1.5\""),
    ("members[0].body.entries[1].value", "\"\u{fc}ber\""),
    ("members[1].path", "\"dir/a.txt\""),
    ("members[1].header.type", "regular"),
    ("members[1].header.mode.value", "420"),
    ("members[1].header.mtime.value", "1"),
    ("members[1].header.len_body.octal.text", "\"00000000003\""),
    ("members[1].header.user_name", "\"root\""),
    ("members[1].len_body", "3"),
    ("members[1].body", "[61 62 63]"),
    ("members[2].header.type", "symbolic_link"),
    ("members[2].header.link_name", "\"a.txt\""),
    ("members[2].len_body", "0"),
    ("members[3].header.is_gnu", "true"),
    ("members[3].header.uid.value", "1000000000"),
    ("members[3].header.uid.is_binary", "true"),
    ("members[4].is_end", "true"),
    ("trailing_data.size", "512"),
];

const USTAR: &[u8; 8] = b"ustar\x0000";
const GNU: &[u8; 8] = b"ustar  \0";

struct Member {
    name: &'static str,
    kind: u8,
    uid: [u8; 8],
    magic: &'static [u8; 8],
    link: &'static str,
    prefix: &'static str,
    body: &'static [u8],
}

fn put(header: &mut [u8], at: usize, bytes: &[u8]) {
    header[at..at + bytes.len()].copy_from_slice(bytes);
}

fn write(out: &mut Vec<u8>, member: &Member) {
    let mut header = [0; 512];
    put(&mut header, 0, member.name.as_bytes());
    // The three usual ways to pad a number: zeros, spaces before, a space after.
    put(&mut header, 100, b"0000644\0");
    put(&mut header, 108, &member.uid);
    put(&mut header, 116, b"     0 \0");
    put(&mut header, 124, format!("{:011o}\0", member.body.len()).as_bytes());
    put(&mut header, 136, b"00000000001 ");
    put(&mut header, 148, b"        ");
    header[156] = member.kind;
    put(&mut header, 157, member.link.as_bytes());
    put(&mut header, 257, member.magic);
    put(&mut header, 265, b"root");
    put(&mut header, 297, b"root");
    put(&mut header, 345, member.prefix.as_bytes());
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(member.body);
    out.resize(out.len().next_multiple_of(512), 0);
}

pub(crate) fn sample() -> Vec<u8> {
    let file = Member {
        name: "a.txt",
        kind: b'0',
        uid: *b"0000000\0",
        magic: USTAR,
        link: "",
        prefix: "dir",
        body: b"abc",
    };
    let pax = "13 mtime=1.5\n14 path=\u{fc}ber\n".as_bytes();
    let mut out = Vec::new();
    write(
        &mut out,
        &Member { name: "PaxHeaders/a.txt", kind: b'x', prefix: "", body: pax, ..file },
    );
    write(&mut out, &file);
    write(
        &mut out,
        &Member { name: "b", kind: b'2', link: "a.txt", prefix: "", body: b"", ..file },
    );
    // One thousand million does not fit seven octal digits.
    let uid = [0x80, 0, 0, 0, 0x3b, 0x9a, 0xca, 0];
    write(&mut out, &Member { name: "c", uid, magic: GNU, prefix: "", body: b"", ..file });
    out.resize(out.len() + 1024, 0);
    out
}

//! A model with three tensors, one of them quantised.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("version", "3"),
    ("metadata.size", "5"),
    ("metadata[0].key.text", "\"general.architecture\""),
    ("metadata[0].value.as<text>.text", "\"none\""),
    ("metadata[1].type", "uint32"),
    ("metadata[2].value.as<array>.strings[1].text", "\"b\u{fc}\""),
    ("metadata[3].value.as<array>.signed_words[1]", "-2"),
    ("metadata[4].value.as<f8>", "0.5"),
    ("alignment", "64"),
    ("ofs_data", "384"),
    ("tensors[0].name.text", "\"t0\""),
    ("tensors[0].dimensions[0]", "2"),
    ("tensors[0].type", "f32"),
    ("tensors[0].floats[3]", "4.0"),
    ("tensors[1].type", "q8_0"),
    ("tensors[1].len_body", "34"),
    ("tensors[1].body.size", "34"),
    ("tensors[2].type", "i8"),
    ("tensors[2].signed_bytes[0]", "-1"),
];

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn key(out: &mut Vec<u8>, name: &str, kind: u32) {
    text(out, name);
    out.extend(kind.to_le_bytes());
}

fn array(out: &mut Vec<u8>, kind: u32, count: u64) {
    out.extend(kind.to_le_bytes());
    out.extend(count.to_le_bytes());
}

fn tensor(out: &mut Vec<u8>, name: &str, dimensions: &[u64], kind: u32, offset: u64) {
    text(out, name);
    out.extend((dimensions.len() as u32).to_le_bytes());
    for it in dimensions {
        out.extend(it.to_le_bytes());
    }
    out.extend(kind.to_le_bytes());
    out.extend(offset.to_le_bytes());
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"GGUF\x03\0\0\0".to_vec();
    out.extend(3_u64.to_le_bytes());
    out.extend(5_u64.to_le_bytes());
    key(&mut out, "general.architecture", 8);
    text(&mut out, "none");
    key(&mut out, "general.alignment", 4);
    out.extend(64_u32.to_le_bytes());
    key(&mut out, "a.tokens", 9);
    array(&mut out, 8, 2);
    text(&mut out, "a");
    text(&mut out, "b\u{fc}");
    key(&mut out, "a.words", 9);
    array(&mut out, 3, 2);
    out.extend([1, 0, 0xfe, 0xff]);
    key(&mut out, "a.half", 12);
    out.extend(0.5_f64.to_le_bytes());
    tensor(&mut out, "t0", &[2, 2], 0, 0);
    tensor(&mut out, "t1", &[32], 8, 64);
    tensor(&mut out, "t2", &[3], 24, 128);
    out.resize(out.len().next_multiple_of(64), 0);
    for value in [1_f32, 2.0, 3.0, 4.0] {
        out.extend(value.to_le_bytes());
    }
    out.resize(out.len().next_multiple_of(64), 0);
    out.extend([7; 34]);
    out.resize(out.len().next_multiple_of(64), 0);
    out.extend([0xff, 0, 1]);
    out
}

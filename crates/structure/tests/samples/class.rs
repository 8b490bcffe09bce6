//! A Java class with a constant of 64 bits, a field and a method with code and line numbers.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[ca fe ba be]"),
    ("major_version", "52"),
    ("constant_pool.size", "15"),
    ("constant_pool[0].tag", "utf8"),
    ("constant_pool[0].text", "\"Point\""),
    ("constant_pool[1].name", "\"Point\""),
    ("constant_pool[4].long", "-2"),
    ("constant_pool[5].is_second_half", "true"),
    ("constant_pool[6].text", "\"x\""),
    ("name", "\"Point\""),
    ("super_name", "\"java/lang/Object\""),
    ("access_flags.is_public", "true"),
    ("access_flags.is_interface", "false"),
    ("fields[0].name", "\"x\""),
    ("fields[0].descriptor", "\"J\""),
    ("fields[0].access_flags.is_static", "true"),
    ("fields[0].attributes[0].body.constant_index", "5"),
    ("methods[0].name", "\"run\""),
    ("methods[0].attributes[0].name", "\"Code\""),
    ("methods[0].attributes[0].body.code", "[b1]"),
    ("methods[0].attributes[0].body.attributes[0].body.entries[0].line", "42"),
    ("attributes[0].body.text", "\"Point.java\""),
];

fn text(out: &mut Vec<u8>, value: &str) {
    out.push(1);
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value.as_bytes());
}

fn halves(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

fn attribute(out: &mut Vec<u8>, name: u16, body: &[u8]) {
    halves(out, &[name]);
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    out.extend_from_slice(body);
}

/// Fifteen constants, of which the fifth takes two numbers.
fn constants(out: &mut Vec<u8>) {
    halves(out, &[16]);
    text(out, "Point");
    out.extend_from_slice(&[7, 0, 1]);
    text(out, "java/lang/Object");
    out.extend_from_slice(&[7, 0, 3]);
    out.push(5);
    out.extend_from_slice(&(-2_i64).to_be_bytes());
    for value in [
        "x",
        "J",
        "ConstantValue",
        "run",
        "()V",
        "Code",
        "LineNumberTable",
        "SourceFile",
        "Point.java",
    ] {
        text(out, value);
    }
}

fn code() -> Vec<u8> {
    let mut out = Vec::new();
    // No stack, no locals, one byte of code: return.
    halves(&mut out, &[0, 0, 0, 1]);
    out.push(0xb1);
    halves(&mut out, &[0, 1]);
    attribute(&mut out, 13, &[0, 1, 0, 0, 0, 42]);
    out
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = vec![0xca, 0xfe, 0xba, 0xbe];
    halves(&mut out, &[0, 52]);
    constants(&mut out);
    // A public class without interfaces and with one field: public static final long x.
    halves(&mut out, &[0x0021, 2, 4, 0]);
    halves(&mut out, &[1, 0x0019, 7, 8, 1]);
    attribute(&mut out, 9, &[0, 5]);
    halves(&mut out, &[1, 0x0009, 10, 11, 1]);
    attribute(&mut out, 12, &code());
    halves(&mut out, &[1]);
    attribute(&mut out, 14, &[0, 15]);
    out
}

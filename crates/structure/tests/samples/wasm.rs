//! A WebAssembly module with an import, a function, a memory, a global, data and names.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[00 61 73 6d]"),
    ("version", "1"),
    ("sections.size", "10"),
    ("sections[0].id", "type"),
    ("sections[0].body.types[0].form", "func"),
    ("sections[0].body.types[0].body.parameters[0].type", "i32"),
    ("sections[0].body.types[0].body.num_results.value", "1"),
    ("sections[1].body.imports[0].module.text", "\"env\""),
    ("sections[1].body.imports[0].kind", "function"),
    ("sections[2].body.type_indexes[0].value", "0"),
    ("sections[3].body.memories[0].max.value", "300"),
    ("sections[4].body.globals[0].type.mutability", "variable"),
    ("sections[4].body.globals[0].init.instructions[0].operand.value", "-128"),
    ("sections[5].body.exports[0].name.text", "\"run\""),
    ("sections[5].body.exports[0].index.value", "1"),
    ("sections[6].body.segments[0].function_indexes[0].value", "1"),
    ("sections[7].body.functions[0].body.local_groups[0].type.type", "i64"),
    ("sections[7].body.functions[0].body.code", "[20 00 0b]"),
    ("sections[8].body.segments[0].data", "[68 69]"),
    ("sections[9].body.name.text", "\"name\""),
    ("sections[9].body.body.subsections[0].body.names[1].name.text", "\"run\""),
];

/// Every section here is shorter than 128 bytes, so that its length is one byte.
fn section(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    out.extend_from_slice(&[id, body.len() as u8]);
    out.extend_from_slice(body);
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    // One type: i32 to i32.
    section(&mut out, 1, &[1, 0x60, 1, 0x7f, 1, 0x7f]);
    section(&mut out, 2, b"\x01\x03env\x03add\0\0");
    section(&mut out, 3, &[1, 0]);
    // One page of memory, at most 300.
    section(&mut out, 5, &[1, 1, 1, 0xac, 0x02]);
    // A variable i32 that starts as -128.
    section(&mut out, 6, &[1, 0x7f, 1, 0x41, 0x80, 0x7f, 0x0b]);
    section(&mut out, 7, b"\x01\x03run\0\x01");
    // Declared functions, by flag 3: function 1.
    section(&mut out, 9, &[1, 3, 0, 1, 1]);
    // Two locals of type i64; gives back the parameter.
    section(&mut out, 10, &[1, 6, 1, 2, 0x7e, 0x20, 0, 0x0b]);
    section(&mut out, 11, &[1, 0, 0x41, 8, 0x0b, 2, b'h', b'i']);
    section(&mut out, 0, b"\x04name\x01\x0b\x02\0\x03add\x01\x03run");
    out
}

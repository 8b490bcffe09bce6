//! A table of one column with a dictionary, and one record batch.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("end.magic", "[41 52 52 4f 57 31]"),
    ("footer.table.version", "v5"),
    ("footer.table.schema.schema.endianness", "little"),
    ("footer.table.schema.schema.fields.num_fields", "1"),
    ("footer.table.schema.schema.fields.fields[0].field.name.text", "\"n\u{fc}\""),
    ("footer.table.schema.schema.fields.fields[0].field.is_nullable", "true"),
    ("footer.table.schema.schema.fields.fields[0].field.type", "int"),
    ("footer.table.schema.schema.fields.fields[0].field.type_details.as<int_type>.num_bits", "32"),
    (
        "footer.table.schema.schema.fields.fields[0].field.type_details.as<int_type>.is_signed",
        "false",
    ),
    ("footer.table.schema.schema.fields.fields[0].field.dictionary.id", "0"),
    ("footer.table.schema.schema.custom_metadata.items[0].item.key.text", "\"k\""),
    ("footer.table.schema.schema.custom_metadata.items[0].item.value.text", "\"v\""),
    ("dictionaries.num_blocks", "0"),
    ("record_batches.num_blocks", "1"),
    ("record_batches.blocks[0].ofs_message", "8"),
    ("record_batches.blocks[0].message.message.header_type", "record_batch"),
    ("record_batches.blocks[0].message.message.len_body", "8"),
    ("record_batches.blocks[0].message.message.batch.num_rows", "2"),
    ("record_batches.blocks[0].message.message.batch.nodes[0].num_nulls", "0"),
    ("record_batches.blocks[0].message.message.batch.buffers[1].len_body", "8"),
    ("record_batches.blocks[0].body.buffers[1].data", "[05 00 00 00 06 00 00 00]"),
];

const OFFSET: &[u8] = &[0; 4];

/// Writes a vtable and its table, and returns where the table and each of its fields are. A field of no
/// bytes is absent.
fn table(out: &mut Vec<u8>, fields: &[&[u8]]) -> (usize, Vec<usize>) {
    let mut at = 4_usize;
    let mut slots = Vec::new();
    for field in fields {
        at = at.next_multiple_of(field.len().max(1));
        slots.push(if field.is_empty() { 0 } else { at });
        at += field.len();
    }
    let len_vtable = 4 + 2 * fields.len();
    // The table begins at a multiple of 8, right after its vtable.
    out.resize((out.len() + len_vtable).next_multiple_of(8) - len_vtable, 0);
    out.extend((len_vtable as u16).to_le_bytes());
    out.extend((at as u16).to_le_bytes());
    for it in &slots {
        out.extend((*it as u16).to_le_bytes());
    }
    let start = out.len();
    out.extend((len_vtable as u32).to_le_bytes());
    for (field, slot) in fields.iter().zip(&slots).filter(|it| *it.1 != 0) {
        out.resize(start + slot, 0);
        out.extend(*field);
    }
    (start, slots.iter().map(|it| start + it).collect())
}

/// Lets the offset at `from` lead to what comes next.
fn link(out: &mut Vec<u8>, from: usize) {
    out.resize(out.len().next_multiple_of(4), 0);
    let to = out.len();
    point(out, from, to);
}

fn point(out: &mut [u8], from: usize, to: usize) {
    out[from..from + 4].copy_from_slice(&((to - from) as u32).to_le_bytes());
}

/// Writes the count of a vector and its elements, and returns where those are.
fn vector(out: &mut Vec<u8>, count: u32, items: &[u8]) -> usize {
    out.extend(count.to_le_bytes());
    let first = out.len();
    out.extend(items);
    first
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
    out.push(0);
}

fn longs(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn message() -> Vec<u8> {
    let mut out = vec![0; 4];
    let (start, fields) = table(&mut out, &[&[4, 0], &[3], OFFSET, &8_u64.to_le_bytes()]);
    point(&mut out, 0, start);
    let (batch, inner) = table(&mut out, &[&2_u64.to_le_bytes(), OFFSET, OFFSET]);
    point(&mut out, fields[2], batch);
    link(&mut out, inner[1]);
    vector(&mut out, 1, &longs(&[2, 0]));
    link(&mut out, inner[2]);
    vector(&mut out, 2, &longs(&[0, 0, 0, 8]));
    out.resize(out.len().next_multiple_of(8), 0);
    out
}

fn footer(len_metadata: u32) -> Vec<u8> {
    let mut out = vec![0; 4];
    let (start, fields) = table(&mut out, &[&[4, 0], OFFSET, OFFSET, OFFSET]);
    point(&mut out, 0, start);
    let (schema, inner) = table(&mut out, &[&[], OFFSET, OFFSET]);
    point(&mut out, fields[1], schema);
    link(&mut out, fields[2]);
    vector(&mut out, 0, &[]);
    link(&mut out, fields[3]);
    let block = [&longs(&[8])[..], &len_metadata.to_le_bytes(), &[0; 4], &longs(&[8])].concat();
    vector(&mut out, 1, &block);
    link(&mut out, inner[1]);
    let first = vector(&mut out, 1, OFFSET);
    let (field, of_field) = table(&mut out, &[OFFSET, &[1], &[2], OFFSET, OFFSET]);
    point(&mut out, first, field);
    link(&mut out, of_field[0]);
    text(&mut out, "n\u{fc}");
    let (int, _) = table(&mut out, &[&32_u32.to_le_bytes()]);
    point(&mut out, of_field[3], int);
    let (dictionary, _) = table(&mut out, &[&[]]);
    point(&mut out, of_field[4], dictionary);
    link(&mut out, inner[2]);
    let first = vector(&mut out, 1, OFFSET);
    let (pair, of_pair) = table(&mut out, &[OFFSET, OFFSET]);
    point(&mut out, first, pair);
    link(&mut out, of_pair[0]);
    text(&mut out, "k");
    link(&mut out, of_pair[1]);
    text(&mut out, "v");
    out
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"ARROW1\0\0".to_vec();
    let message = message();
    out.extend([0xff; 4]);
    out.extend((message.len() as u32).to_le_bytes());
    out.extend(&message);
    out.extend([5, 0, 0, 0, 6, 0, 0, 0]);
    // No more messages.
    out.extend([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    let footer = footer(message.len() as u32 + 8);
    out.extend(&footer);
    out.extend((footer.len() as u32).to_le_bytes());
    out.extend(b"ARROW1");
    out
}

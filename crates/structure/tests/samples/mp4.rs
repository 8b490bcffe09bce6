//! An MP4 file of four samples of sound, with its tables, an edit and a title.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("boxes.size", "3"),
    ("boxes[0].type", "\"ftyp\""),
    ("boxes[0].body.major_brand", "\"isom\""),
    ("boxes[0].body.compatible_brands[1]", "\"mp42\""),
    ("boxes[1].len_large", "24"),
    ("boxes[1].len_body", "8"),
    ("boxes[1].body", "[00 01 00 02 00 03 00 04]"),
    ("boxes[2].body.boxes[0].body.seconds", "0.5"),
    ("boxes[2].body.boxes[1].body.boxes[0].body.track_id", "1"),
    ("boxes[2].body.boxes[1].body.boxes[0].body.is_enabled", "true"),
    ("boxes[2].body.boxes[1].body.boxes[1].body.boxes[0].body.entries[0].media_time", "-1"),
    ("boxes[2].body.boxes[1].body.boxes[2].body.boxes[0].body.language", "\"deu\""),
    ("boxes[2].body.boxes[1].body.boxes[2].body.boxes[1].body.handler_type", "\"soun\""),
    (
        "boxes[2].body.boxes[1].body.boxes[2].body.boxes[2].body.boxes[2].body.boxes[0].body.boxes[0].body.num_channels",
        "1",
    ),
    (
        "boxes[2].body.boxes[1].body.boxes[2].body.boxes[2].body.boxes[2].body.boxes[1].body.entries[0].delta",
        "1000",
    ),
    (
        "boxes[2].body.boxes[1].body.boxes[2].body.boxes[2].body.boxes[2].body.boxes[2].body.len_sample",
        "2",
    ),
    (
        "boxes[2].body.boxes[1].body.boxes[2].body.boxes[2].body.boxes[2].body.boxes[3].body.entries[0].samples_per_chunk",
        "4",
    ),
    (
        "boxes[2].body.boxes[1].body.boxes[2].body.boxes[2].body.boxes[2].body.boxes[4].body.ofs_chunks[0]",
        "40",
    ),
    (
        "boxes[2].body.boxes[2].body.boxes[0].body.boxes[1].body.boxes[0].body.boxes[0].body.body.text",
        "\"Tone\"",
    ),
];

fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = (body.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend_from_slice(&kind);
    out.extend_from_slice(&body);
    out
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// The transformation that changes nothing.
fn matrix() -> Vec<u8> {
    words(&[0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000])
}

fn movie_header() -> Vec<u8> {
    let times = words(&[0, 0, 0, 8000, 4000]);
    let rate = words(&[0x1_0000, 0x0100_0000, 0, 0]);
    boxed(*b"mvhd", &[&times, &rate, &matrix(), &[0; 24], &words(&[2])])
}

fn track_header() -> Vec<u8> {
    // Enabled and in the movie; track 1.
    let start = words(&[3, 0, 0, 1, 0, 4000, 0, 0, 0, 0x0100_0000]);
    boxed(*b"tkhd", &[&start, &matrix(), &words(&[0, 0])])
}

fn edits() -> Vec<u8> {
    let entries = words(&[0, 2, 0, u32::MAX, 0x1_0000, 4000, 0, 0x1_0000]);
    boxed(*b"edts", &[&boxed(*b"elst", &[&entries])])
}

fn sample_table() -> Vec<u8> {
    // Linear PCM of 16 bits, one channel, 8,000 Hz.
    let entry =
        boxed(*b"twos", &[&words(&[0, 1, 0, 0]), &words(&[0x0001_0010, 0]), &words(&[8000 << 16])]);
    boxed(
        *b"stbl",
        &[
            &boxed(*b"stsd", &[&words(&[0, 1]), &entry]),
            &boxed(*b"stts", &[&words(&[0, 1, 4, 1000])]),
            &boxed(*b"stsz", &[&words(&[0, 2, 4])]),
            &boxed(*b"stsc", &[&words(&[0, 1, 1, 4, 1])]),
            &boxed(*b"stco", &[&words(&[0, 1, 40])]),
        ],
    )
}

fn media() -> Vec<u8> {
    // The letters of "deu", five bits each.
    let language = (0x04 << 10) | (0x05 << 5) | 0x15;
    let header = boxed(*b"mdhd", &[&words(&[0, 0, 0, 8000, 4000, language << 16])]);
    let handler = boxed(*b"hdlr", &[&words(&[0, 0]), b"soun", &[0; 12], b"Sound\0"]);
    let location = boxed(*b"url ", &[&words(&[1])]);
    let references = boxed(*b"dinf", &[&boxed(*b"dref", &[&words(&[0, 1]), &location])]);
    let sound = boxed(*b"smhd", &[&words(&[0, 0])]);
    let information = boxed(*b"minf", &[&sound, &references, &sample_table()]);
    boxed(*b"mdia", &[&header, &handler, &information])
}

fn user_data() -> Vec<u8> {
    let title = boxed(*b"data", &[&words(&[1, 0]), b"Tone"]);
    let list = boxed(*b"ilst", &[&boxed(*b"\xa9nam", &[&title])]);
    let handler = boxed(*b"hdlr", &[&words(&[0, 0]), b"mdir", b"appl", &[0; 8], b"\0"]);
    boxed(*b"udta", &[&boxed(*b"meta", &[&words(&[0]), &handler, &list])])
}

pub(crate) fn sample() -> Vec<u8> {
    let track = boxed(*b"trak", &[&track_header(), &edits(), &media()]);
    // A length of 64 bits, as a writer leaves room for.
    let mut data = words(&[1]);
    data.extend_from_slice(b"mdat");
    data.extend_from_slice(&words(&[0, 24, 0x0001_0002, 0x0003_0004]));
    [
        boxed(*b"ftyp", &[b"isom", &words(&[0x200]), b"isom", b"mp42"]),
        data,
        boxed(*b"moov", &[&movie_header(), &track, &user_data()]),
    ]
    .concat()
}

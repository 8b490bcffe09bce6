//! A stereo WAV file of two frames with its title, a cue point and a label.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "\"RIFF\""),
    ("form", "\"WAVE\""),
    ("has_64_bit_lengths", "false"),
    ("chunks.size", "5"),
    ("chunks[0].id", "\"fmt \""),
    ("chunks[0].body.format_tag", "pcm"),
    ("chunks[0].body.num_channels", "2"),
    ("chunks[0].body.num_samples_per_second", "8000"),
    ("chunks[0].body.len_frame", "4"),
    ("chunks[1].body.type", "\"INFO\""),
    ("chunks[1].body.chunks[0].id", "\"INAM\""),
    ("chunks[1].body.chunks[0].body.text", "\"Tone\""),
    ("chunks[1].body.chunks[0].padding", "[00]"),
    ("chunks[2].body.points[0].sample_position", "1"),
    ("chunks[3].body.chunks[0].body.text", "\"here\""),
    ("chunks[3].body.chunks[0].body.cue_point", "9"),
    ("chunks[4].len_body", "8"),
    ("chunks[4].body", "[01 00 ff ff 02 00 fe ff]"),
];

/// A chunk with its body padded to an even length.
fn chunk(id: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
    out
}

fn format() -> Vec<u8> {
    let mut out = vec![1, 0, 2, 0];
    out.extend_from_slice(&8000_u32.to_le_bytes());
    out.extend_from_slice(&32000_u32.to_le_bytes());
    out.extend_from_slice(&[4, 0, 16, 0]);
    out
}

fn cue() -> Vec<u8> {
    let mut out = Vec::new();
    // One point, number 9, at frame 1 of the data.
    for value in [1, 9, 1, u32::from_le_bytes(*b"data"), 0, 0, 1] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out
}

pub(crate) fn sample() -> Vec<u8> {
    let title = chunk(*b"INAM", b"Tone\0");
    let label = chunk(*b"labl", b"\x09\0\0\0here\0");
    let chunks = [
        b"WAVE".to_vec(),
        chunk(*b"fmt ", &format()),
        chunk(*b"LIST", &[b"INFO".as_slice(), &title].concat()),
        chunk(*b"cue ", &cue()),
        chunk(*b"LIST", &[b"adtl".as_slice(), &label].concat()),
        chunk(*b"data", &[1, 0, 255, 255, 2, 0, 254, 255]),
    ];
    chunk(*b"RIFF", &chunks.concat())
}

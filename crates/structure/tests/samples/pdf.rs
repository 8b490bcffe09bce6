//! A document of one page, and an update of one object with a table of its own.

use std::fmt::Write as _;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("header.version", "\"1.7\""),
    ("end_search.is_found", "true"),
    ("start_xref.ofs_section", "527"),
    ("start_xref.end_marker", "\"%%EOF\""),
    ("sections.size", "2"),
    ("sections[0].is_table", "true"),
    ("sections[0].ofs_previous", "249"),
    ("sections[0].table.subsections.size", "2"),
    ("sections[0].table.subsections[0].entries[0].state", "free"),
    ("sections[0].table.subsections[1].entries[0].number", "4"),
    ("sections[0].table.subsections[1].entries[0].ofs_object", "493"),
    ("sections[0].table.subsections[1].entries[0].object.dictionary.pairs[0].text", "\"(New)\""),
    ("sections[0].table.trailer.pairs.size", "4"),
    ("sections[1].ofs_section", "249"),
    ("sections[1].has_previous", "false"),
    ("sections[1].table.subsections[0].num_entries", "5"),
    ("sections[1].table.subsections[0].entries[0].generation", "65535"),
    ("sections[1].table.subsections[0].entries[3].object.number.text.to_i", "3"),
    ("sections[1].table.subsections[0].entries[3].object.keyword.text", "\"obj\""),
    ("sections[1].table.subsections[0].entries[2].object.dictionary.pairs[1].text", "\"[…\""),
    (
        "sections[1].table.subsections[0].entries[4].object.dictionary.pairs[0].text",
        "\"(Paren\\) and (these))\"",
    ),
    ("sections[1].table.subsections[0].entries[4].object.dictionary.pairs[1].text", "\"<41>\""),
    ("sections[1].table.trailer.pairs[1].key.text", "\"/Root\""),
    ("sections[1].table.trailer.pairs[1].text", "\"1 0 R\""),
    ("sections[1].table.trailer.pairs[3].value.size", "4"),
    ("sections[1].table.trailer.close.text", "\">>\""),
];

/// The objects from 1 on.
const OBJECTS: [&str; 4] = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>",
    "<< /Title (Paren\\) and (these)) /Author <41> >>",
];

pub(crate) fn sample() -> Vec<u8> {
    let mut out = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (at, body) in OBJECTS.iter().enumerate() {
        places.push(out.len());
        let _ = write!(out, "{} 0 obj\n{body}\nendobj\n", at + 1);
    }
    let first = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in places {
        let _ = writeln!(out, "{place:010} 00000 n ");
    }
    let ids = "<00112233445566778899aabbccddeeff>";
    let _ = write!(
        out,
        "trailer\n<</Size 5/Root 1 0 R/Info 4 0 R/ID[{ids}{ids}]>>\nstartxref\n{first}\n%%EOF\n"
    );
    let changed = out.len();
    let _ = write!(out, "4 0 obj\n<< /Title (New) >>\nendobj\n");
    let second = out.len();
    let _ = write!(out, "xref\r\n0 1\r\n0000000000 65535 f\r\n4 1\r\n{changed:010} 00000 n\r\n");
    let _ = write!(
        out,
        "trailer\r\n<< /Size 5 /Root 1 0 R /Info 4 0 R /Prev {first} >>\r\nstartxref\r\n{second}\r\n%%EOF\r\n"
    );
    out.into_bytes()
}

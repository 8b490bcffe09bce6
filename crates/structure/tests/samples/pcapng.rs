//! Two sections: a little-endian one with blocks of most types, and a big-endian one.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("blocks[0].content.block_type", "section_header"),
    ("blocks[0].content.body.len_section", "-1"),
    ("blocks[0].content.body.options[0].code", "comment"),
    ("blocks[0].content.body.options[0].text", "\"generated\""),
    ("blocks[1].content.body.linktype", "ethernet"),
    ("blocks[1].content.body.options[0].text", "\"eth0\""),
    ("blocks[1].content.body.options[1].value.exponent", "9"),
    ("blocks[2].content.body.timestamp.value", "4294967298"),
    ("blocks[2].content.body.data", "[01 02 03 04 05]"),
    ("blocks[2].content.body.options[0].code", "flags"),
    ("blocks[2].content.body.options[0].value.value", "1"),
    ("blocks[3].content.body.len_original", "9"),
    ("blocks[4].content.body.records[0].ipv4_address", "[c0 00 02 01]"),
    ("blocks[4].content.body.records[0].names.names[1]", "\"b\""),
    ("blocks[5].content.body.options[0].value.value", "77"),
    ("blocks[5].is_le", "true"),
    ("blocks[6].is_le", "false"),
    ("blocks[6].content.body.len_section", "40"),
    ("blocks[7].content.body.linktype", "raw"),
    ("blocks[8].content.body.enterprise_number", "32473"),
];

/// Nine blocks.
pub(crate) fn sample() -> Vec<u8> {
    let (little, big) = (Order { is_le: true }, Order { is_le: false });
    let end = vec![0; 4];
    let section = little.section(u64::MAX, &[little.option(1, b"generated"), end.clone()].concat());
    let interface =
        [little.interface(1), little.option(2, b"eth0"), little.option(9, &[9]), end.clone()];
    let packet = [
        little.u32s(&[0, 1, 2, 5, 5]),
        vec![1, 2, 3, 4, 5, 0, 0, 0],
        little.option(2, &[1, 0, 0, 0]),
        end.clone(),
    ];
    let names = [little.option(1, b"\xc0\x00\x02\x01a\0b\0"), end.clone()];
    let statistics = [little.u32s(&[0, 1, 2]), little.option(4, &77_u64.to_le_bytes()), end];
    let raw = big.block(1, &big.interface(101));
    let custom = big.block(0xbad, &[big.u32s(&[32473]), b"data".to_vec()].concat());
    let mut capture = little.block(0x0a0d_0d0a, &section);
    capture.extend(little.block(1, &interface.concat()));
    capture.extend(little.block(6, &packet.concat()));
    capture.extend(little.block(3, &[little.u32s(&[9]), vec![7; 12]].concat()));
    capture.extend(little.block(4, &names.concat()));
    capture.extend(little.block(5, &statistics.concat()));
    let len = u64::try_from(raw.len() + custom.len()).expect("a short block");
    capture.extend(big.block(0x0a0d_0d0a, &big.section(len, &[])));
    capture.extend(raw);
    capture.extend(custom);
    capture
}

struct Order {
    is_le: bool,
}

impl Order {
    fn u16(&self, number: u16) -> [u8; 2] {
        if self.is_le { number.to_le_bytes() } else { number.to_be_bytes() }
    }

    fn u32s(&self, numbers: &[u32]) -> Vec<u8> {
        let bytes = |&n: &u32| if self.is_le { n.to_le_bytes() } else { n.to_be_bytes() };
        numbers.iter().flat_map(bytes).collect()
    }

    fn block(&self, kind: u32, body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len() + 12).expect("a short block");
        [&self.u32s(&[kind, len]), body, &self.u32s(&[len])].concat()
    }

    fn section(&self, len: u64, options: &[u8]) -> Vec<u8> {
        let len = if self.is_le { len.to_le_bytes() } else { len.to_be_bytes() };
        let magic = self.u32s(&[0x1a2b_3c4d]);
        [&magic, &self.u16(1)[..], &self.u16(0), &len, options].concat()
    }

    fn interface(&self, linktype: u16) -> Vec<u8> {
        [&self.u16(linktype)[..], &[0; 2], &self.u32s(&[65535])].concat()
    }

    /// Records of names have the same layout.
    fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(value.len()).expect("a short option");
        let mut option = [&self.u16(code)[..], &self.u16(len), value].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }
}

//! A capture with microseconds: a UDP datagram, a TCP segment, and a frame that was cut.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

const HEADER: u64 = 24;
const PACKET_HEADER: u64 = 16;

/// Bytes of a packet in a sparse capture.
const LARGE: u32 = 0x0004_0000;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "microseconds_le"),
    ("header.version_minor", "4"),
    ("header.snap_len", "262144"),
    ("header.linktype", "ethernet"),
    ("is_nanoseconds", "false"),
    ("packets[0].time_seconds", "1700000000"),
    ("packets[0].len_captured", "46"),
    ("packets[0].data.ethertype", "ipv4"),
    ("packets[0].data.source", "[02 00 00 00 00 02]"),
    ("packets[0].data.payload.header.protocol", "udp"),
    ("packets[0].data.payload.header.dont_fragment", "true"),
    ("packets[0].data.payload.payload.header.destination_port", "53"),
    ("packets[0].data.payload.payload.payload", "[61 62 63 64]"),
    ("packets[1].data.vlan.vlan_id", "5"),
    ("packets[1].data.payload.payload.header.syn", "true"),
    ("packets[1].data.payload.payload.header.ack", "false"),
    ("packets[1].data.payload.payload.options", "[02 04 05 b4]"),
    ("packets[2].len_original", "60"),
    ("packets[2].data.payload", "[02 02 02 02 02 02 02 02 02 02]"),
];

/// Three packets.
pub(crate) fn sample() -> Vec<u8> {
    let mut udp = vec![0x0f, 0xa0, 0, 53, 0, 12, 0, 0];
    udp.extend(b"abcd");
    let mut tcp = vec![0x0f, 0xa0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x60, 2, 4, 0, 0, 0, 0, 0];
    tcp.extend([2, 4, 5, 0xb4]);
    let mut capture = header();
    for (frame, len) in [
        (frame(&[8, 0], &ipv4(17, &udp)), 46),
        (frame(&[0x81, 0, 0, 5, 8, 0], &ipv4(6, &tcp)), 62),
        (vec![2; 10], 60),
    ] {
        let captured = u32::try_from(frame.len()).expect("a short frame");
        capture.extend(packet_header(0, captured, len));
        capture.extend(frame);
    }
    capture
}

/// A capture of packets of 256 KiB. Only the first hundred have headers.
pub(crate) fn write_sparse(mut file: &File, len: u64) -> io::Result<()> {
    file.set_len(len)?;
    file.write_all(&header())?;
    for index in 0..100 {
        let at = HEADER + u64::from(index) * (PACKET_HEADER + u64::from(LARGE));
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&packet_header(index, LARGE, LARGE))?;
    }
    Ok(())
}

fn header() -> Vec<u8> {
    let mut head = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
    head.extend([0; 8]);
    for number in [LARGE, 1] {
        head.extend(number.to_le_bytes());
    }
    head
}

fn packet_header(index: u32, captured: u32, original: u32) -> Vec<u8> {
    [1_700_000_000 + index, 5, captured, original].into_iter().flat_map(u32::to_le_bytes).collect()
}

fn frame(types: &[u8], payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], types, payload].concat()
}

/// The addresses are reserved for documentation by RFC 5737.
fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(20 + payload.len()).expect("a short packet");
    let mut packet = vec![0x45, 0, 0, len, 0, 7, 0x40, 0, 64, protocol, 0, 0];
    packet.extend([192, 0, 2, 1, 192, 0, 2, 2]);
    let sum: u32 = packet.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    packet[10..12].copy_from_slice(&(!sum).to_be_bytes()[2..]);
    packet.extend(payload);
    packet
}

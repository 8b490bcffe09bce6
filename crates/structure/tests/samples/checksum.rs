//! Checksums and uncompressed zlib data, for samples that need them.

/// CRC-32 as in PNG and gzip.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// One final deflate block that holds `bytes` uncompressed; at most 65,535 bytes.
pub(crate) fn deflate_stored(bytes: &[u8]) -> Vec<u8> {
    let len = bytes.len() as u16;
    let mut block = vec![1];
    block.extend_from_slice(&len.to_le_bytes());
    block.extend_from_slice(&(!len).to_le_bytes());
    block.extend_from_slice(bytes);
    block
}

/// A zlib stream of one uncompressed block.
pub(crate) fn zlib_stored(bytes: &[u8]) -> Vec<u8> {
    let (mut low, mut high) = (1_u32, 0_u32);
    for &byte in bytes {
        low = (low + u32::from(byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    let mut stream = vec![0x78, 0x01];
    stream.extend_from_slice(&deflate_stored(bytes));
    stream.extend_from_slice(&(high << 16 | low).to_be_bytes());
    stream
}

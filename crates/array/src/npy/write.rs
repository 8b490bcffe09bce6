//! Writes a header exactly as numpy does.

use super::{Header, Preamble, Version};
use crate::py_literal::tuple;
use crate::{ErrorKind, Order, Result};

/// The alignment of the data in the file.
const ALIGNMENT: usize = 64;

/// The room for digits of the growing dimension, as in numpy.
const GROWTH_DIGITS: usize = 21;

/// The dictionary, with its keys in alphabetical order.
pub(super) fn text(header: &Header) -> Result<String> {
    let descr = header.dtype().descr()?;
    let fortran_order = if header.order() == Order::Fortran { "True" } else { "False" };
    let shape = tuple(header.shape());
    Ok(format!("{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}"))
}

/// The start of the data, with room for the array to grow.
pub(super) fn data_start(header: &Header, text: &str, version: Version) -> Result<usize> {
    let spare = match header.growth_axis().and_then(|axis| header.shape().get(axis)) {
        Some(len) => GROWTH_DIGITS.saturating_sub(len.to_string().len()),
        None => 0,
    };
    let encoded_len = version.encode(text).map(|encoded| encoded.len());
    encoded_len
        .and_then(|len| padded_len(len.checked_add(spare)?, version))
        .ok_or_else(|| ErrorKind::HeaderNotInVersion { version }.into())
}

/// The number of bytes before the data, if the version can encode it.
fn padded_len(text_len: usize, version: Version) -> Option<usize> {
    let start = version.header_start();
    // One newline, and spaces before it.
    let used = start.checked_add(text_len)?.checked_add(1)?;
    let padded = used.checked_add(ALIGNMENT - used % ALIGNMENT)?;
    let header_len = padded.checked_sub(start)?;
    let is_encodable = match version {
        Version::V1 => u16::try_from(header_len).is_ok(),
        Version::V2 | Version::V3 => u32::try_from(header_len).is_ok(),
    };
    is_encodable.then_some(padded)
}

pub(super) fn to_bytes(header: &Header) -> Result<Vec<u8>> {
    let version = header.version();
    let Some(encoded) = version.encode(&text(header)?) else {
        return Err(ErrorKind::HeaderNotInVersion { version }.into());
    };
    let (start, end) = (version.header_start(), header.data_start());
    let room = end.saturating_sub(start).saturating_sub(1);
    if encoded.len() > room {
        return Err(ErrorKind::HeaderHasNoRoom { needed: encoded.len(), room }.into());
    }
    let mut bytes = Preamble::MAGIC.to_vec();
    let (major, minor) = version.numbers();
    bytes.extend([major, minor]);
    let header_len = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX).to_le_bytes();
    bytes.extend(header_len.into_iter().take(start.saturating_sub(bytes.len())));
    bytes.extend(encoded);
    bytes.resize(end.saturating_sub(1), b' ');
    bytes.push(b'\n');
    Ok(bytes)
}

use super::central_header::CentralHeader;
use super::eocd::DirectoryRange;
use super::{Member, Source};
use crate::{ErrorKind, Result};

/// The members of an archive, in the order of its directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directory {
    members: Vec<Member>,
}

impl Directory {
    /// The limit on the length of the directory, in bytes.
    pub const LIMIT: u64 = 64 << 20;

    /// Reads the directory of an archive in a file of `file_len` bytes.
    ///
    /// `read_at` fills the buffer from an offset; it is only called for ranges within the file. Bytes
    /// before the archive and the comment at its end are skipped. A member that is damaged, compressed
    /// or encrypted is listed; its [`range`](Member::range) is an error.
    ///
    /// # Errors
    /// - [`NotZip`](ErrorKind::NotZip) if the file does not end like an archive.
    /// - [`ZipDamaged`](ErrorKind::ZipDamaged) if the end record or the directory is damaged.
    /// - [`ZipDirectoryTooLong`](ErrorKind::ZipDirectoryTooLong) beyond [`LIMIT`](Self::LIMIT).
    /// - Those of `read_at`.
    ///
    /// # Cost
    /// Reads the last 64 KiB, the directory, and the header of each member. Memory in
    /// proportion to the directory.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::npz::Directory;
    ///
    /// // An archive without members is 22 bytes long.
    /// let mut archive = b"PK\x05\x06".to_vec();
    /// archive.resize(22, 0);
    /// let read_at = |offset: u64, out: &mut [u8]| {
    ///     let start = usize::try_from(offset).expect("an offset in memory");
    ///     out.copy_from_slice(&archive[start..][..out.len()]);
    ///     Ok(())
    /// };
    /// assert!(Directory::read(&read_at, 22)?.members().is_empty());
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn read(read_at: &dyn Fn(u64, &mut [u8]) -> Result<()>, file_len: u64) -> Result<Self> {
        let source = Source::new(read_at, file_len);
        let place = DirectoryRange::find(&source)?;
        let too_long = || ErrorKind::ZipDirectoryTooLong { len: place.len, limit: Self::LIMIT };
        if place.len > Self::LIMIT {
            return Err(too_long().into());
        }
        let Ok(len) = usize::try_from(place.len) else { return Err(too_long().into()) };
        let bytes = source.bytes(place.start, len)?;
        let mut members = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let done = bytes.len().saturating_sub(rest.len());
            let at = place.start.saturating_add(u64::try_from(done).unwrap_or(0));
            let (entry, after) = CentralHeader::parse(rest, at)?;
            members.push(entry.member(&source, place.prefix, place.start)?);
            rest = after;
        }
        Ok(Self { members })
    }

    /// All members.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of this name, with or without `.npy`; the last one if there are several.
    ///
    /// # Errors
    /// [`NoMember`](ErrorKind::NoMember), with the names that exist.
    ///
    /// # Cost
    /// Linear in the number of members.
    pub fn member(&self, name: &str) -> Result<&Member> {
        // A file name has precedence over the name that numpy derives from one.
        let by_file = self.members.iter().rfind(|member| member.file_name() == name);
        let found = by_file.or_else(|| self.members.iter().rfind(|it| it.name() == name));
        found.ok_or_else(|| {
            let names = self.members.iter().take(10).map(|it| it.name().to_owned()).collect();
            ErrorKind::NoMember { name: name.to_owned(), names }.into()
        })
    }
}

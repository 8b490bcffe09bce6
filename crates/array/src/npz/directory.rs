use super::central_header::CentralHeader;
use super::eocd::DirectoryRange;
use super::{Member, Source};
use crate::{ErrorKind, Result};

/// All members of an archive, in the order of its directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directory {
    members: Vec<Member>,
}

impl Directory {
    /// How long the directory of an archive may be, in bytes.
    pub const LIMIT: u64 = 64 << 20;

    /// The directory of an archive that is a file of `file_len` bytes.
    ///
    /// `read_at` fills the whole buffer from an offset; it is only asked for what lies within the
    /// file. What precedes the archive is skipped, and so is the comment at its end. A member that
    /// is damaged, compressed or encrypted is listed, and refused when its [`range`](Member::range)
    /// is asked for.
    ///
    /// # Errors
    /// - [`NotZip`](ErrorKind::NotZip) if the file does not end as an archive does.
    /// - [`ZipDamaged`](ErrorKind::ZipDamaged) if its end or its directory are.
    /// - [`ZipDirectoryTooLong`](ErrorKind::ZipDirectoryTooLong) beyond [`LIMIT`](Self::LIMIT).
    /// - Those of `read_at`.
    ///
    /// # Cost
    /// Reads the last 64 KiB, the directory, and the header of each stored member. Memory in
    /// proportion to the directory that is really there.
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

    /// All of them.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of this name, with `.npy` or without it; the last, if there are more.
    ///
    /// # Errors
    /// [`NoMember`](ErrorKind::NoMember) if there is none, with the names that there are.
    ///
    /// # Cost
    /// The names are compared one after the other.
    pub fn member(&self, name: &str) -> Result<&Member> {
        // The name of a file goes before the name that numpy makes of one.
        let by_file = self.members.iter().rfind(|member| member.file_name() == name);
        let found = by_file.or_else(|| self.members.iter().rfind(|it| it.name() == name));
        found.ok_or_else(|| {
            let names = self.members.iter().take(10).map(|it| it.name().to_owned()).collect();
            ErrorKind::NoMember { name: name.to_owned(), names }.into()
        })
    }
}

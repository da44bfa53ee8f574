//! A FHIR package as a `.tgz`, unpacked in memory. Nothing in it is trusted.

use std::io;
use std::io::Read;
use std::path::Component;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::Archive;
use tar::EntryType;

use crate::packages::MAX_BYTES;
use crate::packages::MAX_FILE;
use crate::packages::MAX_FILES;
use crate::packages::Package;
use crate::packages::PackageError;
use crate::packages::contents::MANIFEST;
use crate::packages::contents::is_definition_file;
use crate::packages::contents::manifest;

/// What is done with a file, given its name below `package/` and its bytes; gives whether to go on.
pub(super) type Take<'a> = dyn FnMut(&str, &[u8]) -> Result<bool, PackageError> + 'a;

/// Reads the resources directly under `package/`, as the FHIR package specification places them.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Package, PackageError> {
    let mut package = Package::default();
    each(path, bytes, is_definition_file, &mut |name, text| {
        if name == MANIFEST {
            (package.facts, package.dependencies) = manifest(path, text)?;
        } else {
            package.add(path, name, text)?;
        }
        Ok(true)
    })?;
    package.complete(path)
}

/// Hands over the files under `package/` whose name is wanted, name first, until `take` says no. Every member that is
/// passed on the way is checked, wanted or not.
pub(super) fn each(
    path: &Path,
    bytes: &[u8],
    is_wanted: fn(&str) -> bool,
    take: &mut Take<'_>,
) -> Result<(), PackageError> {
    let broken = |source: io::Error| match source.kind() {
        io::ErrorKind::FileTooLarge => PackageError::TooLarge { path: path.to_path_buf() },
        _ => PackageError::Archive { path: path.to_path_buf(), source },
    };
    // The limit counts what comes out, so that a small file cannot unpack to a huge one.
    let unpacked = Limited { inner: MultiGzDecoder::new(bytes), left: MAX_BYTES };
    let mut archive = Archive::new(unpacked);
    let mut text = Vec::new();
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        if count >= MAX_FILES {
            return Err(PackageError::TooManyFiles { path: path.to_path_buf() });
        }
        let mut entry = entry.map_err(broken)?;
        let inside = entry.path().map_err(broken)?.into_owned();
        let hostile = || PackageError::HostilePath { path: path.to_path_buf(), inside: inside.display().to_string() };
        let is_plain = inside.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous if is_plain => {}
            EntryType::Directory if is_plain => continue,
            EntryType::XGlobalHeader => continue,
            _ => return Err(hostile()),
        }
        let Some(name) = inside.strip_prefix("package").ok().and_then(Path::to_str) else { continue };
        if !is_wanted(name) {
            continue;
        }
        if entry.size() > MAX_FILE {
            return Err(PackageError::TooLarge { path: path.to_path_buf() });
        }
        text.clear();
        entry.read_to_end(&mut text).map_err(broken)?;
        if !take(name, &text)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Fails once more than so many bytes came out.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(count)
    }
}

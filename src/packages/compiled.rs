//! Compact definitions of packages that were opened before, so that they open without being parsed again.
//!
//! A file is found by the hash of what it was made of and the version of the format, and carries a hash of itself: one
//! that is damaged is made anew. Everything here can be removed at any time. Entry point: [`Compiled::open`].

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::time::SystemTime;

use crate::diag::Text;
use crate::fhir::definitions::FORMAT_VERSION;
use crate::fhir::definitions::Layer;
use crate::packages;
use crate::packages::PackageError;
use crate::packages::content_hash;
use crate::packages::contents;
use crate::packages::contents::is_archive;
use crate::packages::contents::read_file;
use crate::packages::contents::sha256;
use crate::packages::folder;
use crate::text;

/// Most files that are kept; the oldest go.
const KEPT: usize = 64;

/// What the compiler keeps of a definition, counted: goes up when it keeps more, so that older files are made anew.
const KEEPS: u32 = 2;

/// What the name of a file ends with.
const ENDING: &str = ".defs.gz";

/// Length of a hash in hexadecimal; the file begins with one and a line end.
const HASH: usize = 64;

/// The folder with compact definitions.
#[derive(Clone, Debug)]
pub struct Compiled {
    folder: PathBuf,
}

impl Compiled {
    /// Beside the package cache, in this folder of FHIR tools; it need not exist.
    pub fn new(fhir_folder: &Path) -> Compiled {
        Compiled { folder: fhir_folder.join("toetsbank") }
    }

    /// Opens whatever the path names, as [`packages::open`] does: archives and package folders by their compact
    /// definitions, which are made when they are not there. That they cannot be kept is no error. What the user may want
    /// to know is added to the notes.
    pub fn open(&self, path: &Path, notes: &mut Vec<Text>) -> Result<Layer, PackageError> {
        let key = if path.is_dir() {
            // Loose files are being worked on: each time others.
            match folder::root(path) {
                Some(_) => content_hash(path)?,
                None => return packages::open(path),
            }
        } else {
            let bytes = read_file(path)?;
            if !is_archive(&bytes) || contents::open_compact(path)?.is_some() {
                return packages::open(path);
            }
            sha256(&bytes)
        };
        let file = self.folder.join(format!("{key}.{FORMAT_VERSION}.{KEEPS}{ENDING}"));
        let shown = file.display();
        match read(&file) {
            Ok(Some(layer)) => return Ok(layer),
            Ok(None) => {}
            Err(Damaged) => notes
                .push(text!("`{shown}` is beschadigd en is opnieuw gemaakt", "`{shown}` is damaged and was made anew")),
        }
        let made = packages::compile(path)?;
        if let Err(error) = self.keep(&file, &made) {
            notes.push(text!(
                "`{shown}` kan niet worden bewaard ({error}); dit pakket wordt elke keer opnieuw gelezen",
                "`{shown}` cannot be kept ({error}); this package is read anew each time"
            ));
        }
        Layer::open_compact(made).map_err(|source| PackageError::Compact { path: path.to_path_buf(), source })
    }

    fn keep(&self, file: &Path, made: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut bytes = sha256(made).into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(made);
        // Renamed into place, so that nobody reads half a file.
        let draft = file.with_extension(format!("{}.part", process::id()));
        let put = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, file));
        if put.is_err() {
            // What is left of it is of no use; a disk that is full may not even let it go.
            let _ = fs::remove_file(&draft);
        }
        put?;
        self.tidy();
        Ok(())
    }

    /// Removes the oldest files beyond [`KEPT`]. A failure costs nothing but room.
    fn tidy(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .filter(|entry| entry.file_name().to_string_lossy().ends_with(ENDING))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let surplus = files.len().saturating_sub(KEPT);
        for (_, file) in files.iter().take(surplus) {
            let _ = fs::remove_file(file);
        }
    }
}

struct Damaged;

/// The layer in a file; `None` when there is no file.
fn read(file: &Path) -> Result<Option<Layer>, Damaged> {
    let mut bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(Damaged),
    };
    if bytes.get(HASH) != Some(&b'\n') {
        return Err(Damaged);
    }
    let made = bytes.split_off(HASH + 1);
    if sha256(&made).as_bytes() != &bytes[..HASH] {
        return Err(Damaged);
    }
    Layer::open_compact(made).map(Some).map_err(|_| Damaged)
}

#[cfg(test)]
mod tests {
    use crate::packages::tests::package;

    use super::*;

    #[test]
    fn a_package_is_compiled_once_and_a_damaged_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tgz");
        fs::write(&path, package("a.b", "1.0.0", &[])).unwrap();
        let compiled = Compiled::new(folder.path());
        let mut notes = Vec::new();
        let definitions = compiled.open(&path, &mut notes).unwrap().len();
        let kept: Vec<_> = fs::read_dir(folder.path().join("toetsbank")).unwrap().collect();
        assert_eq!((definitions, kept.len(), notes.len()), (1, 1, 0));
        let kept = kept[0].as_ref().unwrap().path();
        let whole = fs::read(&kept).unwrap();
        compiled.open(&path, &mut notes).unwrap();
        assert!(notes.is_empty());
        let mut turned = whole.clone();
        *turned.last_mut().unwrap() ^= 1;
        for damaged in [&whole[..whole.len() / 2], b"", &turned] {
            fs::write(&kept, damaged).unwrap();
            notes.clear();
            assert_eq!(compiled.open(&path, &mut notes).unwrap().len(), definitions);
            assert!(notes[0].en.contains("made anew"), "{notes:?}");
            assert_eq!(fs::read(&kept).unwrap(), whole);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_costs_a_note() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tgz");
        fs::write(&path, package("a.b", "1.0.0", &[])).unwrap();
        fs::write(folder.path().join("toetsbank"), "").unwrap();
        let mut notes = Vec::new();
        let opened = Compiled::new(folder.path()).open(&path, &mut notes);
        assert!(opened.is_ok() && !notes.is_empty());
    }

    #[test]
    fn old_files_go() {
        let folder = tempfile::tempdir().unwrap();
        let compiled = Compiled::new(folder.path());
        for number in 0..KEPT + 9 {
            compiled.keep(&compiled.folder.join(format!("{number}{ENDING}")), b"x").unwrap();
        }
        assert_eq!(fs::read_dir(&compiled.folder).unwrap().count(), KEPT);
    }
}

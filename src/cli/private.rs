//! Puts a file that holds a secret in place.

use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Puts a file in place as a whole: who waits for it never reads half of it. Others may not read it: it holds a key.
///
/// # Errors
/// When it cannot be written.
pub fn put(file: &Path, text: &str) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let done = options
        .open(&beside)
        .and_then(|mut open| open.write_all(text.as_bytes()).and_then(|()| open.sync_all()))
        .and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        // What is left behind is of no use; that it cannot be removed is not the news.
        let _ = fs::remove_file(&beside);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_in_place_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dva.toml");
        put(&file, "een").unwrap();
        put(&file, "twee").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "twee");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(put(&folder.path().join("er/niet"), "x").is_err());
    }
}

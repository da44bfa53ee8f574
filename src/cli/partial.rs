//! Keeps what was recorded while the run goes, so that a run that is killed loses nothing that was seen.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::exchange::Run;
use crate::exchange::lines;
use crate::exchange::lines::Lines;

/// Name of the file in the folder of a run that is not finished.
pub const PARTIAL: &str = "trace.partial.jsonl";

/// The growing trace of one run.
pub struct Partial {
    file: File,
    lines: Lines,
    path: PathBuf,
    /// Folders that were made for it, innermost first.
    made: Vec<PathBuf>,
    failed: bool,
}

impl Partial {
    /// Begins in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn begin(folder: &Path, context: &Value) -> io::Result<Self> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made = folder.ancestors().take_while(is_missing).map(PathBuf::from).collect();
        fs::create_dir_all(folder)?;
        let path = folder.join(PARTIAL);
        let mut file = File::create(&path)?;
        file.write_all(lines::first(context).map_err(io::Error::other)?.as_bytes())?;
        Ok(Self { file, lines: Lines::default(), path, made, failed: false })
    }

    /// Adds the trace that came last. The first failure is told; the run goes on, as its end writes the whole trace.
    pub fn add(&mut self, run: &Run) {
        let line = self.lines.next(run).map_err(io::Error::other);
        let written = line.and_then(|line| self.file.write_all(line.as_bytes()));
        if let Err(error) = written
            && !std::mem::replace(&mut self.failed, true)
        {
            eprintln!(
                "toetsbank: cannot write `{}`: {error}; a run that is killed now cannot be judged",
                self.path.display()
            );
        }
    }

    /// Removes the file: the whole trace is written.
    pub fn finish(self) {
        // It is left when it cannot be removed: it says the same as the trace.
        let _ = fs::remove_file(&self.path);
    }

    /// Removes the file and the folders made for it: nothing was run.
    pub fn undo(self) {
        let _ = fs::remove_file(&self.path);
        for folder in &self.made {
            // Only empty ones go.
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_what_was_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("reports/run");
        let partial = Partial::begin(&inner, &Value::Null).unwrap();
        assert!(inner.join(PARTIAL).exists());
        partial.undo();
        assert!(!folder.path().join("reports").exists() && folder.path().exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), b"").unwrap();
        assert!(Partial::begin(&folder.path().join("file/run"), &Value::Null).is_err());
    }
}

//! Finds what is to be validated: files, folders, patterns and standard input; and reads it text by text.
//!
//! NDJSON is read line by line, so that a file of any size fits. Entry points: [`inputs`], then [`Input::read`].

use std::error::Error;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use regex::Regex;

use crate::fhir::json;
use crate::fhir::syntax::MAX_BYTES;

/// Names that end so are taken from a folder.
const ENDINGS: [&str; 4] = ["json", "xml", "ndjson", "jsonl"];

/// Files in packages that hold no resource.
const NO_RESOURCES: [&str; 2] = ["package.json", ".index.json"];

/// Deepest folder that is looked into.
const DEPTH: usize = 32;

/// Something to read.
pub struct Input {
    name: Arc<str>,
    path: PathBuf,
    /// What can be opened once only: standard input, a pipe.
    opened: Option<File>,
}

/// One text that should be a resource.
pub struct Text {
    /// Name of the file as it is shown.
    pub file: Arc<str>,
    /// Line at which it starts, from 1.
    pub line: usize,
    /// Whether the file is NDJSON.
    pub is_lines: bool,
    /// The text. Of one that is too large, the beginning.
    pub bytes: Vec<u8>,
}

/// All that the arguments name, in their order; folders in the order of the alphabet.
///
/// # Errors
/// A name that leads to nothing that can be read, so that nothing is judged then.
pub fn inputs(arguments: &[PathBuf]) -> Result<Vec<Input>, Box<dyn Error>> {
    let mut found = Vec::new();
    for argument in arguments {
        let shown = argument.display();
        if argument.as_os_str() == "-" {
            found.push(Input { name: "-".into(), path: argument.clone(), opened: None });
        } else if argument.is_dir() {
            let mut paths = Vec::new();
            below(argument, 0, &mut paths)?;
            if paths.is_empty() {
                return Err(format!(
                    "read `{shown}`: the folder has no files with resources (.json, .xml, .ndjson, .jsonl)"
                )
                .into());
            }
            for path in paths {
                found.push(Input::open(path)?);
            }
        } else if !argument.exists() && argument.to_string_lossy().contains(['*', '?']) {
            let paths = matching(&argument.to_string_lossy())?;
            if paths.is_empty() {
                return Err(format!("read `{shown}`: no file matches").into());
            }
            for path in paths {
                found.push(Input::open(path)?);
            }
        } else {
            found.push(Input::open(argument.clone())?);
        }
    }
    Ok(found)
}

impl Input {
    /// A file that can be opened.
    fn open(path: PathBuf) -> Result<Input, Box<dyn Error>> {
        let fail = |error: io::Error| {
            let hint = match error.kind() {
                io::ErrorKind::NotFound => "; check the name".to_owned(),
                io::ErrorKind::PermissionDenied => "; give yourself the right to read it".to_owned(),
                _ => String::new(),
            };
            format!("read `{}`: {error}{hint}", path.display())
        };
        let file = File::open(&path).map_err(fail)?;
        let is_file = file.metadata().map_err(fail)?.is_file();
        let name = path.display().to_string().into();
        // Thousands of files must not be open at once; a pipe cannot be opened again.
        Ok(Input { name, path, opened: (!is_file).then_some(file) })
    }

    /// Reads the texts one by one and gives each to `take`, until that says stop.
    ///
    /// # Errors
    /// A file that cannot be read after all.
    pub fn read(self, take: &mut dyn FnMut(Text) -> bool) -> Result<(), String> {
        let name = self.name.clone();
        let fail = |error: io::Error| format!("read `{name}`: {error}");
        let source: Box<dyn Read> = match self.opened {
            Some(file) => Box::new(file),
            None if &*self.name == "-" => Box::new(io::stdin()),
            None => Box::new(File::open(&self.path).map_err(fail)?),
        };
        texts(&name, source, take).map_err(fail)
    }
}

/// Divides what is read: NDJSON when its name says so, or when its first line is an object by itself.
fn texts(name: &Arc<str>, source: impl Read, take: &mut dyn FnMut(Text) -> bool) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 20, source);
    let mut first = Vec::new();
    line(&mut reader, &mut first)?;
    let is_named = [".ndjson", ".jsonl"].iter().any(|end| name.to_lowercase().ends_with(end));
    if !is_named && !stands_alone(&first) {
        let most = (MAX_BYTES + 1).saturating_sub(first.len());
        reader.take(most as u64).read_to_end(&mut first)?;
        take(Text { file: name.clone(), line: 1, is_lines: false, bytes: first });
        return Ok(());
    }
    let mut number = 0;
    let mut bytes = first;
    let mut any = false;
    while !bytes.is_empty() {
        number += 1;
        if !is_blank(&bytes) {
            any = true;
            while matches!(bytes.last(), Some(b'\n' | b'\r')) {
                bytes.pop();
            }
            if !take(Text { file: name.clone(), line: number, is_lines: true, bytes }) {
                return Ok(());
            }
        }
        bytes = Vec::new();
        line(&mut reader, &mut bytes)?;
    }
    if !any {
        take(Text { file: name.clone(), line: 1, is_lines: false, bytes });
    }
    Ok(())
}

/// Reads one line with its end. Of a line that is too long only so much is kept that its judge sees that.
fn line(reader: &mut impl BufRead, into: &mut Vec<u8>) -> io::Result<()> {
    let most = MAX_BYTES as u64 + 1;
    reader.by_ref().take(most).read_until(b'\n', into)?;
    if into.len() as u64 == most && into.last() != Some(&b'\n') {
        reader.skip_until(b'\n')?;
    }
    Ok(())
}

/// Whether a first line is a whole JSON object.
fn stands_alone(line: &[u8]) -> bool {
    let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let start = text.iter().find(|byte| !byte.is_ascii_whitespace());
    let end = text.iter().rfind(|byte| !byte.is_ascii_whitespace());
    start == Some(&b'{') && end == Some(&b'}') && json::parse(line).is_ok()
}

fn is_blank(text: &[u8]) -> bool {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).iter().all(u8::is_ascii_whitespace)
}

/// The files with resources in a folder and below, hidden ones apart.
fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if depth > DEPTH {
        return Err(format!("read `{}`: more than {DEPTH} folders deep", folder.display()).into());
    }
    let fail = |error: io::Error| format!("read `{}`: {error}", folder.display());
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        entries.push(entry.map_err(fail)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || NO_RESOURCES.contains(&name.as_str()) {
            continue;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if path.is_dir() {
            // A link may lead back up.
            if !path.is_symlink() {
                below(&path, depth + 1, found)?;
            }
        } else if ENDINGS.contains(&ending.as_str()) {
            found.push(path);
        }
    }
    Ok(())
}

/// The files that a pattern names, for shells that do not do it: `*` and `?` within a name, `**` for folders.
fn matching(pattern: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let steps: Vec<&str> = pattern.split('/').collect();
    let fixed = steps.iter().take_while(|step| !step.contains(['*', '?'])).count().min(steps.len() - 1);
    let base = steps[..fixed].join("/");
    let base = if fixed == 0 { PathBuf::from(".") } else { PathBuf::from(if base.is_empty() { "/" } else { &base }) };
    let mut paths = vec![base];
    for (at, step) in steps[fixed..].iter().enumerate() {
        let is_last = fixed + at + 1 == steps.len();
        let mut next = Vec::new();
        let name = Regex::new(&as_regex(step))?;
        for path in paths {
            if *step == "**" {
                folders(&path, 0, &mut next);
                continue;
            }
            for entry in sorted(&path) {
                let shown = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let hidden = shown.starts_with('.') && !step.starts_with('.');
                if !hidden && name.is_match(&shown) && entry.is_dir() != is_last {
                    next.push(entry);
                }
            }
        }
        paths = next;
    }
    let plain = |path: PathBuf| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
    Ok(paths.into_iter().filter(|path| path.is_file()).map(plain).collect())
}

fn as_regex(step: &str) -> String {
    let mut out = String::from("^");
    for letter in step.chars() {
        match letter {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            other => out.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    out
}

/// A folder and all folders below it, hidden ones apart.
fn folders(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    found.push(folder.to_owned());
    if depth > DEPTH {
        return;
    }
    for entry in sorted(folder) {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if entry.is_dir() && !entry.is_symlink() && !hidden {
            folders(&entry, depth + 1, found);
        }
    }
}

/// What is in a folder; nothing when it cannot be read.
fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expect: &[(usize, &str)]) {
        let mut seen = Vec::new();
        texts(&name.into(), text.as_bytes(), &mut |text| {
            seen.push((text.line, String::from_utf8(text.bytes).unwrap()));
            true
        })
        .unwrap();
        let expect: Vec<(usize, String)> = expect.iter().map(|(line, text)| (*line, (*text).to_owned())).collect();
        assert_eq!(seen, expect, "{name}");
    }

    #[test]
    fn a_file_is_one_text_or_a_text_a_line() {
        check("a.json", "{\n\"a\": 1}\n", &[(1, "{\n\"a\": 1}\n")]);
        check("a.json", "{\"a\":1}\n\n{\"b\":2}", &[(1, "{\"a\":1}"), (3, "{\"b\":2}")]);
        check("a.NDJSON", "{\n{}\n", &[(1, "{"), (2, "{}")]);
        check("a.json", "", &[(1, "")]);
        check("a.ndjson", "\n \n", &[(1, "")]);
        check("-", "\u{feff}{}\r\n{}\r\n", &[(1, "\u{feff}{}"), (2, "{}")]);
    }

    #[test]
    fn patterns_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).unwrap();
        for name in ["1.json", "2.xml", "3.txt", ".4.json", "package.json", "a/5.ndjson", "a/b/6.json"] {
            fs::write(at(name), "{}").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("../..", at("a/b/up")).unwrap();
        let names = |paths: Vec<PathBuf>| {
            let mut names: Vec<String> = Vec::new();
            for path in paths {
                names.push(path.strip_prefix(folder.path()).unwrap().display().to_string());
            }
            names
        };
        let mut found = Vec::new();
        below(folder.path(), 0, &mut found).unwrap();
        assert_eq!(names(found), ["1.json", "2.xml", "a/5.ndjson", "a/b/6.json"]);
        let matched = |pattern: &str| names(matching(&at(pattern).to_string_lossy()).unwrap());
        assert_eq!(matched("?.json"), ["1.json"]);
        assert_eq!(matched("**/*.json"), ["1.json", "package.json", "a/b/6.json"]);
        assert_eq!(matched("a/*/*.json"), ["a/b/6.json"]);
        assert!(matched("*.csv").is_empty());
        assert!(inputs(&[at("a/b/*.xml")]).is_err_and(|error| error.to_string().contains("no file matches")));
    }
}

//! Compact definitions: a FHIR package as one small file, facts only, that opens without being parsed.
//!
//! The file is gzip in members. The first holds a header line (JSON) and one line for each definition: kind,
//! canonical, version, length, separated by tabs, in the order of the index. The second holds the rows that elements share
//! (see `rows.rs`). The others hold the definitions, each a line of JSON (a StructureDefinition: several lines), about
//! [`CHUNK`] bytes a member, so that a definition costs one small member to reach. `gzip -d` shows all of it.
//! The same package always gives the same bytes.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::Read;
use std::io::Write;
use std::iter;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::GzBuilder;
use flate2::bufread::GzDecoder;

use crate::fhir::definitions::DefinitionKind;
use crate::fhir::definitions::layer::Entry;
use crate::fhir::definitions::layer::LayerError;
use crate::fhir::definitions::layer::PackageFacts;
use crate::fhir::definitions::layer::canonical;
use crate::fhir::definitions::layer::index_order;
use crate::fhir::definitions::layer::parse;
use crate::fhir::definitions::prune::prune;
use crate::fhir::definitions::rows::Rows;
use crate::fhir::definitions::rows::RowsMade;
use crate::fhir::definitions::structure::StructureDefinition;
use crate::fhir::element::Element;
use crate::fhir::json;

/// Version of the format; a file of another version must be compiled again.
pub const FORMAT_VERSION: u32 = 2;

/// What a member holds at least, in bytes before compression, unless the definitions are at an end.
const CHUNK: usize = 64 << 10;

/// No member of ours is larger, in bytes before compression.
const MAX_MEMBER: usize = 64 << 20;

const FORMAT: &str = "toetsbank compact definitions";

/// Why a file is no usable compact definitions file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompactError {
    /// It is something else, or damaged.
    NotCompact,
    /// It was made by another version of the harness.
    FormatVersion(String),
    /// A line of its index, counted from 1, cannot be understood.
    Index(usize),
    /// A member is larger than one may be, before compression.
    TooLarge,
}

impl fmt::Display for CompactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompactError::NotCompact => {
                write!(
                    f,
                    "read compact definitions: the file is something else or damaged; make it with `toetsbank packages compile`"
                )
            }
            CompactError::FormatVersion(found) => {
                write!(
                    f,
                    "read compact definitions of format `{found}`; compile the package again for format {FORMAT_VERSION}"
                )
            }
            CompactError::Index(line) => {
                write!(f, "read compact definitions: line {line} is damaged; compile the package again")
            }
            CompactError::TooLarge => {
                write!(
                    f,
                    "read compact definitions: a part unpacks to more than {} MiB; compile the package again",
                    MAX_MEMBER >> 20
                )
            }
        }
    }
}

impl Error for CompactError {}

/// Makes compact definitions of the resources of a package. Resources that are no definitions are left out; one that
/// is no usable definition is an error.
pub fn compile(package: &PackageFacts, resources: &[Element]) -> Result<Vec<u8>, LayerError> {
    let mut lines = Vec::new();
    for resource in resources {
        let Some(kind) = resource.resource_type.as_deref().and_then(DefinitionKind::of) else { continue };
        let Some((url, version)) = canonical(kind, resource) else { continue };
        let pruned = prune(kind, resource);
        parse(kind, &pruned).map_err(|source| LayerError::Definition { resource: url.to_string(), source })?;
        let text = json::write(&pruned, None);
        lines.push((kind, one_field(&url), version.as_deref().map(one_field), text, pruned));
    }
    lines.sort_by(|a, b| {
        index_order((a.0, &a.1, a.2.as_deref()), (b.0, &b.1, b.2.as_deref())).then_with(|| a.3.cmp(&b.3))
    });
    let mut rows = RowsMade::default();
    let mut index = String::new();
    let mut chunks: Vec<String> = vec![String::new()];
    for (kind, url, version, text, pruned) in &lines {
        let body = match kind {
            DefinitionKind::StructureDefinition => &rows.add(pruned),
            _ => text,
        };
        index.push_str(&format!(
            "{}\t{url}\t{}\t{}\n",
            kind.name(),
            version.as_deref().unwrap_or_default(),
            body.len()
        ));
        if chunks.last().is_some_and(|chunk| chunk.len() >= CHUNK) {
            chunks.push(String::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push_str(body);
            chunk.push('\n');
        }
    }
    let shared = compress(rows.text().as_bytes());
    let members: Vec<Vec<u8>> = chunks.iter().map(|chunk| compress(chunk.as_bytes())).collect();
    let sizes: Vec<[usize; 2]> =
        members.iter().zip(&chunks).map(|(member, chunk)| [member.len(), chunk.len()]).collect();
    let header = serde_json::json!({
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "package": package.name,
        "version": package.version,
        "fhirVersion": package.fhir_version,
        "license": package.license,
        "sha256": package.sha256,
        "definitions": lines.len(),
        "rows": [shared.len(), rows.text().len()],
        "members": sizes,
    });
    let mut file = compress(format!("{header}\n{index}").as_bytes());
    file.extend(shared);
    file.extend(members.into_iter().flatten());
    Ok(file)
}

/// Whether these bytes start as compact definitions do: gzip, with our header inside.
pub fn is_compact(file: &[u8]) -> bool {
    let mut start = [0; 64];
    let mut decoder = GzDecoder::new(file);
    let mut filled = 0;
    while filled < start.len() {
        match decoder.read(&mut start[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    let expect = format!("{{\"format\":\"{FORMAT}\"");
    start[..filled].starts_with(expect.as_bytes())
}

/// Members of a file, each decompressed when it is first needed.
pub(super) struct Members {
    file: Cow<'static, [u8]>,
    rows: (Member, OnceLock<Rows>),
    members: Vec<Member>,
}

struct Member {
    start: usize,
    len: usize,
    raw_len: usize,
    text: OnceLock<Box<[u8]>>,
}

/// Where a definition is.
#[derive(Clone, Copy)]
pub(super) struct Location {
    member: u32,
    start: u32,
    len: u32,
}

impl Members {
    /// The text of a definition; `None` when the file is damaged there.
    pub(super) fn text(&self, location: Location) -> Option<&[u8]> {
        let member = self.members.get(location.member as usize)?;
        let text = member.text.get_or_init(|| self.unpack(member).into());
        let start = location.start as usize;
        text.get(start..start.checked_add(location.len as usize)?)
    }

    /// A StructureDefinition; `None` when the file is damaged there.
    pub(super) fn structure(&self, location: Location) -> Option<StructureDefinition> {
        let (member, rows) = &self.rows;
        let rows = rows.get_or_init(|| Rows::new(String::from_utf8(self.unpack(member)).unwrap_or_default()));
        rows.structure(str::from_utf8(self.text(location)?).ok()?)
    }

    fn unpack(&self, member: &Member) -> Vec<u8> {
        let packed = self.file.get(member.start..member.start.saturating_add(member.len)).unwrap_or_default();
        decompress(packed, member.raw_len).unwrap_or_default().0
    }
}

/// Reads header and index.
pub(super) fn open(file: Cow<'static, [u8]>) -> Result<(PackageFacts, Vec<Entry>, Members), CompactError> {
    if !is_compact(&file) {
        return Err(CompactError::NotCompact);
    }
    let (head, head_len) = decompress(&file, MAX_MEMBER)?;
    let head = String::from_utf8(head).map_err(|_| CompactError::NotCompact)?;
    let (header, index) = head.split_once('\n').ok_or(CompactError::NotCompact)?;
    let header: serde_json::Value = serde_json::from_str(header).map_err(|_| CompactError::NotCompact)?;
    if header["formatVersion"] != FORMAT_VERSION {
        return Err(CompactError::FormatVersion(header["formatVersion"].to_string()));
    }
    let text = |name: &str| header[name].as_str().unwrap_or_default().to_string();
    let facts = PackageFacts {
        name: text("package"),
        version: text("version"),
        fhir_version: text("fhirVersion"),
        license: text("license"),
        sha256: text("sha256"),
    };
    let mut members = Vec::new();
    let mut start = head_len;
    for sizes in iter::once(&header["rows"]).chain(header["members"].as_array().into_iter().flatten()) {
        let size = |position: usize| sizes[position].as_u64().and_then(|size| usize::try_from(size).ok());
        let (Some(len), Some(raw_len)) = (size(0), size(1)) else { return Err(CompactError::NotCompact) };
        if raw_len > MAX_MEMBER {
            return Err(CompactError::TooLarge);
        }
        members.push(Member { start, len, raw_len, text: OnceLock::new() });
        start = start.checked_add(len).ok_or(CompactError::NotCompact)?;
    }
    let rows = (members.remove(0), OnceLock::new());
    if start != file.len() {
        return Err(CompactError::NotCompact);
    }
    let entries = read_index(index, &members)?;
    Ok((facts, entries, Members { file, rows, members }))
}

fn read_index(index: &str, members: &[Member]) -> Result<Vec<Entry>, CompactError> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut member, mut at) = (0usize, 0usize);
    for (number, line) in index.lines().enumerate() {
        let damaged = CompactError::Index(number + 2);
        let mut fields = line.split('\t');
        let (Some(kind), Some(url), Some(version), Some(len)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(damaged);
        };
        let (Some(kind), Ok(len)) = (DefinitionKind::of(kind), len.parse::<u32>()) else { return Err(damaged) };
        while members.get(member).is_some_and(|found| at >= found.raw_len) {
            (member, at) = (member + 1, 0);
        }
        let (Ok(member), Ok(start)) = (u32::try_from(member), u32::try_from(at)) else { return Err(damaged) };
        at += len as usize + 1;
        let version = (!version.is_empty()).then(|| version.into());
        let entry = Entry::in_member(kind, url.into(), version, Location { member, start, len });
        // The layer searches by halves: a file in another order would hide definitions.
        if entries.last().is_some_and(|last| index_order(last.key(), entry.key()).is_gt()) {
            return Err(damaged);
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn compress(text: &[u8]) -> Vec<u8> {
    // No time, no name, unknown system: nothing that differs from run to run.
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default()
}

/// The text of the first member, which is at most so many bytes, and the member's length.
fn decompress(file: &[u8], max: usize) -> Result<(Vec<u8>, usize), CompactError> {
    let mut decoder = GzDecoder::new(file);
    let mut text = Vec::new();
    decoder.by_ref().take(max as u64 + 1).read_to_end(&mut text).map_err(|_| CompactError::NotCompact)?;
    if text.len() > max {
        return Err(CompactError::TooLarge);
    }
    Ok((text, file.len() - decoder.into_inner().len()))
}

/// A tab or line end in a URL or version would break the index.
fn one_field(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of which the header says this of its members.
    fn file(sizes: &str, after: &str) -> Vec<u8> {
        let header = format!(
            r#"{{"format":"{FORMAT}","formatVersion":{FORMAT_VERSION},"rows":[{sizes}],"members":[]}}{}"#,
            "\n"
        );
        compress((header + after).as_bytes())
    }

    #[test]
    fn a_member_beyond_the_limit_is_refused_by_name() {
        let opened = |file: Vec<u8>| open(Cow::Owned(file)).map(|_| ());
        assert_eq!(opened(file("0,0", "")), Ok(()));
        // A header before so many blanks: a gigabyte that a few would unpack to is not unpacked.
        let bomb = file("0,0", &" ".repeat(MAX_MEMBER));
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        assert_eq!(opened(bomb), Err(CompactError::TooLarge));
        assert_eq!(opened(file(&format!("0,{}", MAX_MEMBER + 1), "")), Err(CompactError::TooLarge));
        let said = CompactError::TooLarge.to_string();
        assert!(said.contains("more than 64 MiB; compile"), "{said}");
    }

    #[test]
    fn a_member_that_unpacks_to_more_than_its_header_says_is_damaged() {
        let packed = compress(" ".repeat(MAX_MEMBER + 1).as_bytes());
        for (said, expected) in [(100, Err(CompactError::TooLarge)), (MAX_MEMBER, Err(CompactError::TooLarge))] {
            assert_eq!(decompress(&packed, said).map(|_| ()), expected);
        }
        let member = Member { start: 0, len: packed.len(), raw_len: 100, text: OnceLock::new() };
        let rows = Member { start: 0, len: 0, raw_len: 0, text: OnceLock::new() };
        let members = Members { file: Cow::Owned(packed), rows: (rows, OnceLock::new()), members: vec![member] };
        assert_eq!(members.text(Location { member: 0, start: 0, len: 1 }), None);
    }
}

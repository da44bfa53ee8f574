//! FHIR packages from files, folders, the user's package cache or a registry, to [`Layer`]s of definitions.
//!
//! Nothing in a package is trusted, and nothing is fetched unless the user names a registry. Does not judge and does not
//! know what is in a definition. Entry points: [`open`] and [`compiled`] for a package that is at hand, [`resolve`] for
//! what it builds on, [`lock`] for what was agreed, [`embedded`] for what the binary carries.

pub mod cache;
pub mod compiled;
mod contents;
pub mod embedded;
mod error;
mod folder;
pub mod http;
pub mod lock;
pub mod registry;
pub mod resolve;
mod tarball;
mod terminology_file;
mod terminology_server;
pub mod version;

use std::path::Path;

use crate::fhir::definitions;
use crate::fhir::definitions::Layer;

pub use contents::Manifest;
pub use contents::Package;
pub use contents::content_hash;
pub use contents::manifest_of;
pub use contents::read;
pub use error::PackageError;
pub use terminology_file::open_terminology;
pub use terminology_server::TerminologyServer;
pub use terminology_server::TerminologyServerError;

/// Largest file that we read, and the most that a package may unpack to, in bytes: 512 MiB.
pub const MAX_BYTES: u64 = 512 << 20;

/// Largest file in a package, in bytes: 128 MiB.
const MAX_FILE: u64 = 128 << 20;

/// Most files in a package.
pub const MAX_FILES: usize = 100_000;

/// Deepest nesting of folders with definitions.
const MAX_FOLDERS: usize = 16;

/// Opens whatever the path names, for judging: a package, a folder, compact definitions or a resource.
pub fn open(path: &Path) -> Result<Layer, PackageError> {
    if let Some(layer) = contents::open_compact(path)? {
        return Ok(layer);
    }
    read(path)?.into_layer(path)
}

/// Makes compact definitions of the package at the path.
pub fn compile(path: &Path) -> Result<Vec<u8>, PackageError> {
    let package = read(path)?;
    definitions::compile(&package.facts, &package.resources).map_err(|source| package.unusable(path, source))
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fs;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::EntryType;
    use tar::Header;

    use super::*;

    const MANIFEST: &str =
        r#"{"name":"a.b","version":"1.0.0","license":"CC0-1.0","fhirVersions":["3.0.2"],"dependencies":{"c":"2"}}"#;
    const VALUE_SET: &str = r#"{"resourceType":"ValueSet","url":"http://a/v","version":"1","text":{"div":"<div/>"},"description":"prose","compose":{"include":[{"system":"s","concept":[{"code":"c","display":"d"}]}]}}"#;

    /// An archive of a package with one ValueSet and these dependencies.
    pub(super) fn package(name: &str, version: &str, dependencies: &[(&str, &str)]) -> Vec<u8> {
        let dependencies: serde_json::Map<String, serde_json::Value> =
            dependencies.iter().map(|(name, version)| (name.to_string(), (*version).into())).collect();
        let manifest = serde_json::json!({
            "name": name, "version": version, "license": "CC0-1.0", "fhirVersions": ["3.0.2"], "dependencies": dependencies,
        });
        tarball(&[
            ("package/package.json", EntryType::Regular, manifest.to_string().as_bytes()),
            ("package/ValueSet-v.json", EntryType::Regular, VALUE_SET.as_bytes()),
        ])
    }

    fn tarball(files: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, kind, bytes) in files {
            let mut header = Header::new_ustar();
            // `set_path` refuses what a hostile package has.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn check(bytes: &[u8], expect: &str) {
        let (_folder, path) = written("x.tgz", bytes);
        let error = read(&path).unwrap_err();
        let cause = error.source().map_or(String::new(), |source| format!(": {source}"));
        let message = format!("{error}{cause}").replace(&path.display().to_string(), "x.tgz");
        assert!(message.contains(expect), "{message}");
    }

    #[test]
    fn a_package_is_read_and_compiled() {
        let bytes = tarball(&[
            ("package/package.json", EntryType::Regular, MANIFEST.as_bytes()),
            ("package/.index.json", EntryType::Regular, b"[]"),
            ("package/other/notes.json", EntryType::Regular, b"not JSON"),
            ("package/ValueSet-v.json", EntryType::Regular, VALUE_SET.as_bytes()),
        ]);
        let (_folder, path) = written("x.tgz", &bytes);
        let package = read(&path).unwrap();
        assert_eq!(
            (&*package.facts.name, &*package.facts.version, &*package.facts.fhir_version),
            ("a.b", "1.0.0", "3.0.2")
        );
        assert_eq!((package.dependencies, package.facts.sha256.len()), (vec!["c#2".to_string()], 64));
        let compiled = compile(&path).unwrap();
        assert_eq!(compiled, compile(&path).unwrap());
        let (_folder, path) = written("x.defs.gz", &compiled);
        let layer = open(&path).unwrap();
        assert_eq!(layer.package().license, "CC0-1.0");
        let set = definitions::DefinitionSet::new(definitions::FhirVersion::Stu3, vec![layer.into()]);
        let found = set.value_set("http://a/v|1").unwrap();
        assert_eq!((&*found.includes[0].concepts[0].code, &found.includes[0].concepts[0].display), ("c", &None));
    }

    #[test]
    fn folders_and_single_files_are_packages_too() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("package")).unwrap();
        fs::write(folder.path().join("package/package.json"), MANIFEST).unwrap();
        fs::write(folder.path().join("package/v.json"), VALUE_SET).unwrap();
        fs::write(
            folder.path().join("package/c.xml"),
            "<CodeSystem xmlns='http://hl7.org/fhir'><url value='http://a/c'/><content value='complete'/></CodeSystem>",
        )
        .unwrap();
        assert_eq!(open(folder.path()).unwrap().len(), 2);
        assert_eq!(open(&folder.path().join("package/v.json")).unwrap().len(), 1);
        let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{VALUE_SET}}}]}}"#);
        let (_folder, path) = written("b.json", bundle.as_bytes());
        assert_eq!(open(&path).unwrap().len(), 1);
    }

    #[test]
    fn hostile_packages_are_refused() {
        let file = |name: &'static str, bytes: &'static [u8]| tarball(&[(name, EntryType::Regular, bytes)]);
        check(&file("../../etc/x.json", b"{}"), "leads outside the package");
        check(&file("/etc/x.json", b"{}"), "leads outside the package");
        check(&tarball(&[("package/x.json", EntryType::Symlink, b"")]), "is a link");
        check(
            &file("package/x.json", b"{\"resourceType\":"),
            "read `x.json` of `x.tgz`; it must be FHIR JSON or XML: read the resource: line 1",
        );
        check(&file("package/package.json", b"{"), "it must be JSON");
        check(&file("package/a.txt", b""), "find a definition");
        check(b"\x1f\x8bnonsense", "unpack `x.tgz`; give a FHIR package");
        check(b"plain text", "must be FHIR JSON or XML");
        check(&tarball(&[("package/x.json", EntryType::Regular, VALUE_SET.as_bytes())])[..80], "unpack `x.tgz`");
    }

    /// A file in a package with this many blanks.
    fn blanks(name: &str, size: u64) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let mut header = Header::new_ustar();
        header.set_path(name).unwrap();
        header.set_size(size);
        header.set_cksum();
        encoder.write_all(header.as_bytes()).unwrap();
        let mebibyte = vec![b' '; 1 << 20];
        for _ in 0..size >> 20 {
            encoder.write_all(&mebibyte).unwrap();
        }
        encoder.finish().unwrap()
    }

    #[test]
    fn a_package_that_unpacks_to_too_much_is_refused() {
        check(&blanks("package/x.json", MAX_FILE + (1 << 20)), "more than");
        check(&blanks("package/x.bin", MAX_BYTES + (1 << 20)), "more than 512 MiB");
    }

    #[test]
    fn a_package_of_too_many_files_is_refused() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let mut header = Header::new_ustar();
        header.set_path("package/x.txt").unwrap();
        header.set_size(0);
        header.set_cksum();
        for _ in 0..=MAX_FILES {
            encoder.write_all(header.as_bytes()).unwrap();
        }
        check(&encoder.finish().unwrap(), "more than 100000 files; give a smaller package");
    }

    #[test]
    fn damaged_compact_definitions_are_refused() {
        let (_folder, path) = written("v.json", VALUE_SET.as_bytes());
        let compiled = compile(&path).unwrap();
        for cut in [compiled.len() - 1, compiled.len() - 30] {
            assert!(Layer::open_compact(compiled[..cut].to_vec()).is_err(), "{cut}");
        }
        for at in 0..compiled.len() {
            let mut damaged = compiled.clone();
            damaged[at] ^= 0x55;
            // Damage in a member shows when it is asked for; it must not panic.
            if let Ok(layer) = Layer::open_compact(damaged) {
                let set = definitions::DefinitionSet::new(definitions::FhirVersion::R4, vec![layer.into()]);
                let _ = set.value_set("http://a/v");
            }
        }
    }
}

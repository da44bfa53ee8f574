//! A server on loopback that answers what a test tells it to, good or bad: a FHIR package registry, a terminology server.

use std::collections::HashMap;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use serde_json::json;
use sha1::Digest;
use sha1::Sha1;

/// What is answered at a path.
#[derive(Clone)]
pub enum Answer {
    /// A status and a body.
    Body(u16, Vec<u8>),
    /// To this address.
    Redirect(String),
    /// Nothing, for so long.
    Silence(Duration),
    /// More bytes, and more.
    Endless,
    /// Fewer bytes than were announced.
    Cut(Vec<u8>),
}

/// A registry.
pub struct Registry {
    pub address: String,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Registry {
    /// An empty one.
    pub fn start() -> Registry {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (answers, asked) = (Arc::<Mutex<HashMap<String, Answer>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (known, seen) = (answers.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (known, seen) = (known.clone(), seen.clone());
                std::thread::spawn(move || serve(stream, &known, &seen));
            }
        });
        Registry { address, answers, asked }
    }

    /// Answers this at the path; without query: whatever the query is, unless that has an answer of its own.
    pub fn at(&self, path: &str, answer: Answer) -> &Registry {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
        self
    }

    /// Has a package, with list and archive. Versions add up.
    pub fn has(&self, name: &str, version: &str, archive: &[u8]) -> &Registry {
        let shasum: String = Sha1::digest(archive).iter().map(|byte| format!("{byte:02x}")).collect();
        let tarball = format!("{}/{name}/{version}", self.address);
        self.lists(name, version, json!({"tarball": tarball, "shasum": shasum}));
        self.at(&format!("/{name}/{version}"), Answer::Body(200, archive.to_vec()))
    }

    /// Lists a version with these facts of its archive, as the latest.
    pub fn lists(&self, name: &str, version: &str, dist: Value) -> &Registry {
        let path = format!("/{name}");
        let mut listing = match self.answers.lock().unwrap().get(&path) {
            Some(Answer::Body(200, body)) => serde_json::from_slice(body).unwrap(),
            _ => json!({"name": name, "dist-tags": {}, "versions": {}}),
        };
        listing["dist-tags"]["latest"] = version.into();
        listing["versions"][version] = json!({"name": name, "version": version, "dist": dist});
        self.at(&path, Answer::Body(200, listing.to_string().into_bytes()))
    }

    /// The paths that were asked for since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, answers: &Mutex<HashMap<String, Answer>>, asked: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&head) {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    let bare = path.split('?').next().unwrap_or_default();
    let known = answers.lock().unwrap();
    let answer = known.get(&path).or_else(|| known.get(bare)).cloned().unwrap_or(Answer::Body(404, b"{}".to_vec()));
    drop(known);
    // The harness may hang up before the end.
    let _ = match answer {
        Answer::Body(status, body) => write(&mut stream, status, body.len(), &body),
        Answer::Redirect(to) => stream.write_all(
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        ),
        Answer::Silence(time) => {
            std::thread::sleep(time);
            Ok(())
        }
        Answer::Endless => {
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while sent.is_ok() {
                sent = stream.write_all(&[b' '; 1 << 16]);
            }
            sent
        }
        Answer::Cut(body) => write(&mut stream, 200, body.len() * 2, &body),
    };
}

/// Whether this is a head and as much body as it announces.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    request.len() - end - 4 >= length
}

fn write(stream: &mut TcpStream, status: u16, length: usize, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

/// A package for STU3 with these dependencies and files beside `package.json`.
pub fn package(name: &str, version: &str, dependencies: Value, files: &[(&str, &str)]) -> Vec<u8> {
    let manifest = json!({
        "name": name, "version": version, "fhirVersions": ["3.0.2"], "license": "CC0-1.0", "dependencies": dependencies,
    });
    let manifest = manifest.to_string();
    let mut all = vec![("package/package.json".to_owned(), manifest.as_str())];
    all.extend(files.iter().map(|(file, text)| (format!("package/{file}"), *text)));
    archive(&all.iter().map(|(file, text)| (file.as_str(), text.as_bytes())).collect::<Vec<_>>())
}

/// A gzip'd tar archive of files, also with names that no packer would write.
pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// An archive whose one file says that it is this large.
pub fn huge(name: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).unwrap();
    header.set_size(size);
    header.set_cksum();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(header.as_bytes()).unwrap();
    let mebibyte = vec![b' '; 1 << 20];
    for _ in 0..size >> 20 {
        encoder.write_all(&mebibyte).unwrap();
    }
    encoder.finish().unwrap()
}

//! Judges texts on all cores and gives the results in the order of the input, with a bound on what is in memory.
//!
//! A reader cuts the input in batches; each goes to the workers with the sending end of a channel, of which the printer
//! has the other end, in order. All queues are bounded, so whoever is fast waits for who is slow.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::cli::validate::input::Input;
use crate::cli::validate::input::Text;

/// Why a stream ended early.
#[derive(Debug)]
pub enum StreamError {
    /// A file could not be read after all.
    Read(String),
    /// The output could not be written.
    Write(io::Error),
    /// Nobody reads the output any more.
    Closed,
    /// A thread broke off.
    Bug,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamError::Read(message) => f.write_str(message),
            StreamError::Write(_) => f.write_str("write the output; look at the space that is left"),
            StreamError::Closed => f.write_str("write the output: its reader has gone"),
            StreamError::Bug => f.write_str("judge: a bug in toetsbank stopped a thread; please report it"),
        }
    }
}

impl Error for StreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StreamError::Write(error) => Some(error),
            StreamError::Read(_) | StreamError::Closed | StreamError::Bug => None,
        }
    }
}

impl From<io::Error> for StreamError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { StreamError::Closed } else { StreamError::Write(error) }
    }
}

/// Most texts of one batch.
const TEXTS: usize = 64;

/// Bytes after which a batch is full.
const BYTES: usize = 256 << 10;

struct Batch<T> {
    texts: Vec<Text>,
    answer: SyncSender<Vec<T>>,
}

/// Reads all inputs, judges each text with `judge` on all cores and gives what it makes to `print`, in order.
///
/// # Errors
/// See [`StreamError`].
pub fn run<T: Send>(
    inputs: Vec<Input>,
    judge: &(dyn Fn(&Text) -> T + Sync),
    print: &mut dyn FnMut(T) -> io::Result<()>,
) -> Result<(), StreamError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (to_workers, work) = sync_channel::<Batch<T>>(cores);
    let (to_printer, answers) = sync_channel::<Receiver<Vec<T>>>(2 * cores);
    let work = Mutex::new(work);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| worker(&work, judge));
        }
        let reader = scope.spawn(move || read(inputs, &to_workers, &to_printer));
        let mut printed = Ok(());
        while printed.is_ok()
            && let Ok(answer) = answers.recv()
        {
            printed = match answer.recv() {
                Ok(parts) => parts.into_iter().try_for_each(&mut *print).map_err(StreamError::from),
                Err(_) => Err(StreamError::Bug),
            };
        }
        // The reader stops when nobody listens, and the workers when it has stopped.
        drop(answers);
        let read = reader.join().unwrap_or(Err(StreamError::Bug));
        printed.and(read)
    })
}

fn worker<T>(work: &Mutex<Receiver<Batch<T>>>, judge: &(dyn Fn(&Text) -> T + Sync)) {
    loop {
        let next = match work.lock() {
            Ok(work) => work.recv(),
            Err(_) => return,
        };
        let Ok(batch) = next else { return };
        // A printer that has stopped wants no answer.
        let _ = batch.answer.send(batch.texts.iter().map(judge).collect());
    }
}

fn read<T>(
    inputs: Vec<Input>,
    to_workers: &SyncSender<Batch<T>>,
    to_printer: &SyncSender<Receiver<Vec<T>>>,
) -> Result<(), StreamError> {
    let (mut texts, mut bytes) = (Vec::new(), 0usize);
    let send = |texts: &mut Vec<Text>| {
        let (answer, receiver) = sync_channel(1);
        let batch = Batch { texts: std::mem::take(texts), answer };
        to_printer.send(receiver).is_ok() && to_workers.send(batch).is_ok()
    };
    let mut stopped = false;
    let mut failed = Ok(());
    for input in inputs {
        failed = input.read(&mut |text| {
            bytes += text.bytes.len();
            texts.push(text);
            if texts.len() >= TEXTS || bytes >= BYTES {
                bytes = 0;
                stopped = !send(&mut texts);
            }
            !stopped
        });
        if stopped || failed.is_err() {
            break;
        }
    }
    if !stopped && !texts.is_empty() {
        send(&mut texts);
    }
    failed.map_err(StreamError::Read)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use super::*;
    use crate::cli::validate::input;

    fn file(lines: usize) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ndjson");
        let text: String = (1..=lines).map(|line| format!("{{\"n\":{line}}}\n")).collect();
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn the_order_is_that_of_the_input() {
        let (_folder, path) = file(5000);
        let mut seen = Vec::new();
        run(input::inputs(&[path]).unwrap(), &|text| text.line, &mut |line| {
            seen.push(line);
            Ok(())
        })
        .unwrap();
        assert!(seen.iter().copied().eq(1..=5000));
    }

    #[test]
    fn a_slow_printer_bounds_what_is_in_memory() {
        let (_folder, path) = file(50_000);
        let judged = AtomicUsize::new(0);
        let (mut printed, mut most) = (0usize, 0usize);
        let judge = |_: &Text| judged.fetch_add(1, Ordering::SeqCst);
        run(input::inputs(&[path]).unwrap(), &judge, &mut |_| {
            if printed.is_multiple_of(TEXTS) {
                thread::sleep(Duration::from_millis(1));
            }
            most = most.max(judged.load(Ordering::SeqCst) - printed);
            printed += 1;
            Ok(())
        })
        .unwrap();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        // The queue of answers, what the workers have in hand, and what is being printed.
        let bound = (2 * cores + cores + 2) * TEXTS;
        assert!(printed == 50_000 && most <= bound, "{printed} printed, {most} at once, bound {bound}");
    }

    #[test]
    fn a_printer_that_stops_ends_all() {
        let (_folder, path) = file(50_000);
        let mut count = 0;
        let ended = run(input::inputs(&[path]).unwrap(), &|text| text.line, &mut |_| {
            count += 1;
            if count == 10 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
        });
        assert!(matches!(ended, Err(StreamError::Closed)) && count == 10, "{ended:?} {count}");
    }
}

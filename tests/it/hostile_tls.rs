//! TLS scans of servers that are broken or mean it badly: each is classified, in time, and nothing is held against it that
//! was not seen.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use toetsbank::env::Env;
use toetsbank::exchange::TlsScan;
use toetsbank::probe;
use toetsbank::probe::Target;
use toetsbank::rules::tls::scan::OF_SCAN;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// Longest wait for one answer of a scan.
const PATIENCE: Duration = Duration::from_millis(400);

/// A scan that takes longer than this hangs; a machine may be busy.
const LONGEST: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Silent,
    Trickles,
    WarnsForEver,
    Garbage,
    HugeRecord,
    HugeCertificate,
    Closes,
    Resets,
    SpeaksHttp,
    ChoosesWhatWasNotOffered,
    EchoesTheHello,
    HelloWithoutEnd,
}

impl Server {
    async fn serve(self, mut stream: TcpStream) {
        let mut first = vec![0; 4096];
        let count = stream.read(&mut first).await.unwrap_or(0);
        first.truncate(count);
        match self {
            Self::Silent => sleep(Duration::from_secs(60)).await,
            Self::Trickles => {
                let record: Vec<u8> = [22, 3, 3, 0x40, 0].into_iter().chain([2; 0x4000]).collect();
                for byte in record {
                    if stream.write_all(&[byte]).await.is_err() {
                        return;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
            }
            Self::WarnsForEver => while stream.write_all(&[21, 3, 3, 0, 2, 1, 112].repeat(1000)).await.is_ok() {},
            Self::Garbage => drop(stream.write_all(&[0xc5; 9000]).await),
            Self::HugeRecord => while stream.write_all(&[22, 3, 3, 0xff, 0xff].repeat(10_000)).await.is_ok() {},
            Self::HugeCertificate => {
                let begin = [&record(&hello([0xc0, 0x2b]))[..], &record(&[11, 0xff, 0xff, 0xff])].concat();
                let _ = stream.write_all(&begin).await;
                while stream.write_all(&record(&[1; 16_000])).await.is_ok() {}
            }
            Self::Closes => {}
            Self::Resets => stream.set_zero_linger().unwrap(),
            Self::SpeaksHttp => {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
            }
            Self::ChoosesWhatWasNotOffered => drop(stream.write_all(&record(&hello([0x5a, 0x5a]))).await),
            Self::EchoesTheHello => drop(stream.write_all(&first).await),
            Self::HelloWithoutEnd => {
                let _ = stream.write_all(&record(&hello([0xc0, 0x2b]))).await;
                sleep(Duration::from_secs(60)).await;
            }
        }
    }
}

fn hello(suite: [u8; 2]) -> Vec<u8> {
    [&[2, 0, 0, 38, 3, 3][..], &[7; 32], &[0], &suite, &[0]].concat()
}

fn record(content: &[u8]) -> Vec<u8> {
    [&[22, 3, 3][..], &u16::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

fn scanned(runtime: &Runtime, server: Server) -> (TlsScan, Duration) {
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.serve(stream));
            }
        });
        let (name, host) = (format!("hostile.example:{}", address.port()), "hostile.example".to_owned());
        let target = Target { name, host, address, patience: PATIENCE, identity: None };
        let began = Instant::now();
        let scan = probe::scan(&target, &Env::system()).await;
        accepting.abort();
        (scan, began.elapsed())
    })
}

fn runtime() -> Arc<Runtime> {
    Arc::new(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

#[test]
fn each_is_classified_in_time_and_accused_of_nothing() {
    let runtime = runtime();
    let cases = [
        (Server::Silent, "no answer within 0.4 s"),
        (Server::Trickles, "no answer within 0.4 s"),
        (Server::WarnsForEver, "more than 262144 bytes"),
        (Server::Garbage, "no TLS"),
        (Server::HugeRecord, "more than 262144 bytes"),
        (Server::HugeCertificate, "more than 262144 bytes"),
        (Server::Closes, "without a word"),
        (Server::Resets, "without a word"),
        (Server::SpeaksHttp, "no TLS"),
        (Server::ChoosesWhatWasNotOffered, "which was not offered"),
        (Server::EchoesTheHello, ""),
        (Server::HelloWithoutEnd, "no answer within 0.4 s"),
    ];
    let mut wrong = Vec::new();
    for (server, said) in cases {
        let (scan, took) = scanned(&runtime, server);
        let reasons: Vec<String> = scan.undecided.iter().map(|one| format!("{}: {}", one.item, one.reason)).collect();
        let told = OF_SCAN.iter().filter_map(|(rule, of_scan)| Some((rule, of_scan(&scan)?)));
        let told: Vec<_> = told.filter(|(_, issues)| !issues.is_empty()).collect();
        let accepted: Vec<&str> = scan.accepted().map(|version| version.version.as_str()).collect();
        let is_said = said.is_empty() || reasons.iter().any(|reason| reason.contains(said));
        if !is_said || !told.is_empty() || !accepted.is_empty() || took > LONGEST {
            wrong.push(format!("{said} ({took:?}): accepted {accepted:?}, {reasons:?}, {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

//! Offers of TLS that no library of ours makes: a DVP with an old one would. Only defects send them. Entry points: [`make`], [`knock`].

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use crate::probe::hello::Offer;
use crate::probe::hello::Version;
use crate::simulator::dvp::Pgo;

/// Time for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is offered.
struct Wanted {
    beside: Vec<Version>,
    suites: Vec<u16>,
    groups: Vec<u16>,
    compression: bool,
}

impl Wanted {
    fn good() -> Self {
        Self {
            beside: vec![Version::Tls12],
            suites: vec![0x1301, 0x1302, 0x1303, 0xc02f, 0xc02b],
            groups: vec![29, 23, 24],
            compression: false,
        }
    }
}

/// Begins a handshake with the host of an address, and goes no further.
pub(super) async fn knock(pgo: &Pgo, address: &Url) {
    send(pgo, address, &Wanted::good()).await;
}

/// Begins one in the way of a planted defect.
pub(super) async fn make(pgo: &Pgo, address: &Url) {
    if pgo.has("old-version-accepted") {
        go_on(pgo, address).await;
        return;
    }
    let mut wanted = Wanted::good();
    match () {
        () if pgo.has("old-version-offered") => wanted.beside.push(Version::Tls11),
        () if pgo.has("weak-suite-offered") => wanted.suites.push(0x002f),
        () if pgo.has("finite-field-suite-offered") => wanted.suites.push(0x009e),
        () if pgo.has("weak-group-offered") => wanted.groups.push(21),
        () if pgo.has("compression-offered") => wanted.compression = true,
        () => return,
    }
    send(pgo, address, &wanted).await;
}

/// Begins one in TLS 1.2, and goes on in TLS 1.1 where the server answers so: what it sends under the key is of no use to anybody.
async fn go_on(pgo: &Pgo, address: &Url) {
    let host = address.host_str().unwrap_or_default();
    let offer = Offer {
        version: Version::Tls12,
        beside: &[],
        suites: &[0xc02f, 0xc02b, 0x002f],
        groups: &[29, 23, 24],
        signatures: &[0x0403, 0x0804, 0x0401],
        compression: false,
        server_name: Some(host),
        random: [7; 32],
    };
    let Some(place) = pgo.wire.connect.get(&format!("{host}:443")) else { return };
    let Ok(mut stream) = TcpStream::connect(place).await else { return };
    if stream.write_all(&offer.write()).await.is_err() {
        return;
    }
    // Content type, its version, length; then the message: type, length, the version that was chosen.
    let mut answer = [0; 11];
    let read = timeout(PATIENCE, stream.read_exact(&mut answer)).await;
    if !matches!(read, Ok(Ok(_))) || answer[9..] != [3, 2] {
        return;
    }
    let mut exchange = vec![22, 3, 2, 1, 6, 16, 0, 1, 2, 1, 0];
    exchange.extend([7; 256]);
    // The server sends the rest once it has waited whether this client breaks off.
    tokio::time::sleep(PATIENCE).await;
    if stream.write_all(&exchange).await.is_ok() {
        let _ = timeout(PATIENCE, stream.read(&mut [0; 1024])).await;
    }
}

async fn send(pgo: &Pgo, address: &Url, wanted: &Wanted) {
    let host = address.host_str().unwrap_or_default();
    let offer = Offer {
        version: Version::Tls13,
        beside: &wanted.beside,
        suites: &wanted.suites,
        groups: &wanted.groups,
        signatures: &[0x0403, 0x0804, 0x0401],
        compression: wanted.compression,
        server_name: Some(host),
        random: [7; 32],
    };
    let Some(place) = pgo.wire.connect.get(&format!("{host}:443")) else { return };
    let Ok(mut stream) = TcpStream::connect(place).await else { return };
    if stream.write_all(&offer.write()).await.is_ok() {
        // The server answers once it has seen all of it.
        let _ = timeout(PATIENCE, stream.read(&mut [0; 1024])).await;
    }
}

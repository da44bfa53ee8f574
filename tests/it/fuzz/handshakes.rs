//! Answers of TLS servers as bytes: whole flights, in records, with a certificate that has every extension we read.

/// A certificate of nobody.
pub const CERTIFICATE: &[u8] = include_bytes!("certificate.der");

/// Flights as servers send them.
pub fn flights() -> Vec<Vec<u8>> {
    let renegotiation: &[u8] = &[0xff, 0x01, 0x00, 0x01, 0x00, 0x00, 0x17, 0x00, 0x00];
    let ecdhe = [&[3, 0, 23, 65][..], &[4; 65], &[4, 3, 0, 4, 1, 2, 3, 4]].concat();
    let dhe = [&sized(&[0xff; 256], 2)[..], &sized(&[2], 2), &sized(&[9; 256], 2), &sized(&[1; 64], 2)].concat();
    let request: &[u8] = &[1, 64, 0, 4, 4, 3, 8, 4, 0, 0];
    let versions: &[u8] = &[0, 43, 0, 2, 3, 4, 0, 51, 0, 4, 0, 29, 0, 0];
    let old = |suite: u16, exchange: &[u8]| {
        let messages = [
            message(2, &hello(suite, renegotiation)),
            message(11, &sized(&[sized(CERTIFICATE, 3), sized(CERTIFICATE, 3)].concat(), 3)),
            message(22, &[1, 0, 0, 2, 5, 5]),
            message(12, exchange),
            message(13, request),
            message(14, &[]),
        ];
        record(22, &messages.concat())
    };
    vec![
        old(0xc02b, &ecdhe),
        old(0x009e, &dhe),
        record(22, &message(2, &hello(0x1301, versions))),
        [record(22, &message(2, &hello(0x1302, versions))), record(20, &[1]), record(23, &[7; 40])].concat(),
        record(21, &[2, 40]),
        [record(21, &[1, 112]), old(0xc02f, &ecdhe)].concat(),
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
    ]
}

fn hello(suite: u16, extensions: &[u8]) -> Vec<u8> {
    [&[3, 3][..], &[7; 32], &[0], &suite.to_be_bytes(), &[0], &sized(extensions, 2)].concat()
}

fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind][..], &sized(content, 3)].concat()
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &sized(content, 2)].concat()
}

/// The content with its length before it, in so many bytes.
fn sized(content: &[u8], bytes: usize) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[4 - bytes..], content].concat()
}

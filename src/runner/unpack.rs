//! Content codings of an answer (RFC 9110, section 8.4.1): what was packed on the way, as it was before.
//!
//! We ask for none, and a server that sends one all the same breaks no rule. What is packed must be opened before anything
//! is kept: secrets are not found in it. Entry point: [`unpack`].

use std::io::Read;

use flate2::read::DeflateDecoder;
use flate2::read::MultiGzDecoder;
use flate2::read::ZlibDecoder;

/// Codings one over another that are opened.
const MOST_LAYERS: usize = 3;

/// Why a body cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packed {
    /// In a coding that we do not know.
    Unknown(String),
    /// It is not what its coding says, or it is cut.
    Damaged(String),
    /// It grows larger than is taken.
    TooLarge,
}

/// Opens a body by its headers; it may grow to `most` bytes.
///
/// # Errors
/// See [`Packed`].
pub fn unpack(headers: &[(String, String)], body: Vec<u8>, most: usize) -> Result<Vec<u8>, Packed> {
    let fields = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let codings = fields.flat_map(|(_, value)| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<String> = codings.filter(|coding| !coding.is_empty() && coding != "identity").collect();
    // An answer without a body tells what it would have been.
    if body.is_empty() {
        return Ok(body);
    }
    if codings.len() > MOST_LAYERS {
        return Err(Packed::Unknown(codings.join(", ")));
    }
    // The last one was applied last.
    codings.iter().rev().try_fold(body, |body, coding| {
        let opened = match coding.as_str() {
            "gzip" | "x-gzip" => read(MultiGzDecoder::new(body.as_slice()), most),
            // Some send the stream without the frame that RFC 9110, section 8.4.1.2, asks.
            "deflate" if is_zlib(&body) => read(ZlibDecoder::new(body.as_slice()), most),
            "deflate" => read(DeflateDecoder::new(body.as_slice()), most),
            _ => return Err(Packed::Unknown(coding.clone())),
        };
        match opened {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(Packed::TooLarge),
            Err(_) => Err(Packed::Damaged(coding.clone())),
        }
    })
}

/// Reads to the end; `None` when there is more than `most`.
fn read(from: impl Read, most: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut out = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    from.take(limit).read_to_end(&mut out)?;
    Ok((out.len() <= most).then_some(out))
}

/// Whether it begins as RFC 1950, section 2.2, has it.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0f == 8 && (u16::from(*method) * 256 + u16::from(*flags)) % 31 == 0)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use flate2::write::GzEncoder;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn coded(coding: &str) -> Vec<(String, String)> {
        vec![("Content-Encoding".into(), coding.into())]
    }

    #[test]
    fn what_was_packed_is_as_it_was() {
        let plain = b"een antwoord".to_vec();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&plain).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(&plain).unwrap();
        let cases = [
            ("identity", plain.clone()),
            ("gzip", gzip(&plain)),
            ("X-GZip", gzip(&plain)),
            ("gzip, gzip", gzip(&gzip(&plain))),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
        ];
        for (coding, packed) in cases {
            assert_eq!(unpack(&coded(coding), packed, 100), Ok(plain.clone()), "{coding}");
        }
        assert_eq!(unpack(&[], plain.clone(), 100), Ok(plain));
        assert_eq!(unpack(&coded("gzip"), Vec::new(), 100), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        assert_eq!(unpack(&coded("br"), vec![1], 100), Err(Packed::Unknown("br".into())));
        assert_eq!(unpack(&coded("gzip"), b"{}".to_vec(), 100), Err(Packed::Damaged("gzip".into())));
        let mut cut = gzip(b"een antwoord");
        cut.truncate(cut.len() - 9);
        assert_eq!(unpack(&coded("gzip"), cut, 100), Err(Packed::Damaged("gzip".into())));
        // A million zeros in a thousand bytes.
        assert_eq!(unpack(&coded("gzip"), gzip(&[0; 1 << 20]), 1 << 19), Err(Packed::TooLarge));
        assert_eq!(
            unpack(&coded("gzip,gzip,gzip,gzip"), vec![1], 9),
            Err(Packed::Unknown("gzip, gzip, gzip, gzip".into()))
        );
    }
}

//! HTTP messages as they are kept: redacted text, whole headers, the body as text or bytes.

use serde_json::Value;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Method in upper case.
    pub method: String,
    /// Absolute URL as it was sent.
    pub url: String,
    /// Headers in order of sending.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers in order of arrival; a repeated header stands as often as it came.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Body,
}

/// A body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// No body.
    #[default]
    Empty,
    /// Text, decoded as UTF-8.
    Text(String),
    /// What is no UTF-8 text, such as a PDF.
    Bytes(Vec<u8>),
}

impl Body {
    /// A body from what came over the wire.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        String::from_utf8(bytes).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }

    /// The text, when it is text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Empty | Self::Bytes(_) => None,
        }
    }

    /// The bytes, whatever it is.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Empty => &[],
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The body as a JSON value, when it is one.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(self.text()?).ok()
    }

    /// The fields of a form body (`application/x-www-form-urlencoded`), decoded.
    pub fn form(&self) -> Vec<(String, String)> {
        let text = self.text().unwrap_or("");
        url::form_urlencoded::parse(text.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }
}

impl Request {
    /// Value of a header by name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Parameters of the URL, decoded, in order.
    pub fn query(&self) -> Vec<(String, String)> {
        url::Url::parse(&self.url).map(|url| url_parameters(&url)).unwrap_or_default()
    }

    /// A parameter of the URL by its exact name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl Response {
    /// Value of a header by name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or("").trim().to_ascii_lowercase())
    }
}

/// First value of a header by name in any case.
pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Parameters of the query, then those of the fragment.
pub(super) fn url_parameters(url: &url::Url) -> Vec<(String, String)> {
    let fragment = url.fragment().unwrap_or("").as_bytes();
    url.query_pairs()
        .chain(url::form_urlencoded::parse(fragment))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

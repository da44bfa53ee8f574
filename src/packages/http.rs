//! GET over HTTP within limits, for whatever the user names: a package registry, for one. Waits for the answer.
//!
//! Knows nothing of what is fetched. Nothing here is called unless the user gave an address. Entry point: [`Http`].

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use url::Url;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Most redirects that are followed: registries keep their archives elsewhere.
const REDIRECTS: usize = 5;

/// A client with its limits.
pub struct Http {
    client: Client,
    runtime: Runtime,
    time: Duration,
}

/// Why there is no answer that can be used.
#[derive(Debug)]
pub enum HttpError {
    /// The address is no `http` or `https` URL.
    Address(String),
    /// No client can be made here.
    Client(reqwest::Error),
    /// No client can be made here.
    Runtime(io::Error),
    /// The exchange failed.
    Transport {
        /// Where.
        url: String,
        /// How.
        source: reqwest::Error,
    },
    /// It took longer than it may.
    Slow {
        /// Where.
        url: String,
        /// The limit.
        limit: Duration,
    },
    /// The answer is larger than it may be.
    TooLarge {
        /// Where.
        url: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The server refused.
    Status {
        /// Where.
        url: String,
        /// With this.
        status: u16,
    },
}

impl Http {
    /// A client that waits so long for each answer, from first to last byte.
    ///
    /// # Errors
    /// [`HttpError::Client`], [`HttpError::Runtime`].
    pub fn new(time: Duration) -> Result<Http, HttpError> {
        // Refused when there is one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(HttpError::Runtime)?;
        let policy = Policy::custom(|attempt| {
            let was_safe = attempt.previous().iter().any(|url| url.scheme() == "https");
            if attempt.previous().len() > REDIRECTS {
                attempt.error("too many redirects")
            } else if was_safe && attempt.url().scheme() != "https" {
                attempt.error("a redirect from https to http")
            } else {
                attempt.follow()
            }
        });
        let client = Client::builder()
            .redirect(policy)
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("toetsbank/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(HttpError::Client)?;
        Ok(Http { client, runtime, time })
    }

    /// The body at the address, of at most `limit` bytes.
    ///
    /// # Errors
    /// Any status but 200 to 299 is one.
    pub fn get(&self, url: &Url, accept: &str, limit: u64) -> Result<Vec<u8>, HttpError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(HttpError::Address(shown(url)));
        }
        let answer = self.read(self.client.get(url.clone()).header("Accept", accept).send(), url, limit);
        let late = || HttpError::Slow { url: shown(url), limit: self.time };
        self.runtime
            .block_on(async { tokio::time::timeout(self.time, answer).await })
            .map_err(|_| late())
            .and_then(|answer| answer)
    }

    async fn read(
        &self,
        answer: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
        url: &Url,
        limit: u64,
    ) -> Result<Vec<u8>, HttpError> {
        // The address that the message carries may hold a password.
        let fail = |source: reqwest::Error| HttpError::Transport { url: shown(url), source: source.without_url() };
        let mut answer = answer.await.map_err(fail)?;
        if !answer.status().is_success() {
            return Err(HttpError::Status { url: shown(url), status: answer.status().as_u16() });
        }
        let too_large = || HttpError::TooLarge { url: shown(url), limit };
        if answer.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(fail)? {
            if body.len() as u64 + part.len() as u64 > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }
}

/// An address as it may be shown and kept: without user name and password.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses that cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HttpError::Address(url) => write!(f, "fetch `{url}`; give an address that begins with http:// or https://"),
            HttpError::Client(_) | HttpError::Runtime(_) => write!(f, "make an HTTP client"),
            HttpError::Transport { url, .. } => write!(f, "fetch `{url}`; check the address and the network"),
            HttpError::Slow { url, limit } => {
                write!(f, "fetch `{url}`: no whole answer in {} s; try again, or allow more time", limit.as_secs())
            }
            HttpError::TooLarge { url, limit } => {
                write!(f, "fetch `{url}`: the answer is larger than {} MiB; check the address", limit >> 20)
            }
            HttpError::Status { url, status } => {
                write!(f, "fetch `{url}`: the server answers {status}; check name, version and address")
            }
        }
    }
}

impl Error for HttpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            HttpError::Client(source) | HttpError::Transport { source, .. } => Some(source),
            HttpError::Runtime(source) => Some(source),
            HttpError::Address(_) | HttpError::Slow { .. } | HttpError::TooLarge { .. } | HttpError::Status { .. } => {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let url = Url::parse("https://me:secret@registry.example/a?b=c").unwrap();
        assert_eq!(shown(&url), "https://registry.example/a?b=c");
    }

    #[test]
    fn only_addresses_of_http() {
        let http = Http::new(Duration::from_secs(1)).unwrap();
        let error = http.get(&Url::parse("file:///etc/passwd").unwrap(), "*/*", 10).unwrap_err();
        assert!(matches!(error, HttpError::Address(_)), "{error}");
    }
}

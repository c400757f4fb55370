//! What every answer of TAXII has in common, and the key that tokens are authenticated with.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use noroshi_council::Micros;
use noroshi_wire::{
    taxii::{Key, MEDIA_TYPE, accepts},
    time,
};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::{
    acts::reading::Secret,
    args, ids,
    store::{
        Store,
        memo::{Memo, Version},
        objects::{Collection, page::Standing},
    },
    web::Error,
};

/// So many bytes of pages are kept while nothing is written.
const PAGES: usize = 16 << 20;
/// So many readers' standing is kept.
const READERS: usize = 4096;

/// Keeps what every node of this council needs to read the tokens of every other, and the pages that were asked for last:
/// many programs ask for the same one.
pub struct Keeper {
    keys: OnceCell<Keys>,
    standing: Memo<(String, Collection), Standing>,
    pages: Memo<Asked, Written>,
}

/// All that a page depends on while nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub coll: Collection,
    /// In what its reader stands.
    pub standing: Standing,
    /// The query as it came.
    pub query: String,
    /// Whether an empty list is written.
    pub list: bool,
}

/// A page as it is sent.
#[derive(Debug, Clone)]
pub(super) struct Written {
    content: Bytes,
    dates: [Option<HeaderValue>; 2],
    /// The secrets that are on it.
    pub(super) secrets: Arc<[Secret]>,
}

impl Default for Keeper {
    fn default() -> Keeper {
        Keeper { keys: OnceCell::new(), standing: Memo::new(READERS), pages: Memo::new(PAGES) }
    }
}

/// The keys.
#[derive(Debug)]
pub(super) struct Keys {
    /// For tokens that say where a page ended.
    pub cursor: Key,
}

impl Keeper {
    /// The keys, which the first node that needs them makes for all.
    pub(super) async fn keys(&self, store: &Store) -> Result<&Keys, Error> {
        self.keys.get_or_try_init(|| keys(store)).await
    }

    /// In what a reader stands, if that is known.
    pub(super) fn standing(&self, at: Option<Version>, org: &str, coll: Collection) -> Option<Standing> {
        self.standing.get(at, &(org.to_owned(), coll))
    }

    /// A page that was written before, for anybody who stands in the same.
    pub(super) fn page(&self, at: Option<Version>, asked: &Asked) -> Option<Written> {
        self.pages.get(at, asked)
    }

    /// Keeps a page.
    pub(super) fn keep(&self, at: Option<Version>, org: String, asked: Asked, written: &Written) {
        self.standing.put(at, (org, asked.coll), asked.standing.clone(), 1);
        let secrets = written.secrets.len() * 64;
        let size =
            written.content.len() + asked.query.len() + asked.standing.len() * size_of::<i64>() + secrets;
        self.pages.put(at, asked, written.clone(), size);
    }
}

async fn keys(store: &Store) -> Result<Keys, Error> {
    const NAME: &str = "taxii_key";
    let fresh: [u8; 32] = ids::bytes();
    let kept = store
        .write(move |tx| {
            if let Some(row) = tx.one("select value from meta where name = ?1", args![NAME])? {
                return Ok(row.text(0)?);
            }
            let text = STANDARD.encode(fresh);
            tx.exec("insert into meta (name, value) values (?1, ?2)", args![NAME, &text])?;
            Ok(text)
        })
        .await?;
    let bytes = STANDARD.decode(kept).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bytes = bytes.ok_or_else(|| Error::internal("the key of TAXII's tokens cannot be read"))?;
    Ok(Keys { cursor: Key::new(&bytes) })
}

/// Refuses a client that takes nothing that we have.
pub(super) fn accepted(headers: &HeaderMap) -> Result<(), Error> {
    let mut all = String::new();
    for value in headers.get_all(header::ACCEPT) {
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(value.to_str().unwrap_or_default());
    }
    if accepts(Some(&all)) { Ok(()) } else { Err(Error::NotAcceptable) }
}

/// The decoded pairs of a query.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, Error> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded = percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned);
        decoded.map_err(|_| Error::Malformed(None))
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

pub(super) fn body(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(Error::internal)
}

/// An answer without moments.
pub(super) fn json(value: &impl Serialize) -> Result<Response, Error> {
    Ok(typed(body(value)?))
}

fn typed(content: impl Into<Body>) -> Response {
    let mut response = Response::new(content.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

impl Written {
    /// A page with the moments at which its first and its last object were added.
    pub(super) fn new(content: Vec<u8>, first: Micros, last: Micros) -> Written {
        let date = |at| HeaderValue::from_str(&time::micros(at)).ok();
        Written { content: content.into(), dates: [date(first), date(last)], secrets: Arc::default() }
    }

    pub(super) fn answer(self) -> Response {
        let mut response = typed(self.content);
        for (name, date) in
            ["x-taxii-date-added-first", "x-taxii-date-added-last"].into_iter().zip(self.dates)
        {
            if let Some(date) = date {
                response.headers_mut().insert(name, date);
            }
        }
        response
    }
}

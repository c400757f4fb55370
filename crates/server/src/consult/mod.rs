//! 相談: asking in private.

pub(crate) mod alike;
pub mod api;

use axum::{
    body::Bytes,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use noroshi_council::{Actor, Layer, ThingId, consult::Attachment};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    app::App,
    args,
    store::{Error as StoreError, ThingView},
    web::{Error, session::header_value},
};

/// A file of a consultation (R43): whoever reads the thread reads what came with it, and nobody else.
///
/// # Errors
/// Answers [`Error::NotFound`] alike for what is absent and for what is hidden.
pub(crate) async fn file(
    app: &App,
    actor: &Actor,
    id: ThingId,
    no: u32,
) -> Result<(Attachment, Bytes), Error> {
    let view = app.store().as_seen_by(actor).thing(api::KIND, &id).await?.ok_or(Error::NotFound)?;
    let said = files(&view).into_iter().find(|file| file.no == no).ok_or(Error::NotFound)?;
    note(app, actor, &view, "file").await?;
    // It may have been taken back in between.
    let content = content(app, id, no).await?.ok_or(Error::NotFound)?;
    Ok((said, content))
}

/// Records that somebody has read the thread (R18). Whoever is only asked an inquiry has not.
///
/// # Errors
/// Fails as the database does.
pub(crate) async fn note(
    app: &App,
    actor: &Actor,
    view: &ThingView,
    channel: &'static str,
) -> Result<(), StoreError> {
    if view.layer(Layer::Consultation).is_none() {
        return Ok(());
    }
    app.council().note_read(actor, view, channel).await
}

/// The bytes of a file whose reader has been looked at, if they are still there.
///
/// # Errors
/// Fails as the database does.
pub(crate) async fn content(app: &App, id: ThingId, no: u32) -> Result<Option<Bytes>, StoreError> {
    let read = app.store().read(move |conn| {
        let row = conn.one("select content from attachment where thing = ?1 and no = ?2", args![&id, no])?;
        Ok(row.map(|row| row.blob(0).map(Bytes::copy_from_slice)).transpose()?)
    });
    read.await
}

/// What came with the posts that a reader reads.
pub(crate) fn files(view: &ThingView) -> Vec<Attachment> {
    let posts = view.layer(Layer::Consultation).and_then(|layer| layer.body["posts"].as_array());
    let files = posts.into_iter().flatten().filter_map(|post| post["files"].as_array()).flatten();
    files.filter_map(|file| serde_json::from_value(file.clone()).ok()).collect()
}

/// The file as it goes out: to be kept, never to be opened here, whatever its sender calls its kind.
pub(crate) fn handed_over(said: &Attachment, content: Bytes) -> Response {
    let name = utf8_percent_encode(&said.name, NON_ALPHANUMERIC);
    let named = format!("attachment; filename=\"file-{}\"; filename*=UTF-8''{name}", said.no);
    let head = [
        (CONTENT_TYPE, header_value("application/octet-stream")),
        (CONTENT_DISPOSITION, header_value(&named)),
    ];
    (head, content).into_response()
}

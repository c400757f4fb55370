//! Whoever comes by a link with a secret in it, and without an account: an invitation, or somebody's own application.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::IntoResponse as _,
};

use super::desk::Stop;
use crate::{
    app::App,
    lang::Lang,
    web::{ClientAddr, session::Tongue},
};

/// A link that somebody opens. Each time counts as an attempt of its address and upon its secret.
pub struct Link {
    /// The council.
    pub app: App,
    /// The language of the page.
    pub lang: Lang,
    /// The secret, as it came.
    pub secret: String,
}

impl FromRequestParts<App> for Link {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Link, Stop> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let Path(secret) = path.map_err(|rejection| Stop::with(rejection.into_response()))?;
        let address = ClientAddr::from_request_parts(parts, app).await?;
        let Ok(Tongue(lang)) = Tongue::from_request_parts(parts, app).await;
        app.rates().sign_in(address, &secret)?;
        Ok(Link { app: app.clone(), lang, secret })
    }
}

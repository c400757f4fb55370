//! The public API as a member's program uses it: the story of the demo and the drill go through no other door.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One account of the demo council.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// The organisation's name.
    pub organisation: String,
    /// Its id.
    pub org: String,
    /// general, class2, class1, coordinator, secretariat or operator.
    pub class: String,
    /// For signing in.
    pub email: String,
    /// For signing in; absent for those that only have a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// For programs.
    pub api_token: String,
}

/// Every account by its short name.
pub type Accounts = BTreeMap<String, Account>;

/// What a door can answer instead of what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Nobody of this short name is in the accounts file.
    #[error("nobody is called `{0}` in the accounts file")]
    Nobody(String),
    /// The server did not answer.
    #[error("the server did not answer: {0}")]
    Net(#[from] reqwest::Error),
    /// The server refused.
    #[error("{method} {path} as {who}: {status} {body}")]
    Refused {
        /// The method.
        method: &'static str,
        /// The path.
        path: String,
        /// Who asked.
        who: String,
        /// The status.
        status: u16,
        /// What the server said.
        body: String,
    },
    /// The answer is not what the interface promises.
    #[error("the answer lacks `{0}`")]
    Lacks(&'static str),
}

/// The public API, as anybody of the cast.
#[derive(Clone)]
pub struct Door {
    http: reqwest::Client,
    base: String,
    accounts: Accounts,
}

impl Door {
    /// The door of the server at `base` (`http://127.0.0.1:8080`).
    ///
    /// # Errors
    /// Fails where the client cannot be set up.
    pub fn new(base: &str, accounts: Accounts) -> Result<Door, DoorError> {
        // Once for the process; whoever came first chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Door { http, base: base.trim_end_matches('/').to_owned(), accounts })
    }

    /// Everybody who can come through it.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The account of a short name.
    ///
    /// # Errors
    /// Fails where there is none.
    pub fn account(&self, who: &str) -> Result<&Account, DoorError> {
        self.accounts.get(who).ok_or_else(|| DoorError::Nobody(who.to_owned()))
    }

    /// Asks without expecting anything: status and text.
    ///
    /// # Errors
    /// Fails where the server does not answer.
    pub async fn ask(
        &self,
        method: &'static str,
        who: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, String), DoorError> {
        let token = &self.account(who)?.api_token;
        let url = format!("{}{path}", self.base);
        let request = match method {
            "GET" => self.http.get(url),
            "PUT" => self.http.put(url),
            "DELETE" => self.http.delete(url),
            _ => self.http.post(url),
        };
        let mut request = request.bearer_auth(token);
        if method != "GET" {
            request = request.header("idempotency-key", crate::ids::plain("k"));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, response.text().await?))
    }

    /// Asks, and expects success.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn call(
        &self,
        method: &'static str,
        who: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DoorError> {
        let (status, text) = self.ask(method, who, path, body).await?;
        if !(200..300).contains(&status) {
            let (path, who) = (path.to_owned(), who.to_owned());
            return Err(DoorError::Refused { method, path, who, status, body: text });
        }
        serde_json::from_str(&text).map_err(|_| DoorError::Lacks("JSON"))
    }

    /// Posts, and expects success.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn post(&self, who: &str, path: &str, body: Value) -> Result<Value, DoorError> {
        self.call("POST", who, path, Some(&body)).await
    }

    /// Posts without a body, and expects success.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn tap(&self, who: &str, path: &str) -> Result<Value, DoorError> {
        self.call("POST", who, path, None).await
    }

    /// Gets, and expects success.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn get(&self, who: &str, path: &str) -> Result<Value, DoorError> {
        self.call("GET", who, path, None).await
    }

    /// Proves presence, as a release asks for.
    ///
    /// # Errors
    /// Fails where there is no password or it is wrong.
    pub async fn step_up(&self, who: &str) -> Result<(), DoorError> {
        let password = self.account(who)?.password.clone().ok_or(DoorError::Lacks("password"))?;
        self.post(who, "/api/v1/step-up", serde_json::json!({"password": password})).await.map(|_| ())
    }

    /// Posts, and expects the id of what it made.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn make(&self, who: &str, path: &str, body: Value) -> Result<String, DoorError> {
        let made = self.post(who, path, body).await?;
        made["id"].as_str().map(str::to_owned).ok_or(DoorError::Lacks("id"))
    }
}

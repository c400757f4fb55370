//! The public API as a member's program uses it: the story of the demo and the drill go through no other door.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lang::Lang;

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

impl Account {
    /// Whether its organisation is a member, of whatever class, and not one of the offices.
    #[must_use]
    pub fn is_member(&self) -> bool {
        matches!(self.class.as_str(), "general" | "class1" | "class2")
    }
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
    /// The council is not as a drill needs it: somebody has been at work in it.
    #[error("the council is not empty: it has {0}")]
    Used(&'static str),
}

impl DoorError {
    /// What happened and what to do, for whoever started the story.
    #[must_use]
    pub fn said(&self, lang: Lang) -> String {
        match self {
            DoorError::Nobody(who) => lang.pick(
                &format!("口座のファイルに「{who}」がいません。noroshi demo が作った demo-accounts.json を --accounts に指定してください"),
                &format!("the accounts file knows nobody called `{who}`; give --accounts the demo-accounts.json that noroshi demo wrote"),
            ).to_owned(),
            DoorError::Net(error) => {
                let mut why = error.to_string();
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    why.push_str(&format!(": {cause}"));
                    source = cause.source();
                }
                lang.pick(
                    &format!("サーバーが応答しません（{why}）。アドレスと、サーバーが動いているかを確かめてください"),
                    &format!("the server does not answer ({why}); check the address, and that the server runs"),
                ).to_owned()
            }
            DoorError::Refused { method, path, who, status, body } => {
                let problem: Value = serde_json::from_str(body).unwrap_or_default();
                let part = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
                let heard = [part("title"), part("detail"), part("todo")].join(" ");
                let accounts = lang.pick(
                    " 口座は、このサーバーのデモが書いたものですか（--accounts）。",
                    " Are these the accounts of this server's demo (--accounts)?",
                );
                let accounts = if *status == 401 { accounts } else { "" };
                lang.pick(
                    &format!("{who} として {method} {path} をしたところ、サーバーは {status} で断りました。{}{accounts}", heard.trim()),
                    &format!("{method} {path} as {who}: the server answered {status}. {}{accounts}", heard.trim()),
                ).to_owned()
            }
            DoorError::Lacks(what) => lang.pick(
                &format!("サーバーの答えに「{what}」がありません。同じ版の noroshi を使っているか確かめてください"),
                &format!("the server's answer lacks {what}; check that it runs the same version of noroshi"),
            ).to_owned(),
            DoorError::Used(what) => lang.pick(
                &format!("この協議会には、すでに{what}があります。訓練は空の協議会で行います。何もしませんでした。\n   → --server と --database を外すと、一時的な協議会で行います。動いているサーバーで行うときは、noroshi demo --until empty --data-dir 新しいフォルダー で始めてください"),
                &format!("this council has {what} already, and a drill needs an empty one; nothing was done\n   -> leave out --server and --database for a passing council, or start one by noroshi demo --until empty --data-dir NEW_FOLDER"),
            ).to_owned(),
        }
    }
}

/// The public API, as anybody of the cast.
#[derive(Clone)]
pub struct Door {
    http: reqwest::Client,
    /// Has no end to its patience: live events never end.
    listener: reqwest::Client,
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
        let client = || {
            // A server ends what rests; nothing is sent over what it is about to end.
            let builder = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .pool_idle_timeout(Duration::from_secs(2));
            // Reading what a machine trusts takes long, and only TLS asks for it.
            if base.starts_with("http://") { builder.tls_certs_only([]) } else { builder }
        };
        let http = client().timeout(Duration::from_secs(30)).build()?;
        let listener = client().build()?;
        Ok(Door { http, listener, base: base.trim_end_matches('/').to_owned(), accounts })
    }

    /// Everybody who can come through it.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Lets somebody more come through it.
    pub fn enrol(&mut self, who: &str, account: Account) {
        self.accounts.insert(who.to_owned(), account);
    }

    /// Lets somebody come through it no longer.
    pub fn dismiss(&mut self, who: &str) {
        self.accounts.remove(who);
    }

    /// Notes that somebody is of another class now.
    pub fn set_class(&mut self, who: &str, class: &str) {
        if let Some(account) = self.accounts.get_mut(who) {
            class.clone_into(&mut account.class);
        }
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

    /// Signs in as a browser does: the cookie.
    ///
    /// # Errors
    /// Fails where there is no password or it is wrong.
    pub async fn sign_in(&self, who: &str) -> Result<String, DoorError> {
        let account = self.account(who)?;
        let password = account.password.as_deref().ok_or(DoorError::Lacks("password"))?;
        let form = [("email", account.email.as_str()), ("password", password)];
        session(&self.form("", "/sign-in", &form).await?)
    }

    /// Takes an invitation as a browser does, and signs the pledge: the cookie.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn take_invitation(&self, link: &str, name: &str, password: &str) -> Result<String, DoorError> {
        let form = [("name", name), ("password", password), ("pledge", "1")];
        session(&self.form("", link, &form).await?)
    }

    /// Makes the first key of somebody who has just come in, on the page of its organisation.
    ///
    /// # Errors
    /// Fails where the server refuses or does not answer.
    pub async fn key_of_page(&self, cookie: &str, password: &str) -> Result<String, DoorError> {
        self.form(cookie, "/step-up", &[("password", password), ("next", "/org")]).await?;
        let form = [("key_name", "demo"), ("key_reach", "act")];
        let page = self.form(cookie, "/org/keys", &form).await?.text().await?;
        let secret = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let key = page.split("nrt_").nth(1).map(|rest| rest.split(|c| !secret(c)).next().unwrap_or_default());
        key.map(|key| format!("nrt_{key}")).ok_or(DoorError::Lacks("key"))
    }

    /// Sends a form as one of our own pages does.
    async fn form(
        &self,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<reqwest::Response, DoorError> {
        let encoded = |value: &str| {
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        Ok(request.send().await?)
    }

    /// A page, as somebody who has signed in: status and text.
    ///
    /// # Errors
    /// Fails where the server does not answer.
    pub async fn page(&self, cookie: &str, path: &str) -> Result<(u16, String), DoorError> {
        let request = self.http.get(format!("{}{path}", self.base));
        let response = request.header("cookie", cookie).header("accept", "text/html").send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    /// What a TAXII client reads: status and text.
    ///
    /// # Errors
    /// Fails where the server does not answer.
    pub async fn taxii(&self, who: &str, path: &str) -> Result<(u16, String), DoorError> {
        let token = &self.account(who)?.api_token;
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(token);
        let response = request.header("accept", "application/taxii+json;version=2.1").send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    /// Begins to listen to what somebody is told live.
    ///
    /// # Errors
    /// Fails where the server does not answer or refuses.
    pub async fn listen(&self, who: &str) -> Result<reqwest::Response, DoorError> {
        let token = &self.account(who)?.api_token;
        let request = self.listener.get(format!("{}/api/v1/events", self.base)).bearer_auth(token);
        Ok(request.send().await?.error_for_status()?)
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

/// The session that an answer begins.
fn session(answer: &reqwest::Response) -> Result<String, DoorError> {
    let cookie = answer.headers().get("set-cookie").and_then(|v| v.to_str().ok());
    let cookie = cookie.and_then(|c| c.split(';').next()).map(str::to_owned);
    cookie.filter(|c| !c.ends_with('=')).ok_or(DoorError::Lacks("session"))
}

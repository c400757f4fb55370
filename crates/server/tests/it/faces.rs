//! What every answer wears, and what errors look like.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use noroshi::web::{Error, Form, Json, Query, Upload, api, headers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::common::{Server, start};

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    title: String,
}

/// Keeps a note.
#[utoipa::path(post, path = "/api/notes", request_body = Note, responses((status = 200, body = Note)))]
async fn keep(Json(note): Json<Note>) -> Json<Note> {
    Json(note)
}

/// Answers nothing to anybody.
#[utoipa::path(get, path = "/api/notes/{id}", params(("id" = String, Path)), responses((status = 200, body = Note)))]
async fn hidden() -> Result<Json<Note>, Error> {
    Err(Error::NotFound)
}

#[derive(Debug, Deserialize)]
struct Paging {
    after: Option<String>,
}

async fn features() -> Server {
    let (api, _) = api::build([OpenApiRouter::new().routes(routes!(keep)).routes(routes!(hidden))], &[]);
    let pages = Router::new()
        .route("/", get(|| async { axum::response::Html("<h1>home</h1>") }))
        .route("/form", post(|Form(note): Form<Note>| async move { note.title }))
        .route("/list", get(|Query(paging): Query<Paging>| async { paging.after.unwrap_or_default() }))
        .route(
            "/file",
            post(|upload: Upload<Note>| async move {
                format!("{} {} {}", upload.fields.title, upload.files[0].name, upload.files[0].content.len())
            }),
        )
        .route("/page/panic", get(panics))
        .route("/api/panic", get(panics))
        .route("/taxii2/panic", get(panics))
        .route("/api/busy", get(|| async { Error::TooMany(Duration::from_millis(1500)) }))
        .route("/api/broken", get(|| async { Error::internal("SELECT secret FROM /var/lib/noroshi") }));
    start(pages.merge(api), |_| ()).await
}

async fn panics() -> String {
    let empty: Vec<String> = std::hint::black_box(Vec::new());
    assert!(!empty.is_empty(), "canary-7731");
    empty.concat()
}

#[tokio::test]
async fn every_answer_is_dressed() {
    let server = features().await;
    let heads = [
        "GET / HTTP/1.1",
        "HEAD / HTTP/1.1",
        "GET /healthz HTTP/1.1",
        "GET /assets/robots.txt HTTP/1.1",
        "GET /nowhere HTTP/1.1",
        "POST / HTTP/1.1",
        "DELETE /form HTTP/1.1\r\nAuthorization: Bearer x",
        "TRACE / HTTP/1.1",
        "GET /page/panic HTTP/1.1",
        "POST /form HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Type: text/plain",
        "GET /api/openapi.json HTTP/1.1",
        "GET /taxii2/nowhere HTTP/1.1",
        "GET /list?after=%ff HTTP/1.1",
    ];
    for head in heads {
        let answer = server.ask(head, b"").await;
        assert_eq!(
            answer.header("content-security-policy"),
            Some(headers::CONTENT_SECURITY_POLICY.to_ascii_lowercase().as_str()),
            "{head}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{head}");
        }
        assert!(answer.header("permissions-policy").is_some(), "{head}");
        assert_eq!(answer.header("server"), None, "{head}");
        assert_eq!(answer.header("strict-transport-security"), None, "no HSTS without TLS: {head}");
        let keep = answer.header("cache-control").unwrap();
        assert_eq!(keep != "no-store", head.contains("/assets/"), "{head}: {keep}");
        if answer.status >= 400 && !head.contains(" /api") && !head.contains(" /taxii2") {
            assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{head}");
        }
    }
}

#[tokio::test]
async fn a_panic_is_a_page_a_problem_or_a_taxii_error() {
    let server = features().await;
    let page = server.get("/page/panic").await;
    assert_eq!(page.status, 500);
    assert!(page.text().contains("受付番号"));
    let problem = server.get("/api/panic").await;
    assert_eq!((problem.status, problem.header("content-type")), (500, Some("application/problem+json")));
    assert!(problem.json()["instance"].as_str().unwrap().starts_with("urn:noroshi:reference:"));
    let taxii = server.get("/taxii2/panic").await;
    assert_eq!(
        (taxii.status, taxii.header("content-type")),
        (500, Some("application/taxii+json;version=2.1"))
    );
    assert_eq!(taxii.json()["http_status"], "500");
    for answer in [page, problem, taxii, server.get("/api/broken").await] {
        let text = answer.text();
        for leak in ["canary", "SELECT", "/var", "panic", ".rs"] {
            assert!(!text.contains(leak), "{leak} in {text}");
        }
    }
    assert_eq!(server.metrics.panics_total.get(), 3);
    assert_eq!(server.get("/").await.status, 200);
}

#[tokio::test]
async fn absent_and_hidden_are_alike() {
    let server = features().await;
    let undated =
        |head: &str| head.lines().filter(|l| !l.starts_with("date:")).collect::<Vec<_>>().join("\n");
    let (hidden, absent) = (server.get("/api/notes/4711").await, server.get("/api/nowhere").await);
    assert_eq!(hidden.status, 404);
    assert_eq!((undated(&hidden.head), hidden.body), (undated(&absent.head), absent.body));
}

#[tokio::test]
async fn errors_speak_the_language_asked_for() {
    let server = features().await;
    let ask = |more: &str| format!("GET /nowhere HTTP/1.1\r\n{more}");
    assert!(server.get("/nowhere").await.text().contains("見つかりません"));
    let english = server.ask(&ask("Accept-Language: en-GB,ja;q=0.5"), b"").await;
    assert!(english.text().contains("<html lang=\"en\">") && english.text().contains("Not found"));
    let chosen = server.ask(&ask("Accept-Language: en\r\nCookie: a=b; noroshi-lang=ja"), b"").await;
    assert!(chosen.text().contains("見つかりません"));
    let problem = server.ask(&ask("Accept: application/json"), b"").await;
    assert_eq!(problem.json()["type"], "urn:noroshi:problem:not-found");
}

#[tokio::test]
async fn only_our_own_pages_act() {
    let server = features().await;
    let own = format!("http://{}", server.addr());
    let form = |more: &str| {
        format!("POST /form HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n{more}")
    };
    for (more, status) in [
        (format!("Origin: {own}"), 200),
        ("Sec-Fetch-Site: same-origin\r\nOrigin: null".to_owned(), 200),
        ("Authorization: Bearer x".to_owned(), 200),
        ("X-Nothing: 1".to_owned(), 403),
        ("Origin: null".to_owned(), 403),
        ("Origin: https://evil.example".to_owned(), 403),
        (format!("Origin: {own}\r\nSec-Fetch-Site: cross-site"), 403),
        ("Cookie: __Host-noroshi=x\r\nOrigin: https://evil.example".to_owned(), 403),
        ("Authorization: Basic eDp5".to_owned(), 403),
    ] {
        assert_eq!(server.ask(&form(&more), b"title=a").await.status, status, "{more}");
    }
    assert_eq!(server.metrics.foreign_total.get(), 6);
    // Nor may another site put our pages into its own.
    let foreign =
        |mode: &str| format!("GET / HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: {mode}");
    assert_eq!(server.ask(&foreign("no-cors"), b"").await.status, 403);
    assert_eq!(server.ask(&foreign("navigate"), b"").await.status, 200);
}

#[tokio::test]
async fn only_documented_methods_are_taken() {
    let server = features().await;
    for method in ["TRACE", "OPTIONS", "PROPFIND", "QUERY", "get"] {
        let answer = server.ask(&format!("{method} /nowhere HTTP/1.1"), b"").await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("get, head, post, put, patch, delete"));
    }
    let answer = server.ask("DELETE /api/notes/1 HTTP/1.1\r\nAuthorization: Bearer x", b"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("get, head, post, put, patch, delete")));
    assert_eq!(answer.json()["type"], "urn:noroshi:problem:method");
    let head = server.ask("HEAD / HTTP/1.1", b"").await;
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some("13")));
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    let server = features().await;
    let post =
        |kind: &str| format!("POST /api/notes HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Type: {kind}");
    let json = post("application/json; charset=utf-8");
    assert_eq!(server.ask(&json, br#"{"title":"a"}"#).await.status, 200);
    assert_eq!(server.ask(&post("text/plain"), br#"{"title":"a"}"#).await.status, 415);
    for (body, status, code) in [
        (&br#"{"title":"a","title":"b"}"#[..], 400, "malformed"),
        (b"{\"title\":\"\xff\"}", 400, "malformed"),
        (b"", 400, "malformed"),
        (br#"{}"#, 422, "invalid"),
        (br#"{"title":"a","role":"admin"}"#, 422, "invalid"),
        (br#"{"title":"a\u0000b"}"#, 400, "malformed"),
        (br#"{"title":["a"]}"#, 422, "invalid"),
    ] {
        let answer = server.ask(&json, body).await;
        assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(body));
        assert_eq!(answer.json()["type"], format!("urn:noroshi:problem:{code}"));
    }
    let answer = server.ask(&json, br#"{"title":"a","role":"admin"}"#).await;
    assert_eq!(answer.json()["errors"][0]["field"], "role");
    assert_eq!(answer.json()["errors"][0]["code"], "unknown-field");
    assert_eq!(server.get("/list?after=%00").await.status, 422);
    assert_eq!(server.get("/list?after=a&after=b").await.status, 422);
    assert_eq!(server.get("/list?after=%e3%81%82").await.text(), "あ");
    let busy = server.get("/api/busy").await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("2")));
}

#[tokio::test]
async fn files_come_in_within_their_limits() {
    let (upload, pages) = (
        20_000,
        Router::new().route(
            "/file",
            post(|upload: Upload<Note>| async move {
                let file = upload.files.first().map(|f| (f.name.as_str(), f.content.len()));
                format!("{} {file:?} {}", upload.fields.title, upload.over)
            }),
        ),
    );
    let server = start(pages, |c: &mut noroshi::config::Config| {
        c.limits.body = 2_000;
        c.limits.upload = upload;
    })
    .await;
    let head =
        "POST /file HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Type: multipart/form-data; boundary=XX";
    let part = |content: &str| {
        format!(
            "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n写し\r\n--XX\r\nContent-Disposition: form-data; \
             name=\"f\"; filename=\"../../a.log\"\r\nContent-Type: text/plain\r\n\r\n{content}\r\n--XX--\r\n"
        )
    };
    let answer = server.ask(head, part(&"x".repeat(5_000)).as_bytes()).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "写し Some((\"a.log\", 5000)) false"));
    // What is too large passes by, and the rest is there; what goes on and on is not waited for.
    let answer = server.ask(head, part(&"x".repeat(30_000)).as_bytes()).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "写し None true"));
    let answer = server.ask(head, part(&"x".repeat(90_000)).as_bytes()).await;
    assert!(answer.status == 413 && answer.text().contains("20000"), "{}", answer.text());
    assert_eq!(server.ask(head, b"--XX\r\nnonsense").await.status, 400);
    assert_eq!(server.ask(head, b"--XX--\r\n").await.status, 422);
}

#[tokio::test]
async fn the_description_is_what_is_there() {
    let server = features().await;
    let described = server.get("/api/openapi.json").await.json();
    assert_eq!(described["openapi"], "3.1.0");
    assert_eq!(described["paths"].as_object().unwrap().len(), 2);
    let post = &described["paths"]["/api/notes"]["post"];
    assert_eq!(post["parameters"][0]["name"], "Idempotency-Key");
    let form = &post["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
    assert_eq!(form, "#/components/schemas/Problem");
    assert_eq!(described["security"][0]["bearer"], serde_json::json!([]));
    // Every error that the server makes has the form that it describes.
    let properties = described["components"]["schemas"]["Problem"]["properties"].as_object().unwrap();
    let problem = server
        .ask("POST /api/notes HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Type: application/json", b"{}")
        .await;
    for name in problem.json().as_object().unwrap().keys() {
        assert!(properties.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn assets_are_kept_by_browsers_and_stay_in_their_folder() {
    let server = features().await;
    let url = noroshi::web::assets::url("robots.txt");
    let kept = server.get(&url).await;
    assert_eq!(kept.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let etag = kept.header("etag").unwrap().to_owned();
    assert_eq!(server.get("/assets/robots.txt").await.header("cache-control"), Some("public, no-cache"));
    let again = server.ask(&format!("GET {url} HTTP/1.1\r\nIf-None-Match: {etag}"), b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    for path in [
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/",
        "/assets//etc/passwd",
        "/assets/.%2fx",
    ] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}

//! The server at rest: how fast it starts, what it takes, and how large its pages are.

use std::time::Duration;

use noroshi::demo::door::Door;

use crate::{
    Options, median, ms,
    world::{Server, World},
};

pub async fn run(options: &Options) {
    let world = World::make(options).await;
    let mut starts = Vec::new();
    for _ in 0..5 {
        starts.push(Server::start(options, world.dir.path(), &[]).started);
    }
    let server = Server::start(options, world.dir.path(), &[]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let fresh = server.memory();
    let door = Door::new(&server.url, world.accounts.clone()).unwrap();
    door.step_up("coordinator").await.unwrap();
    let approve = format!("/api/v1/measures/{}/releases/high/approve", world.measure);
    door.tap("coordinator", &approve).await.unwrap();
    for (_, token) in world.people.iter().step_by(20) {
        let client = reqwest::Client::new();
        for path in ["/api/v1/measures", "/api/v1/items", "/api/v1/consultations"] {
            let url = format!("{}{path}", server.url);
            client.get(url).bearer_auth(token).send().await.unwrap().bytes().await.unwrap();
        }
    }
    let worked = server.memory();
    println!("start until /healthz says yes, median of 5   {:.0} ms", ms(median(starts)));
    println!("memory after the start                       {:.1} MB", fresh / 1000.0);
    println!("memory after a release and 1,500 requests    {:.1} MB", worked / 1000.0);
    let mut largest = (0, String::new(), String::new());
    for who in ["coordinator", "secretariat", "c1a", "c2b", "ga", "operator"] {
        let account = door.account(who).unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form = [("email", account.email.as_str()), ("password", account.password.as_deref().unwrap())];
        let form = form.map(|(k, v)| format!("{k}={}", v.replace('@', "%40"))).join("&");
        let entered = client
            .post(format!("{}/sign-in", server.url))
            .header("origin", &server.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let measure = format!("/info/{}", world.measure);
        let board = format!("/board/{}", world.measure);
        let poster = format!("/info/{}/poster", world.measure);
        for path in [
            "/",
            "/info",
            &measure,
            &poster,
            &board,
            "/analysis",
            "/ask",
            "/ask/new",
            "/provide",
            "/feedback",
            "/release/new",
            "/org",
            "/members",
            "/charter",
            "/trail",
            "/summary",
        ] {
            let url = format!("{}{path}", server.url);
            let page = client.get(url).header("cookie", &cookie).send().await.unwrap();
            let status = page.status().as_u16();
            let size = page.bytes().await.unwrap().len();
            if status == 200 && size > largest.0 {
                largest = (size, path.to_owned(), who.to_owned());
            }
        }
    }
    println!(
        "largest page: {} as {}, {:.1} kB before compression",
        largest.1,
        largest.2,
        largest.0 as f64 / 1e3
    );
}

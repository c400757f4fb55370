//! Annual reports from outside: what they tell of a year that is over, to whom, and what cannot be found in them (R57, R29).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::Ordering::Relaxed;

use noroshi_council::terms::{DAY, MINUTE};
use serde_json::{Value, json};

use crate::house::{self, House, READERS, browser};

const REPORTS: &str = "/api/v1/reports";

/// Lets time go by, with all that it brings.
async fn wait(house: &House, micros: i64) {
    house.ahead.fetch_add(micros, Relaxed);
    while house.app.council().let_time_pass().await.unwrap() {}
}

async fn get(house: &House, who: &str, path: &str) -> (u16, Value) {
    house.ask("GET", who, path, None).await
}

async fn years(house: &House) -> Vec<Value> {
    get(house, "ga", REPORTS).await.1["years"].as_array().unwrap().clone()
}

/// Goes on to the third day of the next year; the number of the one before.
async fn to_the_next_year(house: &House) -> i64 {
    let year = years(house).await[0].clone();
    let to = year["period"]["to"].as_i64().unwrap();
    wait(house, to + 2 * DAY - house.app.store().now()).await;
    year["year"].as_i64().unwrap()
}

async fn of(house: &House, who: &str, year: i64) -> Value {
    let (status, report) = get(house, who, &format!("{REPORTS}/{year}")).await;
    assert_eq!(status, 200, "{who}: {report}");
    report
}

/// A council at the beginning of a year, in which it has stood for longer.
async fn standing() -> House {
    let house = house::open().await;
    to_the_next_year(&house).await;
    house
}

async fn consult(house: &House, who: &str) {
    let body = json!({"text": "端末が遅いです。", "scope": {"classes": ["class1"]}});
    house.door.make(who, "/api/v1/consultations", body).await.unwrap();
}

async fn report_information(house: &House, who: &str) {
    let body = json!({
        "title": "不審なメール", "technique": "添付の文書がマクロで外部へ接続する。", "damage": "端末1台。",
        "scope": {"classes": ["class1"]}, "basis": "voluntary", "consent": "each",
        "handling": {"tlp": "amber", "pap": "amber"}, "not_classified": true,
    });
    house.door.make(who, "/api/v1/items", body).await.unwrap();
}

/// A resolution that the assembly votes on: six for it, one against, one neither.
async fn resolved(house: &House) {
    let body = json!({"title": "決議", "matter": {"kind": "resolution", "text": "総会は、報告を承認する。"}});
    let motion = house.door.make("secretariat", "/api/v1/motions", body).await.unwrap();
    let path = |rest: &str| format!("/api/v1/motions/{motion}/{rest}");
    house.door.step_up("secretariat").await.unwrap();
    let now = house.app.store().now();
    let times = json!({"opens_at": now + 15 * DAY, "closes_at": now + 20 * DAY});
    house.door.post("secretariat", &path("notice"), times).await.unwrap();
    wait(house, 15 * DAY + 1).await;
    let voters = ["c1a", "c1b", "c1c", "c2a", "c2b", "c2c", "ga", "gc"];
    for (who, choice) in voters.into_iter().zip(["yes", "yes", "yes", "yes", "yes", "yes", "no", "abstain"]) {
        let vote = json!({"choice": choice, "opinion": ""});
        house.door.post(who, &path("ballots"), vote).await.unwrap();
    }
    wait(house, 5 * DAY).await;
}

fn bands(told: &Value) -> Vec<(String, Option<i64>)> {
    let parts = told["parts"].as_array().unwrap();
    let name = |part: &Value| {
        let of: Vec<&str> = part["of"].as_array().unwrap().iter().map(|of| of.as_str().unwrap()).collect();
        of.join("+")
    };
    parts.iter().map(|part| (name(part), part["count"]["from"].as_i64())).collect()
}

fn floor(n: usize) -> i64 {
    i64::try_from(n - n % 5).unwrap()
}

/// The figures of a page: what stands in the last column of its tables, and its large ones.
fn figures(page: &str) -> Vec<String> {
    let cells = page.split("<td class=\"r").skip(1).filter_map(|rest| rest.split_once('>'));
    let large = page.split("<dd>").skip(1).map(|rest| ("", rest));
    cells.chain(large).map(|(_, rest)| rest.split('<').next().unwrap().to_owned()).collect()
}

/// The text of a PDF, without the spaces and lines in which it is set.
pub fn text(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    squeezed(&document.extract_text(&pages).unwrap())
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

pub async fn pdf(house: &House, cookie: &str, path: &str) -> Vec<u8> {
    let answer = browser().get(house.url(path)).header("cookie", cookie).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/pdf".parse().unwrap())
    );
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_is_over_is_told_as_it_was_and_names_nobody() {
    let house = standing().await;
    let made = house.live("returned", false).await;
    resolved(&house).await;
    let board = get(&house, "coordinator", &format!("/api/v1/measures/{}/board", made.measure)).await.1;
    let year = to_the_next_year(&house).await;
    let listed = years(&house).await;
    let known: Vec<(i64, bool)> =
        listed.iter().map(|y| (y["year"].as_i64().unwrap(), y["over"].as_bool().unwrap())).collect();
    assert_eq!(known, [(year + 1, false), (year, true), (year - 1, true)]);

    let report = of(&house, "ga", year).await;
    assert_eq!((&report["k"], &report["step"]), (&json!(3), &json!(5)));
    // What every member knows is told exactly.
    let releases = &report["releases"];
    assert_eq!(
        (&releases["measures"], &releases["confidence"]["high"]),
        (&json!(1), &json!(1)),
        "{releases}"
    );
    assert_eq!((&releases["updates"], &releases["drills"]), (&json!(1), &json!(0)));
    let roster = house.app.store().roster();
    let members = roster.active().filter(|o| matches!(o.seat, noroshi_council::Seat::Member(_))).count();
    let ballot = &report["ballots"][0];
    assert_eq!((&ballot["no"], ballot["result"].as_str()), (&json!(1), Some("no_quorum")), "{ballot}");
    assert_eq!(ballot["tally"], json!({"electorate": members, "cast": 8, "yes": 6, "no": 1, "abstain": 1}));
    assert_eq!(report["demands"], json!({"reported": 0}));

    // One item and one consultation of one member are nobody's business; what came of them is.
    let over = &report["over"];
    assert_eq!((&over["consultations"], &over["items"]["total"]), (&Value::Null, &Value::Null), "{over}");
    assert!(
        bands(&over["items"]).iter().all(|(_, n)| n.is_none())
            && bands(&over["early"]).iter().all(|(_, n)| n.is_none())
    );
    for took in ["consultation", "item", "early", "release"] {
        assert_eq!(over["times"][took], json!({"count": null, "half": null, "nine_tenths": null}), "{took}");
    }
    // Six answered: three seen, one not, two unknown, each too few to be told apart.
    assert_eq!(bands(&over["feedback"]), [("seen+not_seen+unknown".to_owned(), Some(5))]);
    let acknowledged =
        board["lines"].as_array().unwrap().iter().filter(|line| line["acked_at"].is_i64()).count();
    let quick = bands(&over["acknowledgements"]);
    let soon = house.accounts.values().filter(|a| a.is_member()).count();
    assert_eq!(soon, members);
    assert_eq!(over["acknowledgements"]["total"]["from"], floor(members));
    assert_eq!(quick[0], ("hour".to_owned(), Some(floor(acknowledged))), "{quick:?} of {board}");
    assert_eq!(over["times"]["acknowledgement"]["half"], 5 * MINUTE);
    let count = |seat: &str| roster.active().filter(|o| o.seat.as_str() == seat).count();
    assert_eq!((count("class1"), count("class2")), (4, 6));
    let classes = bands(&over["members"]);
    assert!(
        classes.contains(&("class2".to_owned(), Some(5))) && classes.contains(&("class1".to_owned(), None)),
        "{classes:?}"
    );
    assert_eq!(over["members"]["total"]["from"], floor(members));
    assert_eq!((&over["joined"], &over["left"]), (&Value::Null, &Value::Null));
    let before = of(&house, "ga", year - 1).await;
    assert_eq!(before["over"]["members"], over["members"], "nobody came or went");

    // Every member and office reads the same, nobody is named, and the operator reads nothing.
    for who in READERS.iter().filter(|who| **who != "operator") {
        assert_eq!(of(&house, who, year).await, report, "{who}");
    }
    for path in ["", "/2000", "/nothing", &format!("/{year}"), &format!("/{year}/own")] {
        assert_eq!(get(&house, "operator", &format!("{REPORTS}{path}")).await.0, 404, "{path}");
    }
    for path in ["/2000", "/nothing", "/99999", "/2000/own", &format!("/{}", year + 2)] {
        assert_eq!(get(&house, "ga", &format!("{REPORTS}{path}")).await.0, 404, "{path}");
    }
    let cookie = house.sign_in("ga").await;
    let (status, page) = house.page(&cookie, &format!("/report/{year}")).await;
    assert_eq!(status, 200);
    let paper = text(&pdf(&house, &cookie, &format!("/report/{year}.pdf")).await);
    let body = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let told = figures(body);
    assert!(
        told.len() > 25 && told.contains(&"1".to_owned()) && told.contains(&"少数".to_owned()),
        "{told:?}"
    );
    for figure in &told {
        assert!(paper.contains(&squeezed(figure)), "{figure} is missing on paper: {paper}");
    }
    for org in roster.orgs.values().filter(|org| matches!(org.seat, noroshi_council::Seat::Member(_))) {
        for name in [&org.name.ja, &org.name.en, &org.id.0] {
            let json = report.to_string();
            assert!(!json.contains(name.as_str()) && !body.contains(name.as_str()), "{name} is named");
            assert!(!paper.contains(&squeezed(name)), "{name} is named on paper");
        }
    }
    let english = format!("{cookie}; noroshi-lang=en");
    let paper = text(&pdf(&house, &english, &format!("/report/{year}.pdf")).await);
    assert!(
        paper.contains("Annualreport") && paper.contains("Howitiscounted") || paper.contains("Countsaretold"),
        "{paper}"
    );

    // Its own year is a member's own.
    let (status, own) = get(&house, "c1c", &format!("{REPORTS}/{year}/own")).await;
    assert_eq!((status, own["items"][0]["became"].as_str()), (200, Some("measure")), "{own}");
    assert_eq!((&own["items"][0]["measures"], &own["acknowledgements"]["hour"]), (&json!(1), &json!(1)));
    assert_eq!(own["duties"].as_array().unwrap().len(), 2);
    let rail = get(&house, "c2b", &format!("{REPORTS}/{year}/own")).await.1;
    assert_eq!(
        (&rail["consultations"], &rail["answered"], &rail["items"]),
        (&json!(1), &json!(1), &json!([]))
    );
    let title = own["items"][0]["title"].as_str().unwrap();
    for who in ["coordinator", "secretariat"] {
        assert_eq!(get(&house, who, &format!("{REPORTS}/{year}/own")).await.0, 404, "{who}");
    }
    let cookie = house.sign_in("c1c").await;
    let (status, page) = house.page(&cookie, &format!("/report/{year}/own")).await;
    assert!(status == 200 && page.contains(title), "{status}");
    let paper = text(&pdf(&house, &cookie, &format!("/report/{year}/own.pdf")).await);
    assert!(paper.contains(&squeezed(title)), "{paper}");
    let operator = house.sign_in("operator").await;
    for path in [
        "/report",
        &format!("/report/{year}"),
        &format!("/report/{year}.pdf"),
        &format!("/report/{year}/own.pdf"),
    ] {
        assert_eq!(house.page(&operator, path).await.0, 404, "{path}");
    }
}

/// What an outsider reads of two years of two councils that differ in what it may not know of.
#[tokio::test(flavor = "multi_thread")]
async fn one_more_that_its_reader_may_not_know_of_is_not_noticed() {
    let mut told = Vec::new();
    for hidden in [false, true] {
        let house = standing().await;
        let many = ["c1a", "c1b", "c1c", "c1d", "c2a", "c2c", "c2d"];
        for who in many {
            consult(&house, who).await;
        }
        if hidden {
            // One more of many, and the only one of its kind.
            consult(&house, "c2b").await;
            report_information(&house, "c2b").await;
        }
        let so_far = of(&house, "ga", years(&house).await[0]["year"].as_i64().unwrap()).await;
        assert_eq!(so_far["over"], Value::Null, "what goes on is told to nobody");
        let year = to_the_next_year(&house).await;
        let report = of(&house, "ga", year).await;
        assert_eq!(report["over"]["consultations"], json!({"from": 5, "to": 9}));
        assert_eq!(report["over"]["items"]["total"], Value::Null);
        let cookie = house.sign_in("ga").await;
        let page = house.page(&cookie, &format!("/report/{year}")).await.1;
        told.push((so_far, report, figures(&page)));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_that_goes_on_tells_what_everybody_knows_and_oneself_the_rest() {
    let house = standing().await;
    for who in ["c1a", "c1b", "c1c", "c2a", "c2c", "ga"] {
        consult(&house, who).await;
        report_information(&house, who).await;
    }
    house.live("released", false).await;
    // What was kept of the moment before is looked at anew.
    wait(&house, MINUTE).await;
    let year = years(&house).await[0]["year"].as_i64().unwrap();
    for who in ["coordinator", "secretariat", "c1a", "c2b", "ga", "rt"] {
        let report = of(&house, who, year).await;
        assert_eq!(
            (&report["releases"]["measures"], &report["over"]),
            (&json!(1), &Value::Null),
            "{who}: {report}"
        );
    }
    let own = get(&house, "c1a", &format!("{REPORTS}/{year}/own")).await.1;
    assert_eq!(
        (&own["over"], &own["consultations"], own["items"][0]["became"].as_str()),
        (&json!(false), &json!(1), Some("under_way"))
    );
    let cookie = house.sign_in("ga").await;
    let answer = browser().get(house.url("/report")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.headers()["location"], format!("/report/{}", year - 1), "the latest that is over");
    let page = house.page(&cookie, &format!("/report/{year}")).await.1;
    assert!(page.contains("この年度はまだ終わっていません"));
}

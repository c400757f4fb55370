//! A GET changes nothing of the council: what a read is meant to leave behind is named here, and everything else stays.

use std::{collections::BTreeMap, time::Duration};

use noroshi::args;
use serde_json::{Value, json};

use crate::house::{self, House, browser};

/// What a read writes: who looked into a secret and when, that a notice was opened, when a session was seen and a key used, and
/// the moment of the last transaction, which such a line takes. A column, or `*` for the whole table.
const LEFT_BEHIND: &[(&str, &str)] = &[
    ("access", "*"),
    ("receipt", "opened_at"),
    ("session", "seen_at"),
    ("api_token", "last_used_at"),
    ("clock", "*"),
];

/// Who asks: every office, every class, one that was left out, and nobody.
const WHO: &[&str] = &["coordinator", "secretariat", "operator", "c1a", "c2b", "ga", "rt"];

/// Every table with its rows, but for what is left behind. What TAXII signs its places in a list with is made once, by whoever
/// comes first.
async fn tables(house: &House) -> BTreeMap<String, Vec<String>> {
    let read = house.app.store().read(|conn| {
        let columns = if conn.is_pg() {
            "select table_name::text, column_name::text from information_schema.columns
              where table_schema = current_schema() order by table_name, ordinal_position"
        } else {
            "select t.name, c.name from sqlite_schema t join pragma_table_info(t.name) c
              where t.type = 'table' and t.name not like 'sqlite%' order by t.name, c.cid"
        };
        let mut kept: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in conn.rows(columns, args![])? {
            let (table, column) = (row.text(0)?, row.text(1)?);
            if !LEFT_BEHIND.iter().any(|(t, c)| *t == table && (*c == "*" || *c == column)) {
                kept.entry(table).or_default().push(column);
            }
        }
        let mut all = BTreeMap::new();
        for (table, columns) in kept {
            let but = if table == "meta" { "where name <> 'taxii_key'" } else { "" };
            let rows = conn.rows(&format!("select {} from {table} {but}", columns.join(", ")), args![])?;
            let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
            rows.sort();
            all.insert(table, rows);
        }
        Ok(all)
    });
    read.await.unwrap()
}

/// The same once the work beside has come to rest: what waits to be sent is handed on without anybody reading.
async fn at_rest(house: &House) -> BTreeMap<String, Vec<String>> {
    let mut last = tables(house).await;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = tables(house).await;
        if now == last && waiting(house).await == 0 {
            return now;
        }
        last = now;
    }
    panic!("the council does not come to rest");
}

/// How much waits to be sent at this moment.
async fn waiting(house: &House) -> i64 {
    let now = house.app.store().now();
    let count = house.app.store().read(move |conn| {
        let sql = "select count(*) from outbox where done_at is null and due_at <= ?1";
        let row = conn.one(sql, args![now])?.unwrap();
        Ok(row.int(0)?)
    });
    count.await.unwrap()
}

/// How often somebody is recorded to have looked into a secret.
async fn looked_into(house: &House) -> i64 {
    let count = house.app.store().read(|conn| {
        let row = conn.one("select count(*) from access", args![])?.unwrap();
        Ok(row.int(0)?)
    });
    count.await.unwrap()
}

fn unchanged(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>, what: &str) {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (table, rows) in before {
        let gone: Vec<&String> = rows.iter().filter(|row| !after[table].contains(row)).collect();
        let come: Vec<&String> = after[table].iter().filter(|row| !rows.contains(row)).collect();
        assert!(gone.is_empty() && come.is_empty(), "{what} changed {table}: {gone:?} became {come:?}");
        assert_eq!(rows.len(), after[table].len(), "{what} changed {table}");
    }
}

/// An address with its names filled in, in every way that may lead somewhere.
fn filled(path: &str, ids: &[String]) -> Vec<String> {
    let Some((head, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (name, tail) = rest.split_once('}').unwrap();
    let with: Vec<String> = match name {
        "org" | "person" => vec!["o-c2b".to_owned()],
        "no" | "version" => vec!["1".to_owned()],
        "year" => vec!["2016".to_owned()],
        "secret" => vec!["nothing".to_owned()],
        "code" => vec!["en".to_owned()],
        "what" => vec!["explanation".to_owned()],
        _ => ids.to_vec(),
    };
    with.iter().flat_map(|with| filled(&format!("{head}{with}{tail}"), ids)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_changes_nothing_but_the_record_that_it_was_made() {
    let (house, made) = house::lived("returned").await;
    let invite = json!({"name": "新任 担当", "email": "new@ga.example", "roles": ["handler"]});
    let invited = house.ask("POST", "ga", "/api/v1/people", Some(&invite)).await.1;
    let link = invited["link"].as_str().unwrap().to_owned();
    let ids =
        [made.consultation, made.analysis, made.measure, "o-c2b".to_owned(), "X-0000000000000".to_owned()];
    let (mut api, mut pages) = (Vec::new(), vec![link]);
    for (path, method) in house.routes() {
        // Events do not end, and TAXII is walked below.
        if method != "get"
            || ["/live", "/api/v1/events"].contains(&path.as_str())
            || path.starts_with("/taxii2")
            || path.contains("{*")
        {
            continue;
        }
        let of = if path.starts_with("/api/") { &mut api } else { &mut pages };
        of.extend(filled(&path, &ids));
    }
    assert!(api.len() > 50 && pages.len() > 100, "{api:?} {pages:?}");
    let mut cookies = vec![("nobody", String::new())];
    for who in WHO {
        cookies.push((who, house.sign_in(who).await));
    }
    let (mut before, recorded) = (at_rest(&house).await, looked_into(&house).await);
    let (client, mut found) = (browser(), 0);
    for (who, cookie) in &cookies {
        for (list, reads_pages) in [(&api, false), (&pages, true)] {
            for path in list {
                let request = client.get(house.url(path)).timeout(Duration::from_secs(30));
                let request = match (reads_pages, *who) {
                    (_, "nobody") => request,
                    (true, _) => request.header("cookie", cookie),
                    (false, who) => request.bearer_auth(&house.accounts[who].api_token),
                };
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                // Whoever guesses at links is slowed down.
                let guessed = path.starts_with("/apply/") || path.starts_with("/invitation/");
                let answered = status < 500 && (status != 429 || guessed);
                assert!(answered, "{who} {path}: {status}");
                found += usize::from(status == 200);
                let _ = answer.bytes().await.unwrap();
            }
            let after = tables(&house).await;
            unchanged(
                &before,
                &after,
                &format!("{who}, reading {}", if reads_pages { "pages" } else { "the API" }),
            );
            before = after;
        }
    }
    assert!(found > 400, "{found} addresses were answered with something");
    assert!(looked_into(&house).await > recorded, "who has read a secret is recorded");
    for who in WHO {
        taxii(&house, who).await;
    }
    unchanged(&before, &at_rest(&house).await, "TAXII");
}

/// Everything that a TAXII client asks for.
async fn taxii(house: &House, who: &str) {
    let get = async |path: &str| -> Value {
        let (status, text) = house.door.taxii(who, path).await.unwrap();
        assert!(status < 500, "{who} {path}: {status}");
        serde_json::from_str(&text).unwrap_or_default()
    };
    get("/taxii2/").await;
    get("/taxii2/noroshi/").await;
    let collections = get("/taxii2/noroshi/collections/").await;
    let list = collections["collections"].as_array().cloned().unwrap_or_default();
    assert!(!list.is_empty(), "{who}: {collections}");
    for collection in list {
        let at = format!("/taxii2/noroshi/collections/{}/", collection["id"].as_str().unwrap());
        get(&at).await;
        get(&format!("{at}manifest/?limit=2")).await;
        let objects = get(&format!("{at}objects/?limit=2")).await;
        if let Some(next) = objects["next"].as_str() {
            get(&format!("{at}objects/?limit=2&next={next}")).await;
        }
        if let Some(id) = objects["objects"][0]["id"].as_str() {
            get(&format!("{at}objects/{id}/")).await;
            get(&format!("{at}objects/{id}/versions/")).await;
        }
    }
}

/// Who has read a thing by this way, as it is recorded.
async fn recorded(house: &House, thing: &str, channel: &'static str) -> Vec<String> {
    let thing = thing.to_owned();
    let read = house.app.store().read(move |conn| {
        let sql = "select org from access where thing = ?1 and channel = ?2 order by org";
        let rows = conn.rows(sql, args![&thing, channel])?;
        Ok(rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?)
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_polls_an_early_countermeasure_leaves_a_trace_and_of_what_is_out_none() {
    let (house, made) = house::lived("asked").await;
    let collection = crate::taxii::council(&house).await;
    let polled = async |who: &str| crate::taxii::all(&house, who, &collection, "objects", 1000).await.len();
    assert!(recorded(&house, &made.measure, "taxii").await.is_empty());
    // Whoever gets nothing of it leaves nothing; whoever gets it leaves one trace, however often it asks.
    assert_eq!(polled("ga").await, 0);
    for _ in 0..3 {
        assert!(polled("c2b").await > 0);
    }
    assert_eq!(recorded(&house, &made.measure, "taxii").await, [house.accounts["c2b"].org.clone()]);

    let (house, made) = house::lived("released").await;
    let collection = crate::taxii::council(&house).await;
    assert!(!crate::taxii::all(&house, "ga", &collection, "objects", 1000).await.is_empty());
    assert!(recorded(&house, &made.measure, "taxii").await.is_empty(), "it is no secret any more");
}

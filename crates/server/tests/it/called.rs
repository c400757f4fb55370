//! The assembly calls things otherwise: names, words within sentences, sectors, just causes and the pledge (R53).

use serde_json::json;

use crate::{
    assembly::{DAY, carried, local, motion, now, until_proven, wait},
    house,
};

#[tokio::test(flavor = "multi_thread")]
async fn names_sectors_and_the_pledge_are_amended_by_page_and_are_so_on_every_node_without_a_restart() {
    let house = house::open().await;
    let (other, _) = house.second_node().await;
    let office = house.sign_in("secretariat").await;
    let (_, form) = house.page(&office, "/assembly/new?kind=amendment").await;
    assert!(form.contains("called.names.steering.ja") && form.contains("new.sector.0.id"), "{form}");
    let effective = local(now(&house) + 30 * DAY);
    let mut fields = vec![
        ("kind", "amendment"),
        ("title", "理事会と宇宙"),
        ("reasons", "名前を改めるため"),
        ("effective_at", effective.as_str()),
        ("called.names.steering.ja", "理事会"),
        ("called.names.steering.en", "Board"),
        ("called.words.steering.ja", "理事会"),
        ("called.words.steering.en", "board"),
        ("new.sector.0.id", "finance"),
        ("new.sector.0.ja", "宇宙"),
        ("new.sector.0.en", "Space"),
        ("pledge.ja", "私は、新しい誓約を守ります。"),
        ("pledge.en", "I shall keep the new pledge."),
    ];
    // What is there already is not added, and what was typed stays.
    let answer = house.post_form(&office, "/assembly/new", &fields).await;
    assert_eq!(answer.status().as_u16(), 422);
    let again = answer.text().await.unwrap();
    for part in
        ["id=\"e-new.sector.0\"", "value=\"宇宙\"", "value=\"理事会\"", "私は、新しい誓約を守ります。"]
    {
        assert!(again.contains(part), "{part}");
    }
    fields[8].1 = "space";
    let answer = house.post_form(&office, "/assembly/new", &fields).await;
    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
    let at = answer.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
    let id = at.rsplit('/').next().unwrap().to_owned();
    // At once, while it is being proven or has just been, its page is there.
    assert_eq!(house.page(&office, &at).await.0, 200);
    until_proven(&house, &id).await;
    let (_, draft) = motion(&house, "secretariat", &id).await;
    let changes = &draft["matter"]["changes"];
    assert_eq!(changes["called"]["sector.space"]["en"], "Space", "{draft}");
    assert_eq!(changes["called"].as_object().unwrap().len(), 3, "{draft}");
    assert_eq!((&changes["pledge"]["version"], &draft["proof"]["blocked"]), (&json!("2"), &json!(false)));
    let (_, form) = house.page(&office, &format!("{at}/edit")).await;
    assert!(form.contains("value=\"space\"") && form.contains("value=\"理事会\""), "{form}");

    carried(&house, &id, |_| "yes").await;
    let member = house.sign_in("ga").await;
    let (_, page) = house.page(&member, &at).await;
    for part in ["<del>運営委員会</del>", "<ins>理事会</ins>", "<ins>宇宙</ins>", "もう一度署名"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let before = house.page("", "/apply").await.1;
    assert!(!before.contains("宇宙"), "it is not in force yet");
    wait(&house, 10 * DAY).await;
    assert_eq!(motion(&house, "ga", &id).await.1["state"], "effective");
    for url in [house.url("/apply"), format!("{}/apply", other.url())] {
        let mut page = String::new();
        for _ in 0..100 {
            page = reqwest::get(&url).await.unwrap().text().await.unwrap();
            if page.contains("宇宙") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert!(page.contains("宇宙"), "{url}");
        assert!(page.contains("理事会") && !page.contains("運営委員会"), "{url}: {page}");
        assert!(page.contains("私は、新しい誓約を守ります。"), "{url}");
    }
    // Whoever signed the earlier pledge may not act before it has signed this one.
    let asked = json!({"text": "不審な通信があります", "anonymous": false});
    let (status, refused) = house.ask("POST", "ga", "/api/v1/consultations", Some(&asked)).await;
    assert_eq!((status, crate::assembly::code(&refused)), (403, "pledge-missing"), "{refused}");
    other.stop().await;
}

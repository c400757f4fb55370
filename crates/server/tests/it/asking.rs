//! Who is asked follows the charter: an amendment that lets others read early has them asked, the ballot says so and counts what
//! it would have been in the past, and one that takes it back ends what is still owed (R31, R34, R55).

use noroshi_council::terms::{DAY, HOUR};
use serde_json::{Value, json};

use crate::{
    assembly::{carried, motion, policies, proven, wait},
    contribution::request,
    house::{self, House},
};

/// General members read early, and class 2 weighs analyses.
const WIDER: &str = r#"
@article("10")
@id("general-reads-early")
permit (principal, action == Action::"readFull", resource)
when {
    principal.seat == "general" && resource.state == "low_released" &&
    ["countermeasure", "confidence", "technique_subset"].contains(resource.layer)
};

@article("14")
@id("class2-reads-analyses")
permit (principal, action == Action::"readFull", resource)
when {
    principal.seat == "class2" && (
        (["technique_full", "confidence"].contains(resource.layer) && resource.state == "masked_confirmed") ||
        (resource.layer == "expert_feedback" && resource.state == "given")
    )
};

@article("9")
@id("class2-weighs")
permit (principal, action == Action::"giveOpinion", resource)
when { principal.seat == "class2" };
"#;

/// An analysis that class 2 may read, too, as far as the charter goes.
async fn analysis(house: &House) -> String {
    let body = json!({
        "title": "題", "technique": "手口", "scope": {"classes": ["class1", "class2"]}, "basis": "voluntary",
        "consent": "prior", "original": true, "confidence": 40, "handling": {"tlp": "amber", "pap": "amber"},
        "not_classified": true,
    });
    house.door.make("c1c", "/api/v1/analyses", body).await.unwrap()
}

async fn answers(house: &House, who: &str, measure: &str) -> u16 {
    let answers = json!({"answers": {"all": {"verdict": "unknown"}}, "consent": false});
    house.ask("POST", who, &format!("/api/v1/measures/{measure}/answers"), Some(&answers)).await.0
}

async fn weighs(house: &House, who: &str, item: &str) -> u16 {
    let nothing = json!({"no_material": true, "author_shown": false});
    house.ask("POST", who, &format!("/api/v1/items/{item}/posts"), Some(&nothing)).await.0
}

async fn page(house: &House, who: &str, path: &str) -> (u16, String) {
    house.page(&house.sign_in(who).await, path).await
}

/// What `seat` would have been asked for, as a proof tells it.
fn asked<'a>(replay: &'a Value, seat: &str) -> Vec<&'a Value> {
    replay["asked"].as_array().unwrap().iter().filter(|line| line["seat"] == seat).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_to_read_early_is_asked_and_the_ballot_counts_it_before() {
    let house = house::open().await;
    let mut before = Vec::new();
    for _ in 0..6 {
        let item = analysis(&house).await;
        before.push((request(&house, &item).await, item));
    }
    let (old_measure, old_item) = before.pop().unwrap();
    assert_eq!(
        (answers(&house, "c2c", &old_measure).await, answers(&house, "ga", &old_measure).await),
        (200, 404)
    );
    assert_eq!((weighs(&house, "c1a", &old_item).await, weighs(&house, "c2c", &old_item).await), (200, 404));

    let source = noroshi_charter::Source::embedded("jp-2019-council").unwrap();
    let id = proven(&house, policies(&house, &format!("{}{WIDER}", source.policies))).await;
    let draft = motion(&house, "secretariat", &id).await.1;
    let replay = &draft["proof"]["report"]["replay"];
    let line = |seat: &str, question: &str| json!({"seat": seat, "question": question, "things": [0, 5], "more": null, "less": null});
    assert_eq!(asked(replay, "general"), [&line("general", "early")], "{replay}");
    assert_eq!(asked(replay, "class2"), [&line("class2", "analysis")], "{replay}");
    assert!(asked(replay, "class1").is_empty(), "class 1 is asked as it was: {replay}");
    let begins = |seat: &str, question: &str| json!({"seat": seat, "question": question, "begins": true});
    assert_eq!(replay["duties"], json!([begins("general", "early"), begins("class2", "analysis")]));

    carried(&house, &id, |_| "yes").await;
    // Each reads of its own duty at the top, with its deadline, and of that of others apart.
    let says = |text: &str, own: &str, others: &str| {
        let (top, rest) = text.split_once("ほかの組織について変わること").expect("a heading");
        assert!(top.contains(own) && !top.contains(others), "{text}");
        assert!(rest.contains(others), "{text}");
    };
    let city = page(&house, "ga", &format!("/assembly/{id}")).await.1;
    says(
        &city,
        "早い段階の対策情報のたびに、「来ている・来ていない・わからない」の回答を求められるようになります。期限は5時間です。答えたかどうかは、貢献の判定には関わりません。過去12か月なら、5～9件でした（いまは0件）",
        "第二類構成員は、共有された分析情報について、専門的なフィードバックを求められるようになります（期限24時間）",
    );
    assert!(
        city.contains("いまは尋ねられません。改正案では、12か月に5～9件の対策情報について尋ねられました"),
        "{city}"
    );
    let bank = page(&house, "c2c", &format!("/assembly/{id}")).await.1;
    says(
        &bank,
        "分析情報が共有されるたびに、専門的なフィードバック（意見か「材料なし」）を求められるようになります。期限は24時間です。",
        "一般の構成員は、早い段階の対策情報について、",
    );
    // It comes to read analyses, and those of its own are read by others like it.
    assert!(bank.contains("が出すものも、ほかの第二類構成員に読まれます"), "{bank}");
    wait(&house, 10 * DAY).await;
    assert_eq!(motion(&house, "ga", &id).await.1["state"], "effective");

    // What was given before is nobody's new business; what comes now is.
    assert_eq!(
        (answers(&house, "ga", &old_measure).await, weighs(&house, "c2c", &old_item).await),
        (404, 404)
    );
    let item = analysis(&house).await;
    let measure = request(&house, &item).await;
    for path in ["/", "/feedback"] {
        let (status, shown) = page(&house, "ga", path).await;
        assert!(status == 200 && shown.contains(&measure), "{path}: {shown}");
    }
    for path in ["/", "/analysis"] {
        let (status, shown) = page(&house, "c2c", path).await;
        assert!(status == 200 && shown.contains(&item), "{path}: {shown}");
    }
    assert_eq!((answers(&house, "ga", &measure).await, weighs(&house, "c2c", &item).await), (200, 200));

    // Taken back, what general members still owe is excused, and class 2 owes as before.
    let id = proven(&house, policies(&house, &source.policies)).await;
    let replay = motion(&house, "secretariat", &id).await.1["proof"]["report"]["replay"].clone();
    assert_eq!(replay["duties"][0], json!({"seat": "general", "question": "early", "begins": false}));
    assert_eq!(replay["ceased"], json!([]), "class 2 is still asked");
    carried(&house, &id, |_| "yes").await;
    let measure = request(&house, &analysis(&house).await).await;
    wait(&house, 10 * DAY + HOUR).await;
    let (_, read) = house.ask("GET", "coordinator", &format!("/api/v1/measures/{measure}"), None).await;
    let layers = read["layers"].as_array().unwrap();
    let list = layers.iter().find(|layer| layer["key"] == "asked").expect("the list");
    let excused = |org: &str| {
        let lines = list["body"]["addressees"].as_array().unwrap();
        lines.iter().find(|line| line["org"] == org).map(|line| line["excused"].clone())
    };
    assert_eq!((excused("o-ga"), excused("o-c2c")), (Some(json!("membership")), Some(Value::Null)));
}

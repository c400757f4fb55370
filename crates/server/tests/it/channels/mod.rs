//! One set through every channel: what the pure rules let each reader read of each thing, in each state of the story, is
//! what it gets by the interface, lists, pages, TAXII, live events, mail and its export; no more and no less.
//!
//! The set is worked out here from the thing's own state, not from what was stored for readers. `golden/who-reads-what.txt`
//! says it in words: `UPDATE_GOLDEN=1 cargo nextest run -p noroshi one_set` writes it anew.
//!
//! `item` does the same for what the story does not come to of an item and its countermeasure, `addressed` for consultations
//! with named readers, `council` for what the members and the offices decide and keep.
//! Each has a golden file of its own beside that one.

mod addressed;
mod apart;
mod council;
mod ear;
mod export;
mod item;
mod looker;
mod paper;
mod polled;
mod set;

use noroshi::demo::story::{Made, STAGES, Story};
use noroshi_council::{Layer, View};

use self::{
    apart::{house_with_mail, seat, set_apart},
    looker::{Looked, Looker, released_to},
    set::{Everything, Readers, Seen, golden},
};
use crate::house::READERS;

/// Beside the readers of the story: a person of the steering committee, and people who read nothing.
const STEERING: &str = "ge";
const SILENT: [&str; 4] = ["coordinator2", "g003", "g004", "g005"];

/// Everybody from whose seat the story is looked at.
fn everybody() -> Readers {
    let all = READERS.iter().copied().chain([STEERING]).chain(SILENT).collect();
    Readers { all, steering: vec![STEERING], silent: SILENT.to_vec() }
}

/// What there is of the story by now.
fn things(made: &Made) -> Vec<Seen> {
    [("consultation", &made.consultation), ("item", &made.analysis), ("measure", &made.measure)]
        .into_iter()
        .filter(|(_, id)| !id.is_empty())
        .map(|(kind, id)| Seen::new(kind, kind, id))
        .collect()
}

/// What came with the posts of the consultation, for whoever reads the posts.
async fn by_file(looker: &Looker<'_>, at: &str, id: &str, sights: &Everything) {
    let named = |v: &View| v.layer == Layer::Consultation && v.body.to_string().contains("445-tcp.log");
    for (who, sights) in sights {
        let reads = sights["consultation"].iter().any(named);
        let path = format!("/api/v1/consultations/{id}/files/1");
        let (status, text) = looker.house.door.ask("GET", who, &path, None).await.unwrap();
        let got = status == 200 && text.contains("198.51.100.23:445");
        looker.same(&got, &reads, || format!("{who} and the file by the interface at {at}: {status}"));
        let Some(cookie) = looker.browser(who) else { continue };
        let (status, text) = looker.page(cookie, &format!("/ask/{id}/files/1")).await;
        let got = status == 200 && text.contains("198.51.100.23:445");
        looker.same(&got, &reads, || format!("{who} and the file by page at {at}: {status}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_through_every_channel() {
    let (house, sink) = house_with_mail().await;
    set_apart(&house, SILENT).await;
    seat(&house, STEERING).await;
    let mut looker = Looker::open(&house, &sink, everybody(), &[]).await;
    let mut story = Story::new(&house.door, None, false);
    let mut released = false;
    for stage in STAGES.iter().take_while(|stage| **stage != "acknowledged").chain(&["returned"]) {
        if *stage == "returned" {
            // Not everybody here can acknowledge, as the story has it.
            for stage in ["updated", "returned"] {
                story.play(stage).await.unwrap();
            }
        } else {
            story.play(stage).await.unwrap();
        }
        released |= *stage == "released";
        // After the release acknowledgements ring, too.
        let seen = things(&story.made);
        let Looked { sights, told } = looker.look(stage, &seen, released).await;
        if let Some(consultation) = seen.iter().find(|seen| seen.kind == "consultation") {
            by_file(&looker, stage, &consultation.id, &sights).await;
            let body = serde_json::json!({"text": "いつもと何か違う"});
            looker.acts_agree(stage, consultation, &sights, "posts", &body).await;
        }
        if *stage == "released" {
            for (who, sights) in &sights {
                let reads = released_to(sights, "measure") && house.accounts[*who].is_member();
                looker.same(&(told["measure"].contains(who) || !reads), &true, || {
                    format!("{who} gets no mail of the release")
                });
            }
        }
    }
    golden("who-reads-what", &looker.close());
}

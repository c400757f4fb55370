//! A house in which somebody sits on the steering committee and some read nothing, and whose mail can be read.

use noroshi::{args, demo::sink::Sink};

use crate::house::{self, House};

/// A house whose mail comes to a relay of one's own.
pub async fn house_with_mail() -> (House, Sink) {
    let sink = Sink::start().await.unwrap();
    let house = house::open_with(|config| config.smtp = Some(house::relay(sink.addr.port()))).await;
    (house, sink)
}

/// Lets these read nothing: one has not pledged, one is a former person, one is locked out, one is of a suspended organisation.
pub async fn set_apart(house: &House, [unpledged, former, locked, suspended]: [&str; 4]) {
    house.door.step_up("secretariat").await.unwrap();
    let reason = serde_json::json!({"change": "suspend", "reason": "運営委員会の決定"});
    let path = format!("/api/v1/members/{}/standing", house.accounts[suspended].org);
    house.door.call("PUT", "secretariat", &path, Some(&reason)).await.unwrap();
    // It does not end by itself.
    let reason = serde_json::json!({"change": "confirm", "reason": "運営委員会の決定"});
    house.door.call("PUT", "secretariat", &path, Some(&reason)).await.unwrap();
    let changes = [
        ("update person set pledge_version = null, pledged_at = null where id = ?1", unpledged),
        ("update person set state = 'former' where id = ?1", former),
        ("update person set state = 'locked' where id = ?1", locked),
    ];
    change(house, changes).await;
}

/// Lets somebody sit on the steering committee.
pub async fn seat(house: &House, steering: &str) {
    let sql = "update person set roles = '[\"handler\",\"steering\"]' where id = ?1";
    change(house, [(sql, steering)]).await;
}

async fn change<const N: usize>(house: &House, changes: [(&'static str, &str); N]) {
    let changes = changes.map(|(sql, who)| (sql, format!("p-{who}")));
    let write = house.app.store().write(move |tx| {
        for (sql, person) in &changes {
            assert_eq!(tx.exec(sql, args![person])?, 1, "{person}");
        }
        Ok(())
    });
    write.await.unwrap();
}

//! What rings and what is written: bells that somebody heard, and an outbox that is empty.

use std::sync::{Arc, Mutex};

use crate::house::House;

/// The moments of the bells that somebody heard.
#[derive(Clone, Default)]
pub struct Ear(Arc<Mutex<Vec<i64>>>);

impl Ear {
    pub async fn open(house: &House, who: &str) -> Ear {
        let ear = Ear::default();
        let Ok(mut stream) = house.door.listen(who).await else { return ear };
        let heard = ear.0.clone();
        tokio::spawn(async move {
            let mut text = String::new();
            while let Ok(Some(chunk)) = stream.chunk().await {
                text.push_str(&String::from_utf8_lossy(&chunk));
                while let Some(end) = text.find("\n\n") {
                    let frame: String = text.drain(..end + 2).collect();
                    if let Some(at) = frame.strip_prefix("id: ").and_then(|rest| rest.split('\n').next()) {
                        heard.lock().unwrap().push(at.parse().unwrap());
                    }
                }
            }
        });
        ear
    }

    pub fn heard(&self, from: i64, to: i64) -> usize {
        self.0.lock().unwrap().iter().filter(|at| (from..to).contains(*at)).count()
    }
}

/// Waits until the outbox is empty: whoever is to be written to has been.
pub async fn written(house: &House) {
    for _ in 0..400 {
        let left = house
            .app
            .store()
            .read(|conn| Ok(conn.one("select 1 from outbox where done_at is null limit 1", &[])?.is_some()));
        if !left.await.unwrap() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the outbox is never empty");
}

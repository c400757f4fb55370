//! Listening to the live events of everybody at once.

use std::sync::{Arc, Mutex, PoisonError};

use noroshi_council::Micros;
use tokio::task::JoinSet;

use super::{
    super::door::{Door, DoorError},
    evidence::Heard,
};

/// Everybody's ears. They are closed when this goes.
pub struct Ears {
    heard: Arc<Mutex<Vec<Heard>>>,
    _tasks: JoinSet<()>,
}

impl Ears {
    /// Opens the ears of these.
    ///
    /// # Errors
    /// Fails where the server refuses a listener.
    pub async fn open(door: &Door, who: &[String]) -> Result<Ears, DoorError> {
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let mut tasks = JoinSet::new();
        for who in who {
            let mut stream = door.listen(who).await?;
            let (heard, who) = (heard.clone(), who.clone());
            tasks.spawn(async move {
                let mut text = String::new();
                while let Ok(Some(chunk)) = stream.chunk().await {
                    text.push_str(&String::from_utf8_lossy(&chunk));
                    while let Some(end) = text.find("\n\n") {
                        let frame: String = text.drain(..end + 2).collect();
                        let frame = frame.trim_end();
                        // A pulse, and the advice how soon to come back.
                        if !frame.starts_with(':') && !frame.starts_with("retry:") {
                            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                            heard.push(Heard { who: who.clone(), frame: frame.to_owned() });
                        }
                    }
                }
            });
        }
        Ok(Ears { heard, _tasks: tasks })
    }

    /// What was heard so far.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Heard {
    /// The moment that a bell names; nothing where the event is anything else than a bell without content.
    #[must_use]
    pub fn bell(&self) -> Option<Micros> {
        let at = self.frame.strip_prefix("id: ")?.strip_suffix("\nevent: bell\ndata: {}")?;
        at.parse().ok()
    }
}

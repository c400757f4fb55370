//! 受信確認・対応状況: what became of one notice at one organisation (R39, R62, state machine E10).

use serde::{Deserialize, Serialize};

use crate::{Micros, layer::words};

words! {
    /// What a member reports. Acknowledged is not done: both are kept.
    Status {
        /// 受領: read, nothing said about action yet.
        Received = "received",
        /// 対応中.
        Doing = "doing",
        /// 対応が終わりました.
        Done = "done",
        /// 対象の機器はありません.
        NotAffected = "na",
        /// 実施予定.
        Planned = "planned",
        /// 未実施: read, and not going to be done as things stand.
        NotDone = "not_done",
        /// 手助けがほしい.
        Help = "help",
    }
}

/// What is known about one organisation and one notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receipt {
    /// A message was handed over to some channel.
    pub sent_at: Option<Micros>,
    /// Somebody opened it.
    pub opened_at: Option<Micros>,
    /// Somebody acknowledged it,
    pub acked_at: Option<Micros>,
    /// in which revision.
    pub acked_rev: u32,
    /// What was reported.
    pub status: Option<Status>,
}

words! {
    /// Where an organisation stands on the board.
    Stage {
        /// 未送信: nothing has left yet.
        Queued = "queued",
        /// 未確認: sent, and nobody has acknowledged.
        Sent = "sent",
        /// 開封: opened but not acknowledged.
        Opened = "opened",
        /// 要再確認: acknowledged, but a correction since then was not.
        AcknowledgeAgain = "acknowledge_again",
        /// 受領.
        Acknowledged = "acknowledged",
        /// 実施予定.
        Planned = "planned",
        /// 未実施.
        NotDone = "not_done",
        /// 対応中.
        Doing = "doing",
        /// 対応済.
        Done = "done",
        /// 対象外.
        NotAffected = "na",
        /// 手助けがほしい.
        Help = "help",
    }
}

impl Receipt {
    /// Where the organisation stands, given the last revision that has to be acknowledged. Silence is never «not
    /// affected».
    #[must_use]
    pub fn stage(&self, rev_to_acknowledge: u32) -> Stage {
        if self.acked_at.is_none() {
            return match (self.opened_at, self.sent_at) {
                (Some(_), _) => Stage::Opened,
                (None, Some(_)) => Stage::Sent,
                (None, None) => Stage::Queued,
            };
        }
        if self.status == Some(Status::Help) {
            return Stage::Help;
        }
        if self.acked_rev < rev_to_acknowledge {
            return Stage::AcknowledgeAgain;
        }
        match self.status {
            Some(Status::Planned) => Stage::Planned,
            Some(Status::NotDone) => Stage::NotDone,
            Some(Status::Doing) => Stage::Doing,
            Some(Status::Done) => Stage::Done,
            Some(Status::NotAffected) => Stage::NotAffected,
            Some(Status::Help) => Stage::Help,
            Some(Status::Received) | None => Stage::Acknowledged,
        }
    }

    /// Whether the coordinator still has to reach it.
    #[must_use]
    pub fn is_unreached(&self, rev_to_acknowledge: u32) -> bool {
        self.stage(rev_to_acknowledge).is_unreached()
    }
}

impl Stage {
    /// Whether an organisation that stands here still has to acknowledge.
    #[must_use]
    pub fn is_unreached(self) -> bool {
        matches!(self, Stage::Queued | Stage::Sent | Stage::Opened | Stage::AcknowledgeAgain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_asks_again_but_a_call_for_help_stays_on_top() {
        let acked =
            Receipt { acked_at: Some(1), acked_rev: 1, status: Some(Status::Done), ..Receipt::default() };
        assert_eq!(acked.stage(1), Stage::Done);
        assert_eq!(acked.stage(2), Stage::AcknowledgeAgain);
        assert!(acked.is_unreached(2) && !acked.is_unreached(1));
        let stands = |status| Receipt { status: Some(status), ..acked }.stage(1);
        // Who intends to is not at it yet, and who does not is not silent.
        assert_eq!([Status::Planned, Status::NotDone].map(stands), [Stage::Planned, Stage::NotDone]);
        let help = Receipt { status: Some(Status::Help), ..acked };
        assert_eq!(help.stage(2), Stage::Help);
    }

    #[test]
    fn opened_is_not_acknowledged() {
        let opened = Receipt { sent_at: Some(1), opened_at: Some(2), ..Receipt::default() };
        assert_eq!(opened.stage(1), Stage::Opened);
        assert!(opened.is_unreached(1));
    }
}

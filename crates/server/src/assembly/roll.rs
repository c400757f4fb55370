//! 票の一覧: votes as a chain that anybody can count again, with nothing but the file.
//!
//! Each vote is hashed with a salt of its own, each hash goes into the link of the one before, and each link is signed by the
//! council's key for the member that voted. The first link takes in the text of the motion as it was noticed; the last one
//! stands in the record of the close. So whoever keeps the receipt of its vote can show that it was left out or changed.
//! What this does not prevent: whoever runs the machines can read votes before the close, and could sign for a member.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use noroshi_council::{
    Micros, Text,
    assembly::{BallotTerms, Choice, Outcome, Tally},
};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::store::audience::hex;

/// How a file of this kind names itself.
pub const FORMAT: &str = "noroshi-roll/1";
/// How a receipt names itself.
pub const RECEIPT: &str = "noroshi-vote/1";

/// Hashes parts so that no two lists of parts read the same.
fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize())
}

/// The link that a chain begins with: of the motion's id and its text as it was noticed, as compact JSON.
#[must_use]
pub fn first_link(motion: &str, text: &Value) -> String {
    hash(&[FORMAT, motion, &text.to_string()])
}

/// One vote, as it is hashed.
#[derive(Debug, Clone, Copy)]
pub struct Vote<'a> {
    /// The motion.
    pub motion: &'a str,
    /// Whose vote.
    pub org: &'a str,
    /// What it says.
    pub choice: &'a str,
    /// What is said beside it.
    pub opinion: &'a str,
    /// When, unix microseconds.
    pub at: Micros,
    /// What keeps the hash from being guessed.
    pub salt: &'a str,
}

impl Vote<'_> {
    /// What stands for the vote while it is sealed.
    #[must_use]
    pub fn commitment(&self) -> String {
        hash(&[RECEIPT, self.motion, self.org, self.choice, self.opinion, &self.at.to_string(), self.salt])
    }
}

/// The link after `before`.
#[must_use]
pub fn link(before: &str, commitment: &str) -> String {
    hash(&[before, commitment])
}

fn signed(motion: &str, org: &str, link: &str) -> String {
    format!("{RECEIPT}\n{motion}\n{org}\n{link}")
}

/// The council's key for votes.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// A new key, as it is kept.
    ///
    /// # Errors
    /// Fails where the operating system gives no randomness.
    pub fn fresh() -> Result<String, ring::error::Unspecified> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new())?;
        Ok(BASE64.encode(pkcs8.as_ref()))
    }

    /// The key as it was kept.
    #[must_use]
    pub fn of(kept: &str) -> Option<Signer> {
        Ed25519KeyPair::from_pkcs8(&BASE64.decode(kept).ok()?).ok().map(Signer)
    }

    /// What others check with, base64.
    #[must_use]
    pub fn public(&self) -> String {
        BASE64.encode(self.0.public_key().as_ref())
    }

    /// Signs a link for a member, base64.
    #[must_use]
    pub fn sign(&self, motion: &str, org: &str, link: &str) -> String {
        BASE64.encode(self.0.sign(signed(motion, org, link).as_bytes()).as_ref())
    }
}

fn holds(key: &str, signature: &str, motion: &str, org: &str, link: &str) -> bool {
    let (Ok(key), Ok(signature)) = (BASE64.decode(key), BASE64.decode(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(signed(motion, org, link).as_bytes(), &signature).is_ok()
}

/// What a member keeps of its vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// `noroshi-vote/1`.
    pub format: String,
    /// The motion.
    pub motion: String,
    /// Whose vote.
    pub org: String,
    /// What it says.
    #[schema(value_type = String)]
    pub choice: Choice,
    /// What was said beside it.
    pub opinion: String,
    /// When, unix microseconds.
    pub at: Micros,
    /// What keeps the hash from being guessed.
    pub salt: String,
    /// The link of the chain that takes it in.
    pub link: String,
    /// The link before.
    pub before: String,
    /// The council's signature of the link, base64.
    pub signature: String,
    /// The council's key, base64.
    pub key: String,
}

/// One vote in a roll. What a member changed later stays sealed, and so does the vote of one that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// When, unix microseconds.
    pub at: Micros,
    /// Whose.
    pub org: String,
    /// What the member is called.
    #[schema(value_type = Object)]
    pub name: Text,
    /// What stands for the vote.
    pub commitment: String,
    /// The link that takes it in.
    pub link: String,
    /// The council's signature of the link, base64.
    pub signature: String,
    /// What it says; absent where the member changed it later, or had left by the close.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// What is said beside it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub opinion: String,
    /// What kept the hash from being guessed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub salt: String,
    /// Whether the member had left by the close, so that the vote does not count.
    #[serde(default)]
    pub void: bool,
}

/// Every vote on a motion, as it is published after the close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Roll {
    /// `noroshi-roll/1`.
    pub format: String,
    /// The motion.
    pub motion: String,
    /// Its text as it was noticed, with who may vote and how the ballot goes.
    #[schema(value_type = Object)]
    pub text: Value,
    /// The council's key, base64.
    pub key: String,
    /// Every vote, in the order in which they came.
    pub votes: Vec<Entry>,
    /// The last link, as the record of the close has it.
    pub link: String,
    /// What the council counted.
    #[schema(value_type = Object)]
    pub tally: Tally,
    /// What follows from it.
    #[schema(value_type = String)]
    pub result: Outcome,
}

/// What is wrong with a roll or a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The file is none of this kind.
    Format,
    /// The text of the motion lacks who may vote or how the ballot goes.
    Text,
    /// This vote does not follow the one before; from 0.
    Chain(usize),
    /// The signature of this vote does not hold.
    Signature(usize),
    /// What this vote says is not what was sealed.
    Opened(usize),
    /// This vote is of nobody who may vote.
    Outsider(usize),
    /// The last vote of this member is not told, or one before it is.
    Last(String),
    /// The chain does not end where the close says.
    End,
    /// The count is another one than the council's.
    Count(Box<Tally>),
    /// The result does not follow from the count.
    Result(Outcome),
    /// The vote of the receipt is not in the roll.
    Missing,
    /// The receipt is of another motion or key.
    Stranger,
    /// The receipt does not hold by itself.
    Receipt,
}

/// What was found in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What was counted.
    pub tally: Tally,
    /// What follows.
    pub result: Outcome,
    /// How many votes there are in the chain, those that were changed later too.
    pub votes: usize,
}

/// Counts a roll again and checks all of it.
///
/// # Errors
/// Says what is wrong first.
pub fn verify(roll: &Roll) -> Result<Found, Wrong> {
    if roll.format != FORMAT {
        return Err(Wrong::Format);
    }
    let notice = &roll.text["notice"];
    let electorate: BTreeSet<String> =
        serde_json::from_value(notice["electorate"].clone()).map_err(|_| Wrong::Text)?;
    let terms: BallotTerms = serde_json::from_value(notice["terms"].clone()).map_err(|_| Wrong::Text)?;
    let mut before = first_link(&roll.motion, &roll.text);
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (no, vote) in roll.votes.iter().enumerate() {
        if link(&before, &vote.commitment) != vote.link || (no > 0 && roll.votes[no - 1].at >= vote.at) {
            return Err(Wrong::Chain(no));
        }
        if !holds(&roll.key, &vote.signature, &roll.motion, &vote.org, &vote.link) {
            return Err(Wrong::Signature(no));
        }
        if !electorate.contains(&vote.org) {
            return Err(Wrong::Outsider(no));
        }
        before.clone_from(&vote.link);
        last.insert(&vote.org, no);
    }
    if before != roll.link {
        return Err(Wrong::End);
    }
    let electors = u32::try_from(electorate.len()).unwrap_or(u32::MAX);
    let mut tally = Tally { electorate: electors, ..Tally::default() };
    for (no, vote) in roll.votes.iter().enumerate() {
        let is_last = last.get(vote.org.as_str()) == Some(&no);
        if vote.void && is_last {
            tally.void += 1;
        }
        if (is_last && !vote.void) != vote.choice.is_some() || (vote.void && !is_last) {
            return Err(Wrong::Last(vote.org.clone()));
        }
        let Some(choice) = vote.choice else { continue };
        let sealed = Vote {
            motion: &roll.motion,
            org: &vote.org,
            choice: choice.as_str(),
            opinion: &vote.opinion,
            at: vote.at,
            salt: &vote.salt,
        };
        if sealed.commitment() != vote.commitment {
            return Err(Wrong::Opened(no));
        }
        tally.cast += 1;
        *match choice {
            Choice::Yes => &mut tally.yes,
            Choice::No => &mut tally.no,
            Choice::Abstain => &mut tally.abstain,
        } += 1;
    }
    if tally != roll.tally {
        return Err(Wrong::Count(Box::new(tally)));
    }
    let result = tally.result(&terms);
    if result != roll.result {
        return Err(Wrong::Result(result));
    }
    Ok(Found { tally, result, votes: roll.votes.len() })
}

/// Checks that the vote of a receipt is in a roll. Says whether it is the one that counts, or was changed later.
///
/// # Errors
/// Says what is wrong first.
pub fn find(roll: &Roll, receipt: &Receipt) -> Result<bool, Wrong> {
    if receipt.format != RECEIPT {
        return Err(Wrong::Format);
    }
    if receipt.motion != roll.motion || receipt.key != roll.key {
        return Err(Wrong::Stranger);
    }
    let vote = Vote {
        motion: &receipt.motion,
        org: &receipt.org,
        choice: receipt.choice.as_str(),
        opinion: &receipt.opinion,
        at: receipt.at,
        salt: &receipt.salt,
    };
    let commitment = vote.commitment();
    let own = link(&receipt.before, &commitment) == receipt.link
        && holds(&receipt.key, &receipt.signature, &receipt.motion, &receipt.org, &receipt.link);
    if !own {
        return Err(Wrong::Receipt);
    }
    let same = |entry: &&Entry| {
        entry.org == receipt.org && entry.commitment == commitment && entry.link == receipt.link
    };
    roll.votes.iter().find(same).map(|entry| entry.choice.is_some()).ok_or(Wrong::Missing)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    const MOTION: &str = "G-TEST";

    fn signer() -> Signer {
        Signer::of(&Signer::fresh().unwrap()).unwrap()
    }

    /// A closed ballot of four members, one of whom changed its vote and one of whom left.
    fn closed(signer: &Signer) -> (Roll, Vec<Receipt>) {
        let terms = BallotTerms {
            notice: 0,
            open: 0,
            quorum: 50,
            majority: 50,
            abstentions: true,
            sealed: true,
            early: false,
        };
        let text = json!({"title": "t", "notice": {"electorate": ["a", "b", "c", "d", "e"], "terms": terms}});
        let mut before = first_link(MOTION, &text);
        let (mut votes, mut receipts) = (Vec::new(), Vec::new());
        let cast = [
            ("a", Choice::Yes),
            ("b", Choice::No),
            ("c", Choice::Yes),
            ("b", Choice::Yes),
            ("d", Choice::No),
        ];
        for (at, (org, choice)) in (1..).zip(cast) {
            let salt = format!("salt {at}");
            let vote = Vote { motion: MOTION, org, choice: choice.as_str(), opinion: "", at, salt: &salt };
            let commitment = vote.commitment();
            let after = link(&before, &commitment);
            let signature = signer.sign(MOTION, org, &after);
            receipts.push(Receipt {
                format: RECEIPT.into(),
                motion: MOTION.into(),
                org: org.into(),
                choice,
                opinion: String::new(),
                at,
                salt: salt.clone(),
                link: after.clone(),
                before: before.clone(),
                signature: signature.clone(),
                key: signer.public(),
            });
            let changed = (org, at) == ("b", 2) || org == "d";
            votes.push(Entry {
                at,
                org: org.into(),
                name: Text::same(org),
                commitment,
                link: after.clone(),
                signature,
                choice: (!changed).then_some(choice),
                opinion: String::new(),
                salt: if changed { String::new() } else { salt },
                void: org == "d",
            });
            before = after;
        }
        let tally = Tally { electorate: 5, cast: 3, yes: 3, no: 0, abstain: 0, void: 1 };
        let (format, motion, key) = (FORMAT.to_owned(), MOTION.to_owned(), signer.public());
        let result = Outcome::Carried;
        (Roll { format, motion, text, key, votes, link: before, tally, result }, receipts)
    }

    #[test]
    fn a_true_roll_is_counted_again_and_every_receipt_is_found_in_it() {
        let (roll, receipts) = closed(&signer());
        let found = verify(&roll).unwrap();
        assert_eq!((found.tally, found.result, found.votes), (roll.tally, Outcome::Carried, 5));
        let counted: Vec<bool> = receipts.iter().map(|receipt| find(&roll, receipt).unwrap()).collect();
        assert_eq!(counted, [true, false, true, true, false]);
        let again: Roll = serde_json::from_str(&serde_json::to_string(&roll).unwrap()).unwrap();
        assert_eq!(verify(&again), Ok(found));
    }

    #[test]
    fn whatever_is_changed_in_a_roll_is_found() {
        type Change = fn(&mut Roll);
        type Expected = fn(&Wrong) -> bool;
        let changes: &[(&str, Change, Expected)] = &[
            ("a choice", |r| r.votes[0].choice = Some(Choice::No), |w| matches!(w, Wrong::Opened(0))),
            ("an opinion", |r| r.votes[0].opinion = "x".into(), |w| matches!(w, Wrong::Opened(0))),
            ("a vote is left out", |r| drop(r.votes.remove(2)), |w| matches!(w, Wrong::Chain(2))),
            ("the last vote is left out", |r| drop(r.votes.pop()), |w| matches!(w, Wrong::End)),
            ("votes change places", |r| r.votes.swap(0, 1), |w| matches!(w, Wrong::Chain(0))),
            ("a vote is another's", |r| r.votes[2].org = "e".into(), |w| matches!(w, Wrong::Signature(2))),
            ("the count", |r| r.tally.yes = 2, |w| matches!(w, Wrong::Count(_))),
            ("the result", |r| r.result = Outcome::Lost, |w| matches!(w, Wrong::Result(Outcome::Carried))),
            ("the text", |r| r.text["title"] = json!("other"), |w| matches!(w, Wrong::Chain(0))),
            (
                "the electorate",
                |r| r.text["notice"]["electorate"] = json!([]),
                |w| matches!(w, Wrong::Chain(0)),
            ),
            ("a sealed vote", |r| r.votes[1].choice = Some(Choice::No), |w| matches!(w, Wrong::Last(_))),
            ("an open vote", |r| r.votes[3].choice = None, |w| matches!(w, Wrong::Last(_))),
            ("a void vote", |r| r.votes[4].void = false, |w| matches!(w, Wrong::Last(_))),
            (
                "a vote is made void",
                |r| (r.votes[2].void, r.votes[2].choice) = (true, None),
                |w| matches!(w, Wrong::Count(_)),
            ),
            ("the key", |r| r.key = signer().public(), |w| matches!(w, Wrong::Signature(0))),
            ("the format", |r| r.format = "x".into(), |w| matches!(w, Wrong::Format)),
        ];
        for (name, change, expected) in changes {
            let (mut roll, _) = closed(&signer());
            change(&mut roll);
            let wrong = verify(&roll).unwrap_err();
            assert!(expected(&wrong), "{name}: {wrong:?}");
        }
    }

    #[test]
    fn a_vote_that_was_left_out_is_shown_by_its_receipt() {
        let own = signer();
        let (mut roll, receipts) = closed(&own);
        roll.votes.pop();
        assert_eq!(find(&roll, &receipts[4]), Err(Wrong::Missing));
        let (roll, receipts) = closed(&own);
        let mut forged = receipts[0].clone();
        forged.choice = Choice::No;
        assert_eq!(find(&roll, &forged), Err(Wrong::Receipt));
        let mut stranger = receipts[0].clone();
        stranger.motion = "G-OTHER".into();
        assert_eq!(find(&roll, &stranger), Err(Wrong::Stranger));
    }
}

//! What a drill has seen, heard and got: all that its checks decide on.

use std::{collections::BTreeMap, time::Duration};

use noroshi_council::Micros;

use super::super::{cast, door::Accounts, sink::Mail, story::Made};

/// An id of a thing that there is none of. Its letter is a consultation's.
pub const NEVER: &str = "R-222222222222";

/// When somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Nothing has happened yet.
    Before,
    /// Class 2 has been asked and has answered; nothing has been released to all.
    Early,
    /// The story is over.
    After,
}

/// Through which door something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// The interface for programs.
    Api,
    /// A page.
    Page,
    /// TAXII.
    Taxii,
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 3] = [Channel::Api, Channel::Page, Channel::Taxii];
}

/// One answer that somebody got.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Short name of who asked.
    pub who: String,
    /// When.
    pub when: Moment,
    /// Through which door.
    pub channel: Channel,
    /// The address asked for.
    pub place: String,
    /// The status.
    pub status: u16,
    /// The body.
    pub text: String,
}

/// One live event that somebody heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Short name of who listens.
    pub who: String,
    /// The event as it came.
    pub frame: String,
}

/// Everything that would tell who an organisation is.
#[derive(Debug, Clone)]
pub struct Marks(pub Vec<String>);

impl Marks {
    /// Those of one of the cast: names, ids, domain, people, their addresses and telephones.
    #[must_use]
    pub fn of(short: &str) -> Marks {
        let parts = cast::parts();
        let of = parts.iter().filter(|part| part.short == short);
        Marks(
            of.flat_map(|part| {
                let domain = part.email.split('@').next_back().unwrap_or_default();
                let surname = part.person.split(' ').nth(1).unwrap_or(&part.person);
                [
                    part.org.name.ja.clone(),
                    part.org.name.en.clone(),
                    part.org.id.0.clone(),
                    format!("p-{short}"),
                    domain.to_owned(),
                    surname.to_owned(),
                    part.phone.clone(),
                ]
            })
            .collect(),
        )
    }

    /// How often a text has one of them.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        self.0.iter().map(|mark| text.matches(mark.as_str()).count()).sum()
    }
}

/// What the coordinator's board says at the end.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Organisations by stage.
    pub stages: BTreeMap<String, u64>,
    /// Those that are listed as not having acknowledged.
    pub unreached: Vec<String>,
    /// Those that did not, as the story knows.
    pub silent: Vec<String>,
}

/// How soon notices were handed over after the release.
#[derive(Debug, Clone, Copy)]
pub struct HandedOver {
    /// The first.
    pub first: Duration,
    /// The last.
    pub last: Duration,
    /// How many.
    pub count: usize,
    /// How many people there are to write to.
    pub people: usize,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The ids of what the story made.
    pub made: Made,
    /// The cast.
    pub accounts: Accounts,
    /// What was read.
    pub seen: Vec<Seen>,
    /// What was heard.
    pub heard: Vec<Heard>,
    /// The mails, where the drill has a relay of its own.
    pub mails: Option<Vec<Mail>>,
    /// The server's log, where the drill has the server of its own.
    pub log: Option<String>,
    /// How soon the notices were handed over: mails where they were seen, else as the ledger says.
    pub handed_over: Option<HandedOver>,
    /// The board at the end.
    pub board: Board,
    /// The moment at which the release appeared to each general member, as that member is told.
    pub appeared: BTreeMap<String, Micros>,
    /// What the consultation, the totals and the like say to the coordinator: the answers asked for and given, and how
    /// many of them were わからない.
    pub answers: Answers,
    /// Mail may leave this machine.
    pub sends: bool,
}

/// How class 2 answered, as the coordinator counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers {
    /// How many were asked.
    pub asked: u64,
    /// How many answered.
    pub answered: u64,
    /// How many of them said that they do not know.
    pub unknown: u64,
}

impl Evidence {
    /// The class of one of the cast.
    #[must_use]
    pub fn class(&self, who: &str) -> &str {
        self.accounts.get(who).map_or("", |account| account.class.as_str())
    }

    /// How many members there are.
    #[must_use]
    pub fn members(&self) -> usize {
        ["general", "class2", "class1"].iter().map(|class| self.of_class(class).count()).sum()
    }

    /// Short names of one class.
    pub fn of_class<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a str> {
        self.accounts.iter().filter(move |(_, a)| a.class == class).map(|(short, _)| short.as_str())
    }

    /// What one person saw at a moment.
    pub fn by<'a>(&'a self, who: &'a str, when: Moment) -> impl Iterator<Item = &'a Seen> {
        self.seen.iter().filter(move |seen| seen.who == who && seen.when == when)
    }

    /// The mails to one person, if they can be seen at all.
    pub fn mails_to<'a>(&'a self, who: &str) -> impl Iterator<Item = &'a Mail> {
        let address = self.accounts.get(who).map(|a| a.email.clone()).unwrap_or_default();
        self.mails.iter().flatten().filter(move |mail| mail.to == address)
    }
}

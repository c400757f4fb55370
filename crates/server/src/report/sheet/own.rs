//! A member's own report in words.

use noroshi_council::{
    Class,
    contribution::Tally,
    report::{Became, Soon},
};

use super::{Bar, Chart, Row, Section, Sheet, Writer, count, percent};
use crate::report::Own;

impl Writer<'_> {
    fn duty(&self, tally: &Tally) -> Row {
        let counts = tally.counts;
        let all = counts.asked;
        let label = self.period(tally.period);
        let note = self.class(tally.class.as_str());
        let value = match all {
            0 => self.say("year-own-not-asked"),
            _ => self.say_with(
                "duties-earlier-share",
                &[("asked", all.into()), ("on_time", counts.on_time.into())],
            ),
        };
        let (on_time, late) = (percent(counts.on_time, all), percent(counts.late, all));
        let missed = percent(counts.missed, all);
        let bars = vec![
            Bar { look: "is", from: 0.0, width: on_time },
            Bar { look: "may", from: on_time, width: late },
            Bar { look: "none", from: on_time + late, width: missed },
        ];
        Row { label, note, value, few: false, bars }
    }

    /// A member's own report; `org` is what it is called.
    #[must_use]
    pub fn own(&self, own: &Own, org: &str) -> Sheet {
        let sum = |of: fn(&Tally) -> u32| own.duties.iter().map(of).sum::<u32>();
        let facts = vec![
            self.fact("year-fact-items", self.n(count(own.items.len()))),
            self.fact("year-fact-consultations", self.n(own.consultations)),
            self.fact("duties-given-answers", self.n(sum(|tally| tally.given.answers))),
            self.fact("duties-given-opinions", self.n(sum(|tally| tally.given.opinions))),
            self.fact("duties-given-measures", self.n(sum(|tally| tally.given.measures))),
        ];
        let became = |of: Became| own.items.iter().filter(|item| item.became == of).count();
        let counts: Vec<(String, u32)> = Became::ALL
            .iter()
            .map(|of| (self.say(&format!("year-became-{}", of.as_str())), count(became(*of))))
            .filter(|(_, n)| *n > 0)
            .collect();
        let each = own.items.iter().map(|item| Row {
            label: item.title.clone(),
            note: self.day(item.at),
            value: self.say(&format!("year-became-{}", item.became.as_str())),
            few: false,
            bars: Vec::new(),
        });
        let list = Chart { rows: each.collect(), drawn: false, ..self.counts("year-own-each", &[]) };
        let items = Section {
            id: "items",
            title: self.say("year-own-items"),
            text: if own.items.is_empty() { self.say("year-own-items-none") } else { String::new() },
            charts: if own.items.is_empty() {
                Vec::new()
            } else {
                vec![self.counts("year-items-of", &counts), list]
            },
        };
        let owed: Vec<Row> = own
            .duties
            .iter()
            .filter(|tally| tally.class > Class::General)
            .map(|tally| self.duty(tally))
            .collect();
        let keys = [("is", "duty-on-time"), ("may", "duty-late"), ("none", "duty-missed")];
        let drawn = own.duties.iter().any(|tally| tally.counts.asked > 0);
        let duties = Chart {
            drawn,
            rows: owed,
            key: if drawn { keys.map(|(look, key)| (look, self.say(key))).into() } else { Vec::new() },
            ..self.counts("year-own-duties-of", &[])
        };
        let general = duties.rows.is_empty();
        let duties = Section {
            id: "duties",
            title: self.say("duties-title"),
            text: if general { self.say("duties-general") } else { String::new() },
            charts: if general { Vec::new() } else { vec![duties] },
        };
        let soon = own.acknowledgements;
        let all = soon.hour + soon.day + soon.later + soon.not;
        let counts: Vec<(String, u32)> = Soon::ALL
            .iter()
            .zip([soon.hour, soon.day, soon.later, soon.not])
            .map(|(of, n)| (self.say(&format!("year-soon-{}", of.as_str())), n))
            .collect();
        let acknowledgements = Section {
            id: "acknowledgements",
            title: self.say("year-acknowledgements"),
            text: if all == 0 { self.say("year-own-acknowledged-none") } else { String::new() },
            charts: if all == 0 {
                Vec::new()
            } else {
                vec![self.counts("year-own-acknowledged-of", &counts)]
            },
        };
        let mut lead = vec![self.say("year-own-lead")];
        if !own.over {
            lead.push(self.say("year-own-going-on"));
        }
        if own.consultations > 0 {
            lead.push(self.say_with(
                "year-own-consultations",
                &[("n", own.consultations.into()), ("answered", own.answered.into())],
            ));
        }
        Sheet {
            title: self.say_with("year-own-title", &[("year", own.year.to_string().into())]),
            about: format!("{org}{}{}", self.say("year-comma"), self.period(own.period)),
            lead,
            facts,
            sections: vec![items, duties, acknowledgements],
            notes: vec![self.say("year-own-note")],
        }
    }
}

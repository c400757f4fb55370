//! A report as people read it, in one language: what the page shows and the PDF draws, so that both tell the same.
//!
//! Charts are bars beside a table's figures. They are drawn as rectangles by the template and by the PDF: for a dozen of bars a
//! library of charts brings more than it takes away, and none that draws SVG tags its text for whoever cannot see it.

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::tz::TimeZone;
use noroshi_charter::Names;
use noroshi_council::{
    Class, Micros,
    contribution::{Period, Tally},
    report::{Band, Became, Breakdown, Over, Report, Soon, Times, Took},
    terms::{DAY, HOUR, MINUTE},
};
use serde::Serialize;

use super::Own;
use crate::{
    lang::Lang,
    portal::when::{self, Style},
    words::{self, Words},
};

/// A whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sheet {
    /// What it is called.
    pub title: String,
    /// Of which time it is, and whose.
    pub about: String,
    /// What to know before reading it.
    pub lead: Vec<String>,
    /// Its few large figures.
    pub facts: Vec<Fact>,
    /// Everything else.
    pub sections: Vec<Section>,
    /// How it is counted.
    pub notes: Vec<String>,
}

/// One large figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// What it counts.
    pub label: String,
    /// How many.
    pub value: String,
}

/// One part of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Its name in addresses.
    pub id: &'static str,
    /// What it is called.
    pub title: String,
    /// What it says in words; may be empty.
    pub text: String,
    /// Its charts.
    pub charts: Vec<Chart>,
}

/// A table with a bar in each line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// What it is about.
    pub title: String,
    /// How many there are in all; empty where that is not said.
    pub total: String,
    /// Its lines.
    pub rows: Vec<Row>,
    /// What the colours of its bars mean.
    pub key: Vec<(&'static str, String)>,
    /// Marks below the bars: where, in percent, and what.
    pub axis: Vec<(f32, String)>,
    /// Whether there are bars at all.
    pub drawn: bool,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What it is about.
    pub label: String,
    /// What is said below that; may be empty.
    pub note: String,
    /// Its figure.
    pub value: String,
    /// Whether the figure is withheld.
    pub few: bool,
    /// Its bar.
    pub bars: Vec<Bar>,
}

/// A part of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bar {
    /// How it is drawn: `is`, `may`, `good`, `bad`, `none`.
    pub look: &'static str,
    /// Where it begins, percent.
    pub from: f32,
    /// How wide it is, percent.
    pub width: f32,
}

/// What words and moments a report is written with.
pub struct Writer<'a> {
    /// In which language.
    pub lang: Lang,
    /// The council's zone.
    pub zone: &'a TimeZone,
    /// The council's words.
    pub words: &'a Words,
    /// The names that the charter gives.
    pub names: &'a Names,
}

/// The times that a chart of times reaches from and to.
const SHORTEST: Micros = 5 * MINUTE;
const LONGEST: Micros = 180 * DAY;

fn percent(n: u32, of: u32) -> f32 {
    if of == 0 {
        return 0.0;
    }
    let share = f64::from(n) * 100.0 / f64::from(of);
    // Tenths are as fine as anybody sees.
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 100")]
    let share = ((share * 10.0).round() / 10.0) as f32;
    share.min(100.0)
}

/// Where a time stands on a scale that is as long for each doubling.
fn place(took: Micros) -> f32 {
    let log = |n: Micros| u32::try_from(n.clamp(SHORTEST, LONGEST) / SHORTEST).map_or(0.0, f64::from).ln();
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 100")]
    let share = (log(took) * 1000.0 / log(LONGEST)).round() as f32;
    // The shortest is seen, too.
    4.0 + share / 10.0 * 0.96
}

impl Writer<'_> {
    fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    fn say_with(&self, key: &str, with: &[(&'static str, FluentValue<'_>)]) -> String {
        let mut args = FluentArgs::new();
        with.iter().for_each(|(name, value)| args.set(*name, value.clone()));
        self.words.say(self.lang, key, &args).unwrap_or_else(|| key.to_owned())
    }

    fn n(&self, n: u32) -> String {
        words::grouped(n.into())
    }

    fn day(&self, at: Micros) -> String {
        when::said(at, self.zone, self.lang, Style::FullDay)
    }

    fn period(&self, period: Period) -> String {
        let (from, to) = (self.day(period.from), self.day(period.to - 1));
        self.say_with("duties-period", &[("from", from.into()), ("to", to.into())])
    }

    fn band(&self, band: Option<Band>) -> String {
        match band {
            Some(band) => {
                let (from, to) = (self.n(band.from), self.n(band.to));
                self.say_with("year-band", &[("from", from.into()), ("to", to.into())])
            }
            None => self.say("year-few"),
        }
    }

    fn class(&self, class: &str) -> String {
        let text = match Class::parse(class) {
            Some(Class::Class1) => &self.names.class1,
            Some(Class::Class2) => self.names.class2.as_ref().unwrap_or(&self.names.general),
            _ => &self.names.general,
        };
        self.lang.pick(&text.ja, &text.en).to_owned()
    }

    fn title(&self, year: i16) -> String {
        self.say_with("year-title", &[("year", year.to_string().into())])
    }

    fn fact(&self, key: &str, value: String) -> Fact {
        Fact { label: self.say(key), value }
    }

    fn row(&self, label: String, band: Option<Band>, most: u32) -> Row {
        let bars = band.map_or_else(Vec::new, |band| {
            let (is, may) = (percent(band.from, most), percent(band.to, most));
            vec![Bar { look: "is", from: 0.0, width: is }, Bar { look: "may", from: is, width: may - is }]
        });
        Row { label, note: String::new(), value: self.band(band), few: band.is_none(), bars }
    }

    /// A breakdown, each part named by `name`.
    fn parts(&self, title: &str, parts: &Breakdown, name: impl Fn(&str) -> String) -> Chart {
        let most = parts.parts.iter().filter_map(|part| part.count).map(|band| band.to).max().unwrap_or(0);
        let joint = self.say("year-joint");
        let rows = parts.parts.iter().map(|part| {
            let names: Vec<String> = part.of.iter().map(|of| name(of)).collect();
            self.row(names.join(&joint), part.count, most)
        });
        let key = [("is", "year-key-is"), ("may", "year-key-may")];
        Chart {
            title: self.say(title),
            total: self.say_with("year-total", &[("n", self.band(parts.total).into())]),
            rows: rows.collect(),
            key: if most > 0 { key.map(|(look, key)| (look, self.say(key))).into() } else { Vec::new() },
            axis: Vec::new(),
            drawn: most > 0,
        }
    }

    /// Exact figures.
    fn counts(&self, title: &str, counts: &[(String, u32)]) -> Chart {
        let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
        let row = |(label, n): &(String, u32)| Row {
            label: label.clone(),
            note: String::new(),
            value: self.n(*n),
            few: false,
            bars: vec![Bar { look: "is", from: 0.0, width: percent(*n, most) }],
        };
        Chart {
            title: self.say(title),
            total: String::new(),
            rows: counts.iter().map(row).collect(),
            key: Vec::new(),
            axis: Vec::new(),
            drawn: most > 0,
        }
    }

    fn times(&self, over: &Over) -> Chart {
        let row = |took: &Took| {
            let times = over.times.get(took.as_str())?;
            let value = match (times.half, times.nine_tenths) {
                (Some(half), Some(most)) => {
                    let (half, most) = (self.span(half), self.span(most));
                    self.say_with("year-took", &[("half", half.into()), ("most", most.into())])
                }
                (Some(half), None) => self.say_with("year-took-half", &[("half", self.span(half).into())]),
                (None, _) => self.say("year-few"),
            };
            let Times { count, half, nine_tenths } = *times;
            let half = half.map(place);
            let most = nine_tenths.map(place);
            let mut bars: Vec<Bar> =
                half.map(|to| Bar { look: "is", from: 0.0, width: to }).into_iter().collect();
            if let (Some(half), Some(most)) = (half, most) {
                bars.push(Bar { look: "may", from: half, width: most - half });
            }
            let of = |band| self.say_with("year-of", &[("n", self.band(Some(band)).into())]);
            let note = count.map(of).unwrap_or_default();
            Some(Row {
                label: self.say(&format!("year-took-{}", took.as_str())),
                note,
                value,
                few: half.is_none(),
                bars,
            })
        };
        let rows: Vec<Row> = Took::ALL.iter().filter_map(row).collect();
        let drawn = rows.iter().any(|row| !row.few);
        let marks = [HOUR, DAY, 30 * DAY];
        let key = [("is", "year-key-half"), ("may", "year-key-most")];
        Chart {
            title: self.say("year-times-of"),
            total: String::new(),
            rows,
            key: if drawn { key.map(|(look, key)| (look, self.say(key))).into() } else { Vec::new() },
            axis: if drawn { marks.map(|at| (place(at), self.span(at))).into() } else { Vec::new() },
            drawn,
        }
    }

    fn span(&self, took: Micros) -> String {
        match took / DAY {
            1 => self.say_with("year-days", &[("n", 1.into())]),
            days if took % DAY == 0 && days > 0 => self.say_with("year-days", &[("n", days.into())]),
            _ => when::span(took, self.lang),
        }
    }

    fn ballots(&self, report: &Report) -> Section {
        let row = |ballot: &noroshi_council::report::Ballot| {
            let counted = ballot.tally;
            let no = self.say_with("motion-no", &[("no", ballot.no.into())]);
            let kind =
                self.say(if ballot.amendment { "motion-kind-amendment" } else { "motion-kind-resolution" });
            let result = self.say(&format!("motion-state-{}", ballot.result.as_str()));
            let count = self.say_with(
                "motion-count",
                &[
                    ("yes", counted.yes.into()),
                    ("no", counted.no.into()),
                    ("abstain", counted.abstain.into()),
                ],
            );
            let cast = self.say_with(
                "year-turnout",
                &[("cast", counted.cast.into()), ("electorate", counted.electorate.into())],
            );
            let (yes, no_) =
                (percent(counted.yes, counted.electorate), percent(counted.no, counted.electorate));
            let bars = vec![
                Bar { look: "good", from: 0.0, width: yes },
                Bar { look: "bad", from: yes, width: no_ },
                Bar { look: "none", from: yes + no_, width: percent(counted.abstain, counted.electorate) },
            ];
            let colon = self.say("colon");
            let joint = self.say("year-comma");
            let note = format!("{}{joint}{count}{joint}{cast}", self.day(ballot.closed_at));
            Row { label: format!("{no}{colon}{kind}"), note, value: result, few: false, bars }
        };
        let rows: Vec<Row> = report.ballots.iter().map(row).collect();
        let key = [("good", "choice-yes"), ("bad", "choice-no"), ("none", "choice-abstain")];
        let chart = Chart {
            title: self.say("year-ballots-of"),
            total: self.say_with("year-total", &[("n", self.n(count(rows.len())).into())]),
            drawn: true,
            rows,
            key: key.map(|(look, key)| (look, self.say(key))).into(),
            axis: Vec::new(),
        };
        let none = chart.rows.is_empty();
        Section {
            id: "ballots",
            title: self.say("year-ballots"),
            text: if none { self.say("year-ballots-none") } else { String::new() },
            charts: if none { Vec::new() } else { vec![chart] },
        }
    }

    fn releases(&self, report: &Report) -> Section {
        let told = &report.releases;
        let levels = told.confidence;
        let named = |level: &str| self.say(&format!("year-level-{level}"));
        let mut charts = Vec::new();
        if told.measures > 0 {
            charts.push(self.counts(
                "year-released",
                &[(named("high"), levels.high), (named("medium"), levels.medium), (named("low"), levels.low)],
            ));
        }
        if let Some(over) = &report.over {
            charts.push(self.parts("year-early", &over.early, named));
        }
        let after = [
            ("year-precautionary", told.precautionary),
            ("year-updates", told.updates),
            ("year-corrections", told.corrections),
            ("year-cancellations", told.cancellations),
            ("year-all-clears", told.all_clears),
            ("year-drills", told.drills),
        ];
        let after: Vec<(String, u32)> =
            after.into_iter().filter(|(_, n)| *n > 0).map(|(key, n)| (self.say(key), n)).collect();
        if !after.is_empty() {
            let chart = self.counts("year-after", &after);
            charts.push(Chart { drawn: false, ..chart });
        }
        Section {
            id: "releases",
            title: self.say("year-releases"),
            text: self.say_with("year-releases-text", &[("n", told.measures.into())]),
            charts,
        }
    }

    fn demands(&self, report: &Report) -> Section {
        let told = report.demands;
        let counts =
            [(self.say("year-demands-issued"), told.issued), (self.say("year-demands-ended"), told.ended)];
        let none = told.issued == 0;
        Section {
            id: "demands",
            title: self.say("year-demands"),
            text: if none { self.say("year-demands-none") } else { String::new() },
            charts: if none { Vec::new() } else { vec![self.counts("year-demands-of", &counts)] },
        }
    }

    fn over(&self, over: &Over) -> [Section; 5] {
        let section = |id, mut charts: Vec<Chart>| {
            // What the colours mean is said once in a section.
            let mut said = false;
            for chart in &mut charts {
                if said {
                    chart.key.clear();
                }
                said |= !chart.key.is_empty();
            }
            let (title, text) = (self.say(&format!("year-{id}")), self.say(&format!("year-{id}-text")));
            Section { id, title, text, charts }
        };
        let moved = Chart {
            rows: vec![
                self.row(self.say("year-joined"), over.joined, 0),
                self.row(self.say("year-left"), over.left, 0),
            ],
            ..self.counts("year-moved", &[])
        };
        let soon = |of: &str| self.say(&format!("year-soon-{of}"));
        [
            section(
                "members",
                vec![self.parts("year-members-of", &over.members, |of| self.class(of)), moved],
            ),
            section(
                "items",
                vec![
                    self.parts("year-items-of", &over.items, |of| self.say(&format!("year-became-{of}"))),
                    self.parts("year-basis-of", &over.basis, |of| self.say(&format!("basis-{of}"))),
                ],
            ),
            section(
                "feedback",
                vec![
                    self.parts("year-feedback-of", &over.feedback, |of| {
                        self.say(&format!("year-verdict-{of}"))
                    }),
                    self.parts("year-punctuality-of", &over.punctuality, |of| {
                        self.say(&format!("year-owed-{of}"))
                    }),
                ],
            ),
            section(
                "acknowledgements",
                vec![self.parts("year-acknowledged-of", &over.acknowledgements, soon)],
            ),
            section("times", vec![self.times(over)]),
        ]
    }

    /// The council's report.
    #[must_use]
    pub fn council(&self, report: &Report) -> Sheet {
        let mut lead = vec![self.say("year-lead")];
        let mut facts = Vec::new();
        let mut sections = Vec::new();
        let mut notes = Vec::new();
        match &report.over {
            None => {
                let at = self.day(report.period.to);
                lead.push(self.say_with("year-going-on", &[("at", at.into())]));
            }
            Some(over) => {
                facts.push(self.fact("year-fact-members", self.band(over.members.total)));
                facts.push(self.fact("year-fact-items", self.band(over.items.total)));
                facts.push(self.fact("year-fact-consultations", self.band(over.consultations)));
                let step = [("k", report.k.into()), ("step", report.step.into())];
                notes.push(self.say_with("year-note-few", &step));
                notes.push(self.say_with("year-note-step", &step));
                notes.push(self.say("year-note-joint"));
                notes.push(self.say_with("year-note-times", &step));
            }
        }
        facts.push(self.fact("year-fact-releases", self.n(report.releases.measures)));
        facts.push(self.fact("year-fact-ballots", self.n(count(report.ballots.len()))));
        facts.push(self.fact("year-fact-demands", self.n(report.demands.issued)));
        notes.push(self.say("year-note-exact"));
        if let Some(over) = &report.over {
            let [members, items, feedback, acknowledgements, times] = self.over(over);
            sections.extend([members, items, self.releases(report), times, feedback, acknowledgements]);
        } else {
            sections.push(self.releases(report));
        }
        sections.extend([self.ballots(report), self.demands(report)]);
        let council = self.lang.pick(&self.names.council.ja, &self.names.council.en);
        let about = format!("{council}{}{}", self.say("year-comma"), self.period(report.period));
        Sheet { title: self.title(report.year), about, lead, facts, sections, notes }
    }

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

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use noroshi_council::{
        assembly::Outcome,
        report::{Ballot, Counted, Demands, Levels, Part, Releases},
    };

    use super::*;

    const YEAR: Period = Period { from: 1_490_972_400_000_000, to: 1_522_508_400_000_000 };

    fn band(from: u32) -> Option<Band> {
        Some(Band { from, to: from + 4 })
    }

    fn parts(total: u32, of: &[(&[&str], Option<Band>)]) -> Breakdown {
        let part = |(of, count): &(&[&str], Option<Band>)| Part {
            of: of.iter().map(|of| (*of).to_owned()).collect(),
            count: *count,
        };
        Breakdown { total: band(total), parts: of.iter().map(part).collect() }
    }

    /// A year in which much happened.
    fn report() -> Report {
        let took = [
            (40, 2 * HOUR, 12 * HOUR),
            (60, 3 * HOUR, DAY),
            (20, 2 * DAY, 7 * DAY),
            (15, 3 * DAY, 30 * DAY),
            (410, 2 * HOUR, 6 * HOUR),
        ];
        let mut times: std::collections::BTreeMap<String, Times> = Took::ALL
            .iter()
            .zip(took)
            .map(|(what, (n, half, most))| {
                let (half, nine_tenths) = (Some(half), Some(most).filter(|_| n > 15));
                (what.as_str().to_owned(), Times { count: band(n), half, nine_tenths })
            })
            .collect();
        times.insert("acknowledgement".to_owned(), Times { count: None, half: None, nine_tenths: None });
        let ballot = |no, result, yes, against| Ballot {
            no,
            amendment: no == 1,
            closed_at: YEAR.from + Micros::from(no) * 60 * DAY,
            result,
            tally: Counted { electorate: 322, cast: yes + against + 9, yes, no: against, abstain: 9 },
        };
        Report {
            year: 2017,
            period: YEAR,
            k: 3,
            step: 5,
            releases: Releases {
                measures: 14,
                confidence: Levels { low: 0, medium: 2, high: 12 },
                precautionary: 2,
                updates: 9,
                corrections: 1,
                cancellations: 0,
                all_clears: 6,
                drills: 2,
            },
            ballots: vec![ballot(1, Outcome::Carried, 214, 31), ballot(2, Outcome::NoQuorum, 88, 12)],
            demands: Demands { issued: 1, ended: 1 },
            over: Some(Over {
                members: parts(
                    320,
                    &[(&["class1"], band(5)), (&["class2"], band(40)), (&["general"], band(270))],
                ),
                joined: band(15),
                left: None,
                consultations: band(45),
                items: parts(
                    65,
                    &[
                        (&["measure"], band(20)),
                        (&["information_only"], band(15)),
                        (&["under_way"], band(10)),
                        (&["duplicate", "wrong", "declined", "retracted"], band(15)),
                    ],
                ),
                basis: parts(65, &[(&["voluntary"], band(55)), (&["duty", "demand"], band(5))]),
                early: parts(20, &[(&["low"], band(10)), (&["medium"], band(10)), (&["high"], None)]),
                feedback: parts(
                    410,
                    &[(&["seen"], band(60)), (&["not_seen"], band(290)), (&["unknown"], band(55))],
                ),
                punctuality: parts(
                    460,
                    &[
                        (&["on_time"], band(370)),
                        (&["late"], band(40)),
                        (&["missed"], band(45)),
                        (&["excused"], None),
                    ],
                ),
                acknowledgements: parts(
                    4400,
                    &[
                        (&["hour"], band(3850)),
                        (&["day"], band(400)),
                        (&["later"], band(90)),
                        (&["not"], band(55)),
                    ],
                ),
                times,
            }),
        }
    }

    /// The sample of the page is a report in Japanese; with `UPDATE_GOLDEN=1` it is written anew.
    #[test]
    fn every_word_is_there_in_both_languages_and_the_sample_is_one() {
        let charter = crate::app::charter(crate::app::FIRST_CHARTER).unwrap();
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let words = Words::new(charter.parameters());
        for lang in [Lang::Ja, Lang::En] {
            let writer = Writer { lang, zone: &zone, words: &words, names: &charter.parameters().names };
            let sheet = writer.council(&report());
            let said = serde_json::to_string(&sheet).unwrap();
            assert!(
                !said.contains("year-") && !said.contains("motion-") && !said.contains("basis-"),
                "{said}"
            );
            let drawn = crate::report::pdf::drawn(&sheet, lang).unwrap();
            if let Some(folder) = std::env::var_os("NOROSHI_PAGES") {
                let folder = std::path::PathBuf::from(folder);
                std::fs::write(folder.join(format!("report.{}.pdf", lang.as_str())), drawn).unwrap();
            }
            if lang == Lang::Ja {
                let path = format!("{}/tests/pages/report.json", env!("CARGO_MANIFEST_DIR"));
                let years = serde_json::json!([
                    {"year": 2018, "period": {"from": YEAR.to, "to": YEAR.to + 365 * DAY}, "over": false},
                    {"year": 2017, "period": YEAR, "over": true},
                ]);
                let sample = serde_json::json!({
                    "sheet": sheet, "year": 2017, "years": years, "own": false, "member": true, "pdf": "/report/2017.pdf",
                });
                let sample = serde_json::to_string_pretty(&sample).unwrap() + "\n";
                if std::env::var_os("UPDATE_GOLDEN").is_some() {
                    std::fs::write(&path, &sample).unwrap();
                }
                assert_eq!(
                    std::fs::read_to_string(&path).unwrap_or_default(),
                    sample,
                    "the sample is another report"
                );
            }
        }
    }
}

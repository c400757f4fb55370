//! The council's report in words.

use noroshi_council::{
    report::{Over, Report, Times, Took},
    terms::{DAY, HOUR},
};

use super::{Bar, Chart, Row, Section, Sheet, Writer, count, percent, place};

impl Writer<'_> {
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
        Section {
            id: "demands",
            title: self.say("year-demands"),
            text: self.say_with("year-demands-text", &[("n", report.demands.reported.into())]),
            charts: Vec::new(),
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
        facts.push(self.fact("year-fact-demands", self.n(report.demands.reported)));
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
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use noroshi_council::{
        Micros,
        assembly::Outcome,
        contribution::Period,
        report::{Ballot, Band, Breakdown, Counted, Demands, Levels, Part, Releases},
    };

    use super::*;
    use crate::lang::Lang;

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
            demands: Demands { reported: 1 },
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
        let words = crate::words::Words::new(charter.parameters());
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

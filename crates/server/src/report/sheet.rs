//! A report as people read it, in one language: what the page shows and the PDF draws, so that both tell the same.
//!
//! Charts are bars beside a table's figures. They are drawn as rectangles by the template and by the PDF: for a dozen of bars a
//! library of charts brings more than it takes away, and none that draws SVG tags its text for whoever cannot see it.

mod council;
pub mod incident;
mod own;

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::tz::TimeZone;
use noroshi_charter::Names;
use noroshi_council::{
    Class, Micros,
    contribution::Period,
    report::{Band, Breakdown},
    terms::{DAY, MINUTE},
};
use serde::Serialize;

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

    fn span(&self, took: Micros) -> String {
        match took / DAY {
            1 => self.say_with("year-days", &[("n", 1.into())]),
            days if took % DAY == 0 && days > 0 => self.say_with("year-days", &[("n", days.into())]),
            _ => when::span(took, self.lang),
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

//! When periods of contribution begin and end: on the first of a month, in the council's zone.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use noroshi_charter::Charter;
use noroshi_council::{Micros, contribution::Period};

/// The periods of a council.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    months: i64,
    first: i64,
}

impl Calendar {
    /// As a charter says.
    #[must_use]
    pub fn new(charter: &Charter) -> Calendar {
        let parameters = charter.parameters();
        let zone = TimeZone::get(&parameters.zone).unwrap_or(TimeZone::UTC);
        let numbers = parameters.terms().contribution;
        Calendar { zone, months: i64::from(numbers.months).max(1), first: i64::from(numbers.first_month) - 1 }
    }

    /// The period in which a moment lies. An empty one for a moment that no calendar shows.
    #[must_use]
    pub fn at(&self, now: Micros) -> Period {
        let bounds = || {
            let here = Timestamp::from_microsecond(now).ok()?.to_zoned_datetime(self.zone.clone());
            let month = i64::from(here.year()) * 12 + i64::from(here.month()) - 1;
            let start = (month - self.first).div_euclid(self.months) * self.months + self.first;
            Some(Period { from: self.first_of(start)?, to: self.first_of(start + self.months)? })
        };
        bounds().unwrap_or(Period { from: now, to: now })
    }

    /// The period before one.
    #[must_use]
    pub fn before(&self, period: Period) -> Period {
        self.at(period.from - 1)
    }

    /// The first moment of a month, counted from the year 0.
    fn first_of(&self, month: i64) -> Option<Micros> {
        let year = i16::try_from(month.div_euclid(12)).ok()?;
        let number = i8::try_from(month.rem_euclid(12) + 1).ok()?;
        let day = Date::new(year, number, 1).ok()?;
        Some(self.zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use noroshi_council::terms::DAY;

    use super::*;
    use crate::portal::when;

    fn calendar(months: i64, first: i64) -> Calendar {
        Calendar { zone: TimeZone::get("Asia/Tokyo").unwrap(), months, first: first - 1 }
    }

    fn said(calendar: &Calendar, day: &str) -> [String; 2] {
        let now = when::of_local(day, &calendar.zone).unwrap();
        let period = calendar.at(now);
        assert!(period.holds(now));
        [period.from, period.to].map(|at| when::iso(at, &calendar.zone).chars().take(16).collect())
    }

    #[test]
    fn periods_follow_each_other_from_the_charters_month_on() {
        let half = calendar(6, 4);
        assert_eq!(said(&half, "2017-05-15T06:10"), ["2017-04-01T00:00", "2017-10-01T00:00"]);
        assert_eq!(said(&half, "2017-03-31T23:59"), ["2016-10-01T00:00", "2017-04-01T00:00"]);
        assert_eq!(said(&half, "2017-04-01T00:00"), ["2017-04-01T00:00", "2017-10-01T00:00"]);
        assert_eq!(said(&calendar(12, 1), "2017-05-15T00:00"), ["2017-01-01T00:00", "2018-01-01T00:00"]);
        assert_eq!(said(&calendar(1, 4), "2017-01-15T00:00"), ["2017-01-01T00:00", "2017-02-01T00:00"]);
        let now = when::of_local("2017-05-15T00:00", &half.zone).unwrap();
        let before = half.before(half.at(now));
        assert_eq!(before.to, half.at(now).from);
        assert!((before.to - before.from) / DAY == 182);
    }
}

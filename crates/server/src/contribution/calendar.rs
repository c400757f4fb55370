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

    /// The rounds in which applications are decided on together (R2); none where that is at any time.
    #[must_use]
    pub fn rounds(charter: &Charter) -> Option<Calendar> {
        let months = i64::from(charter.parameters().terms().case.round_months);
        (months > 0).then(|| Calendar { months, ..Calendar::new(charter) })
    }

    /// Until when what was filed at a moment waits for the rest of its round; nothing where it does not, or no longer.
    #[must_use]
    pub fn round_ends(charter: &Charter, filed_at: Micros, now: Micros) -> Option<Micros> {
        let round = Calendar::rounds(charter)?.at(filed_at);
        (!round.is_over(now)).then_some(round.to)
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

    /// The year in which a moment lies: its number, which is that of its first day, and what it is. Years begin with the month
    /// with which periods begin.
    #[must_use]
    pub fn year_at(&self, now: Micros) -> (i16, Period) {
        let years = Calendar { zone: self.zone.clone(), months: 12, first: self.first };
        let period = years.at(now);
        let first = Timestamp::from_microsecond(period.from).unwrap_or_default();
        (first.to_zoned_datetime(self.zone.clone()).year(), period)
    }

    /// The year of this number; nothing where no calendar shows it.
    #[must_use]
    pub fn year(&self, number: i16) -> Option<Period> {
        let start = i64::from(number) * 12 + self.first;
        Some(Period { from: self.first_of(start)?, to: self.first_of(start + 12)? })
    }

    /// The periods that begin within a year, in order.
    #[must_use]
    pub fn periods_of(&self, year: Period) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut period = self.at(year.from);
        while period.from < year.to && period.from < period.to {
            if period.from >= year.from {
                periods.push(period);
            }
            period = self.at(period.to);
        }
        periods
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
    #[test]
    fn years_begin_with_the_month_with_which_periods_do() {
        let half = calendar(6, 4);
        let now = when::of_local("2018-02-15T00:00", &half.zone).unwrap();
        let (number, year) = half.year_at(now);
        assert_eq!((number, half.year(2017)), (2017, Some(year)));
        let periods = half.periods_of(year);
        assert_eq!(periods, [half.before(half.at(now)), half.at(now)]);
        assert_eq!(half.year_at(year.to).0, 2018);
    }
}

//! Moments as people read them, in the council's time zone.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use noroshi_council::Micros;

use crate::lang::Lang;

const JA_DAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
const EN_DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EN_MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How much of a moment is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// 2017年5月15日（月）6時10分.
    Full,
    /// 2017年5月15日.
    FullDay,
    /// 5月15日（月）6時10分.
    DayTime,
    /// 5月15日（月）.
    Day,
    /// 5月15日.
    ShortDay,
    /// 6時10分.
    Time,
    /// 6:10, for dense lists.
    Clock,
}

impl Style {
    /// The same with the year, for a moment of another year than the reader's: a day without one is read as this year's.
    fn with_year(self) -> Style {
        match self {
            Style::DayTime => Style::Full,
            Style::Day | Style::ShortDay => Style::FullDay,
            said => said,
        }
    }
}

/// A moment in words for somebody who reads it `now`: with its year where that is another one.
#[must_use]
pub fn told(at: Micros, now: Micros, zone: &TimeZone, lang: Lang, style: Style) -> String {
    let year = |at| zoned(at, zone).map(|z| z.year());
    // Most are said without a day, or with their year anyway, and need no look at the calendar.
    let full = style.with_year();
    said(at, zone, lang, if full == style || year(at) == year(now) { style } else { full })
}

fn zoned(at: Micros, zone: &TimeZone) -> Option<ZonedDateTime> {
    Some(Timestamp::from_microsecond(at).ok()?.to_zoned_datetime(zone.clone()))
}

fn picked<'a>(names: &[&'a str], at: i8) -> &'a str {
    usize::try_from(at).ok().and_then(|n| names.get(n)).copied().unwrap_or("")
}

/// A moment in words. Empty for one that no calendar shows.
#[must_use]
pub fn said(at: Micros, zone: &TimeZone, lang: Lang, style: Style) -> String {
    let Some(z) = zoned(at, zone) else { return String::new() };
    let (y, m, d) = (z.year(), z.month(), z.day());
    let weekday = z.weekday().to_monday_zero_offset();
    let time =
        minute_of_day(u16::try_from(i32::from(z.hour()) * 60 + i32::from(z.minute())).unwrap_or(0), lang);
    match lang {
        Lang::Ja => {
            let day = picked(&JA_DAYS, weekday);
            match style {
                Style::Full => format!("{y}年{m}月{d}日（{day}）{time}"),
                Style::FullDay => format!("{y}年{m}月{d}日"),
                Style::DayTime => format!("{m}月{d}日（{day}）{time}"),
                Style::Day => format!("{m}月{d}日（{day}）"),
                Style::ShortDay => format!("{m}月{d}日"),
                Style::Time => time,
                Style::Clock => format!("{}:{:02}", z.hour(), z.minute()),
            }
        }
        Lang::En => {
            let (day, month) = (picked(&EN_DAYS, weekday), picked(&EN_MONTHS, m - 1));
            match style {
                Style::Full => format!("{day} {d} {month} {y}, {time}"),
                Style::FullDay => format!("{d} {month} {y}"),
                Style::DayTime => format!("{day} {d} {month}, {time}"),
                Style::Day => format!("{day} {d} {month}"),
                Style::ShortDay => format!("{d} {month}"),
                Style::Time | Style::Clock => time,
            }
        }
    }
}

/// A moment as machines read it, for the attribute `datetime`.
#[must_use]
pub fn iso(at: Micros, zone: &TimeZone) -> String {
    zoned(at, zone).map(|z| z.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()).unwrap_or_default()
}

/// A moment as the form field `datetime-local` holds it.
#[must_use]
pub fn local(at: Micros, zone: &TimeZone) -> String {
    zoned(at, zone).map(|z| z.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

/// The moment that a form field `datetime-local` or `date` holds.
#[must_use]
pub fn of_local(text: &str, zone: &TimeZone) -> Option<Micros> {
    let text = text.trim();
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .ok()
        .or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0)))?;
    Some(zone.to_timestamp(civil).ok()?.as_microsecond())
}

/// A time of day, given in minutes after midnight.
#[must_use]
pub fn minute_of_day(minute: u16, lang: Lang) -> String {
    let (h, m) = (minute / 60, minute % 60);
    match lang {
        Lang::Ja if m == 0 => format!("{h}時"),
        Lang::Ja => format!("{h}時{m:02}分"),
        Lang::En => format!("{h:02}:{m:02}"),
    }
}

/// A stretch of time: 1時間38分.
#[must_use]
pub fn span(micros: Micros, lang: Lang) -> String {
    let minutes = (micros.max(0)) / 60_000_000;
    let (days, hours, rest) = (minutes / 1440, minutes / 60, minutes % 60);
    match lang {
        Lang::Ja if days > 1 => format!("{days}日"),
        Lang::Ja if hours > 0 && rest == 0 => format!("{hours}時間"),
        Lang::Ja if hours > 0 => format!("{hours}時間{rest}分"),
        Lang::Ja => format!("{rest}分"),
        Lang::En if days > 1 => format!("{days} days"),
        Lang::En if hours > 0 && rest == 0 => format!("{hours} h"),
        Lang::En if hours > 0 => format!("{hours} h {rest} min"),
        Lang::En => format!("{rest} min"),
    }
}

/// The next time that a clock of the council's zone shows `minute` after midnight.
#[must_use]
pub fn next_opening(now: Micros, minute: u16, zone: &TimeZone) -> Option<Micros> {
    let z = zoned(now, zone)?;
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    let at = |date: jiff::civil::Date| {
        Some(date.at(hour, minute, 0, 0).to_zoned_datetime(zone.clone()).ok()?.timestamp().as_microsecond())
    };
    at(z.date()).filter(|at| *at > now).or_else(|| at(z.date().tomorrow().ok()?))
}

/// How long before work starts the day before it counts as over, in hours.
const NIGHT: Micros = 16 * 3_600_000_000;

/// How what has to be done before `opening` is spoken of: `morning` where work starts today, `tomorrow` where the day is over,
/// and `now` where people are at work.
#[must_use]
pub fn until(now: Micros, opening: Option<Micros>, zone: &TimeZone) -> &'static str {
    let day = |at| zoned(at, zone).map(|z| z.date());
    match opening {
        Some(opening) if day(opening) == day(now) => "morning",
        Some(opening) if opening - now < NIGHT => "tomorrow",
        _ => "now",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Monday, 15 May 2017, 6:10 in Tokyo.
    const MONDAY: Micros = 1_494_796_200_000_000;

    #[test]
    fn moments_are_said_as_people_say_them() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let say = |lang, style| said(MONDAY, &zone, lang, style);
        assert_eq!(say(Lang::Ja, Style::DayTime), "5月15日（月）6時10分");
        assert_eq!(say(Lang::Ja, Style::Full), "2017年5月15日（月）6時10分");
        assert_eq!(say(Lang::En, Style::DayTime), "Mon 15 May, 06:10");
        assert_eq!(say(Lang::Ja, Style::Clock), "6:10");
        assert_eq!(iso(MONDAY, &zone), "2017-05-15T06:10:00+09:00");
        assert_eq!(of_local(&local(MONDAY, &zone), &zone), Some(MONDAY));
        assert_eq!(said(Micros::MAX, &zone, Lang::Ja, Style::Full), "");
    }

    #[test]
    fn a_day_of_another_year_is_said_with_its_year() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let year = 365 * 24 * 3_600_000_000;
        let say = |now, style| told(MONDAY, now, &zone, Lang::Ja, style);
        assert_eq!(say(MONDAY, Style::Day), "5月15日（月）");
        assert_eq!(say(MONDAY + year, Style::Day), "2017年5月15日");
        assert_eq!(say(MONDAY + year, Style::DayTime), "2017年5月15日（月）6時10分");
        assert_eq!(say(MONDAY + year, Style::Time), "6時10分");
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        assert_eq!(span(98 * 60_000_000, Lang::Ja), "1時間38分");
        assert_eq!(span(98 * 60_000_000, Lang::En), "1 h 38 min");
        assert_eq!(span(-5, Lang::Ja), "0分");
        assert_eq!(minute_of_day(510, Lang::Ja), "8時30分");
    }

    #[test]
    fn work_starts_today_or_tomorrow() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let at = |minute| next_opening(MONDAY, minute, &zone).map(|at| (at - MONDAY) / 60_000_000);
        assert_eq!(at(510), Some(140));
        assert_eq!(at(360), Some(1430));
        let spoken = |now, minute| until(now, next_opening(now, minute, &zone), &zone);
        assert_eq!(spoken(MONDAY, 510), "morning");
        assert_eq!(spoken(MONDAY + 4 * 3_600_000_000, 510), "now", "at ten people are at work");
        assert_eq!(spoken(MONDAY + 14 * 3_600_000_000, 510), "tomorrow", "at eight in the evening nobody is");
    }
}

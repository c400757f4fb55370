//! Timestamps as STIX and TAXII write them.
//!
//! Both want RFC 3339 in UTC with a capital `T` and `Z`. A moment here is unix microseconds; finer digits are cut off.

use jiff::{Timestamp, fmt::strtime};

/// Reads a timestamp, to the microsecond. Nothing where it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let shape = b"0000-00-00T00:00:00";
    let body = text.strip_suffix('Z')?;
    if bytes.len() <= shape.len() || bytes.len() > 64 {
        return None;
    }
    let fits = shape.iter().zip(bytes).all(|(s, b)| if *s == b'0' { b.is_ascii_digit() } else { s == b });
    if !fits {
        return None;
    }
    let (whole, rest) = body.split_at(shape.len());
    let micros = match rest.strip_prefix('.') {
        None if rest.is_empty() => 0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            let six: String = digits.chars().chain("000000".chars()).take(6).collect();
            six.parse::<i64>().ok()?
        }
        _ => return None,
    };
    let second = format!("{whole}Z").parse::<Timestamp>().ok()?;
    Some(second.as_microsecond() + micros)
}

/// Writes a timestamp with all six digits, as TAXII demands of its own.
#[must_use]
pub fn micros(at: i64) -> String {
    print(at, "%Y-%m-%dT%H:%M:%S.%6fZ")
}

/// Writes a timestamp with three digits, as STIX writes `created` and `modified`.
#[must_use]
pub fn millis(at: i64) -> String {
    print(at, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

fn print(at: i64, format: &str) -> String {
    // Moments that no calendar has print as the nearest one that it has.
    let at = Timestamp::from_microsecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX });
    strtime::format(format, at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_standards_and_clients_write() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(parse("2017-05-12T08:24:00.000001Z"), Some(1_494_577_440_000_001));
        assert_eq!(parse("1970-01-01T00:00:00.000000999Z"), Some(0));
    }

    #[test]
    fn refuses_what_only_looks_like_one() {
        for bad in [
            "",
            "Z",
            "yesterday",
            "2017-05-12",
            "2017-05-12T08:24:00",
            "2017-05-12t08:24:00Z",
            "2017-05-12T08:24:00z",
            "2017-05-12 08:24:00Z",
            "2017-13-12T08:24:00Z",
            "2017-02-30T08:24:00Z",
            "2017-05-12T25:24:00Z",
            "2017-05-12T08:24:00+00:00",
            "2017-05-12T08:24:00.Z",
            "2017-05-12T08:24:00.1xZ",
            "+017-05-12T08:24:00Z",
            "２０１７-05-12T08:24:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(at in -62_135_596_800_000_000_i64..253_402_300_799_000_000) {
            prop_assert_eq!(parse(&micros(at)), Some(at));
            prop_assert_eq!(parse(&millis(at)), Some(at.div_euclid(1000) * 1000));
        }

        #[test]
        fn nothing_panics(text in ".{0,40}", at: i64) {
            let _ = parse(&text);
            let _ = micros(at);
        }
    }
}

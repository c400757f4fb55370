//! What comes in: whole, to the letter, and never more than one object at a time; or refused, saying where.

use std::io::BufReader;

use noroshi_wire::stix::{Error, Limits, Object, Spec, read};
use proptest::prelude::*;

const ID: &str = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

fn all(text: &[u8]) -> Result<Vec<Object>, Error> {
    with(text, &Limits::default())
}

fn with(text: &[u8], limits: &Limits) -> Result<Vec<Object>, Error> {
    let mut objects = Vec::new();
    // A small buffer, so that everything also falls on the edge of one.
    let input = BufReader::with_capacity(7, text);
    read(input, limits, |object| {
        objects.push(object);
        Ok::<(), Error>(())
    })?;
    Ok(objects)
}

fn refused(text: &str) -> Error {
    all(text.as_bytes()).err().unwrap_or_else(|| panic!("was read: {text}"))
}

fn indicator(more: &str) -> String {
    format!(r#"{{"type":"indicator","spec_version":"2.1","id":"{ID}"{more}}}"#)
}

#[test]
fn whatever_they_come_in() {
    let a = indicator(r#", "x_a": 1.10e2"#);
    let b = indicator(r#","modified":"2020-01-01T00:00:00.000Z" "#);
    for text in [
        format!(r#"{{"type":"bundle","id":"bundle--1","objects":[{a},{b}]}}"#),
        format!(r#"{{"objects" : [ {a} , {b} ],"id":"bundle--1","type":"bundle"}}"#),
        format!("{{\"more\":false,\"objects\":[{a},{b}]}}"),
        format!("[{a},\n{b}]"),
        format!("{a}\n{b}\n"),
        format!("{a}{b}"),
        format!("\u{feff} [{a}] {{\"type\":\"bundle\",\"objects\":[{b}]}}"),
    ] {
        let objects = all(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
        let texts: Vec<&str> = objects.iter().map(Object::text).collect();
        assert_eq!(texts, [a.as_str(), b.as_str()], "{text}");
    }
    for empty in ["", " \n", "[]", "[]\n[]", r#"{"type":"bundle"}"#, r#"{"objects":[]}"#] {
        assert_eq!(all(empty.as_bytes()).unwrap().len(), 0, "{empty}");
    }
}

#[test]
fn an_observation_of_stix_2_0_has_a_map_of_objects() {
    let text = r#"{"type":"observed-data","objects":{"0":{"type":"file"}},"created":"2017-01-01T00:00:00Z",
        "id":"observed-data--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}"#;
    for text in [text.to_owned(), format!("[{text}]")] {
        let objects = all(text.as_bytes()).unwrap();
        assert_eq!((objects.len(), objects[0].spec), (1, Spec::V20));
    }
}

#[test]
fn what_a_server_has_to_know() {
    let of = |more: &str| all(indicator(more).as_bytes()).unwrap().remove(0);
    let both = of(r#","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00.1234567Z""#);
    assert_eq!((both.id.as_str(), both.kind.as_str(), both.spec), (ID, "indicator", Spec::V21));
    assert_eq!(both.version, 1_577_836_800_123_456);
    assert_eq!(both.version_text, "2020-01-01T00:00:00.1234567Z");
    assert_eq!(of(r#","created":"2020-01-01T00:00:00Z""#).version, 1_577_836_800_000_000);
    let neither = of("");
    assert_eq!((neither.version, neither.version_text.as_str()), (0, "1970-01-01T00:00:00.000000Z"));
    let observable = r#"{"type":"ipv4-addr","id":"ipv4-addr--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}"#;
    assert_eq!(all(observable.as_bytes()).unwrap()[0].spec, Spec::V21);
}

#[test]
fn refusals_say_what_and_where() {
    let good = indicator("");
    for (text, word, index) in [
        ("nonsense".to_owned(), "json", 0),
        ("3".to_owned(), "not_an_object", 0),
        ("[3]".to_owned(), "not_an_object", 0),
        (format!("[{good},\"x\"]"), "not_an_object", 1),
        (format!("[{good},{good}"), "truncated", 2),
        (format!("[{good},"), "truncated", 1),
        (format!("[{good},]"), "json", 1),
        (good[..good.len() - 3].to_owned(), "truncated", 0),
        (indicator(r#","x":NaN"#), "json", 0),
        (indicator(r#","x":1e999"#), "json", 0),
        (indicator(r#","x":"\ud800""#), "json", 0),
        (indicator(r#","x":{"y":1,"y":2}"#), "duplicate_key", 0),
        (indicator(r#","type":"indicator""#), "duplicate_key", 0),
        (indicator(r#","\u0074ype":"indicator""#), "duplicate_key", 0),
        (format!(r#"{{"objects":[{good}],"objects":[]}}"#), "duplicate_key", 1),
        (indicator(&format!(r#","x":{}{}"#, "[".repeat(70), "]".repeat(70))), "too_deep", 0),
        (format!("[{{\"x\":{}", "[".repeat(100_000)), "truncated", 0),
        (format!("{{\"x\":{}", "{\"x\":".repeat(100_000)), "truncated", 0),
        (r#"{"id":"x"}"#.to_owned(), "missing", 0),
        (r#"{"type":"indicator"}"#.to_owned(), "missing", 0),
        (r#"{"type":7}"#.to_owned(), "missing", 0),
        (r#"{"type":"indicator","id":null}"#.to_owned(), "missing", 0),
        (good.replace("8e2e", "zzzz"), "bad_id", 0),
        (good.replace("\"indicator\"", "\"malware\""), "bad_id", 0),
        (good.replace("2.1", "3.0"), "bad_spec_version", 0),
        (indicator(r#","created":"yesterday""#), "bad_time", 0),
        (indicator(r#","modified":5"#), "missing", 0),
        (r#"[{"type":"bundle","objects":[]}]"#.to_owned(), "nested_bundle", 0),
        (format!(r#"{{"objects":[{good}],"type":"report"}}"#), "not_a_bundle", 1),
        (r#"{"type":"bundle","objects":{}}"#.to_owned(), "not_a_bundle", 0),
        (r#"{"type":"bundle","objects":7}"#.to_owned(), "not_an_object", 0),
    ] {
        let error = refused(&text);
        assert_eq!((error.word(), error.index), (word, index), "{error}: {:.200}", text);
        assert!(error.at <= text.len() as u64);
    }
    let bad = [b"[{\"x\":\"", &[0xff, 0xfe][..], b"\"}]"].concat();
    assert_eq!(all(&bad).unwrap_err().word(), "utf8");
    let single = [b"{\"x\":\"", &[0xff, 0xfe][..], b"\"}"].concat();
    assert_eq!(all(&single).unwrap_err().word(), "utf8");
    let at = indicator(r#","x":{"y":1,"y":2}"#);
    let text = format!("[{good},\n{at}]");
    let place = usize::try_from(refused(&text).at).unwrap();
    assert!(text[..place].ends_with(r#""y":1,"y""#), "{}", &text[..place]);
}

#[test]
fn limits_hold() {
    let good = indicator("");
    let bytes = good.len() as u64;
    let limits = Limits { object_bytes: bytes, depth: 64, objects: 2 };
    let list = |n: usize| format!("[{}]", vec![good.clone(); n].join(","));
    assert_eq!(with(list(2).as_bytes(), &limits).unwrap().len(), 2);
    assert_eq!(with(list(3).as_bytes(), &limits).unwrap_err().word(), "too_many");
    assert_eq!(with(good.as_bytes(), &limits).unwrap().len(), 1);
    let longer = indicator(r#","x":"""#);
    assert_eq!(with(format!("[{longer}]").as_bytes(), &limits).unwrap_err().word(), "too_long");
    assert_eq!(with(longer.as_bytes(), &limits).unwrap_err().word(), "too_long");
}

/// Never ends.
struct Endless<'a>(&'a [u8], usize);

impl std::io::Read for Endless<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        for byte in &mut *into {
            *byte = self.0[self.1 % self.0.len()];
            self.1 += 1;
        }
        Ok(into.len())
    }
}

#[test]
fn what_never_ends_is_cut_off() {
    let limits = Limits { object_bytes: 100_000, ..Limits::default() };
    for text in ["[", "[1,", "{\"a\":[", "[{\"a\":\"aaaaaaaa", "[ ", "{\"type\":\"bundle\",\"x\":\"y"] {
        let input = BufReader::new(Endless(text.as_bytes(), 0));
        let error = read(input, &limits, |_| Ok::<(), Error>(())).unwrap_err();
        assert!(matches!(error.word(), "too_long" | "not_an_object" | "json"), "{text}: {error}");
    }
}

#[test]
fn whoever_takes_the_objects_can_stop() {
    #[derive(Debug)]
    struct Full;
    impl From<Error> for Full {
        fn from(_: Error) -> Full {
            panic!("was no fault of the input")
        }
    }
    let text = format!("[{},{}]", indicator(""), indicator(""));
    let mut n = 0;
    let stopped = read(text.as_bytes(), &Limits::default(), |_| {
        n += 1;
        Err::<(), Full>(Full)
    });
    assert!(stopped.is_err() && n == 1);
}

/// Any JSON, as text with white space of its own.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap_or_default()),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|l| format!("[ {} ]", l.join(" ,\n"))),
            prop::collection::vec(inner, 0..6).prop_map(|l| {
                let pairs: Vec<String> =
                    l.iter().enumerate().map(|(n, v)| format!("\"k{n}\" :\t{v}")).collect();
                format!("{{{}}}", pairs.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn every_object_is_kept_to_the_letter(values in prop::collection::vec(json(), 1..5), form in 0..4) {
        let objects: Vec<String> = values.iter().map(|v| indicator(&format!(",\"x_custom\" : {v}"))).collect();
        let text = match form {
            0 => format!("{{\"objects\":[{}],\"type\":\"bundle\"}}", objects.join(", ")),
            1 => format!("[{}]", objects.join("\n,")),
            2 => objects.join("\n"),
            _ => format!("{{\"x\":{},\"objects\":[{}]}}", values[0], objects.join(",")),
        };
        let got = all(text.as_bytes()).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let texts: Vec<&str> = got.iter().map(Object::text).collect();
        prop_assert_eq!(texts, objects);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = all(&bytes);
    }

    #[test]
    fn broken_bundles_never_panic(cut in 0usize..400, put: u8, at in 0usize..400) {
        let mut bytes = format!(r#"{{"type":"bundle","objects":[{},{}]}}"#, indicator(""), indicator(",\"x\":[1]"))
            .into_bytes();
        let at = at % bytes.len();
        bytes[at] = put;
        bytes.truncate(cut);
        let _ = all(&bytes);
    }
}

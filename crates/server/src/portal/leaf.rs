//! Long lists, one leaf at a time: by plain links, so that they work without script and no page grows with the council.

use noroshi_council::Micros;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Which part of a list is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    at: usize,
    of: usize,
    all: usize,
    size: usize,
}

impl Leaf {
    /// The leaf that was asked for, of a list of `all` in leaves of `size`. Whoever asks for one that is not there (any
    /// more) gets the nearest.
    #[must_use]
    pub fn new(all: usize, size: usize, wanted: Option<usize>) -> Leaf {
        let of = all.div_ceil(size).max(1);
        Leaf { at: wanted.unwrap_or(1).clamp(1, of), of, all, size }
    }

    /// What is on it.
    #[must_use]
    pub fn cut<T>(self, list: &[T]) -> &[T] {
        let first = ((self.at - 1) * self.size).min(list.len());
        &list[first..(first + self.size).min(list.len())]
    }

    /// How many stand before it.
    #[must_use]
    pub fn first(self) -> usize {
        (self.at - 1) * self.size
    }

    /// The number of the leaf after this one.
    #[must_use]
    pub fn next(self) -> Option<usize> {
        (self.at < self.of).then_some(self.at + 1)
    }

    /// For the page: where it stands, and links to the leaves beside it, which go to `path`, name the leaf in `name` and
    /// carry everything in `keep`.
    #[must_use]
    pub fn json(self, path: &str, name: &str, keep: &[(&str, &str)]) -> Value {
        let mut kept = String::new();
        for (field, value) in keep.iter().filter(|(_, value)| !value.is_empty()) {
            kept.push_str(&format!("{field}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
        let link = |at: usize| format!("{path}?{kept}{name}={at}");
        let first = (self.at - 1) * self.size;
        json!({
            "at": self.at, "of": self.of, "all": self.all, "first": (first + 1).min(self.all),
            "last": (first + self.size).min(self.all),
            "before": (self.at > 1).then(|| link(self.at - 1)), "after": self.next().map(link),
        })
    }
}

/// Which part of a list whose length nobody counts is asked for.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Part {
    /// What is older than this moment; the newest where nothing is said.
    #[serde(default)]
    pub before: Option<Micros>,
}

/// For the page of a list whose length nobody counts: the way on to what is older than `rest`, which goes to `path` and
/// names that moment in `name`, and back to the newest from a page that is older than `before`.
#[must_use]
pub fn older(path: &str, name: &str, before: Option<Micros>, rest: Option<Micros>) -> Value {
    json!({"newest": before.map(|_| path), "older": rest.map(|at| format!("{path}?{name}={at}"))})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_leaves_that_lead_to_each_other() {
        let list: Vec<usize> = (0..250).collect();
        let middle = Leaf::new(list.len(), 100, Some(2));
        assert_eq!(middle.cut(&list), (100..200).collect::<Vec<_>>());
        let shown = middle.json("/members", "page", &[("q", "電力 & co"), ("sector", "")]);
        assert_eq!((&shown["first"], &shown["last"], &shown["of"]), (&json!(101), &json!(200), &json!(3)));
        assert_eq!(shown["before"], "/members?q=%E9%9B%BB%E5%8A%9B%20%26%20co&page=1");
        assert_eq!(shown["after"], "/members?q=%E9%9B%BB%E5%8A%9B%20%26%20co&page=3");
        let last = Leaf::new(list.len(), 100, Some(99));
        assert_eq!((last.cut(&list).len(), last.next()), (50, None));
        assert_eq!(last.json("/", "page", &[])["after"], Value::Null);
    }

    #[test]
    fn an_empty_list_has_one_empty_leaf() {
        let leaf = Leaf::new(0, 100, Some(0));
        assert_eq!(leaf.cut::<u8>(&[]), &[] as &[u8]);
        let shown = leaf.json("/", "page", &[]);
        assert_eq!((&shown["first"], &shown["last"], &shown["of"]), (&json!(0), &json!(0), &json!(1)));
    }
}

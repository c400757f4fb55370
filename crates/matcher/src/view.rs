//! The plain view of a text: half-width, without invisible characters, refanged; and where each byte came from.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// A text made plain, with the way back.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// The plain text.
    pub text: String,
    /// For each byte of it: where the piece it came from starts in the source, and where that ends.
    from: Vec<(usize, usize)>,
    /// For each byte of it: whether it stands for something defanged.
    fanged: Vec<bool>,
}

impl View {
    /// The view of a text.
    pub(crate) fn new(source: &str) -> Self {
        refang(&fold(source))
    }

    fn push(&mut self, piece: &str, from: (usize, usize), fanged: bool) {
        self.text.push_str(piece);
        self.from.resize(self.text.len(), from);
        self.fanged.resize(self.text.len(), fanged);
    }

    /// Where in the source a stretch of the view came from.
    pub(crate) fn source(&self, at: Range<usize>) -> Range<usize> {
        match (self.from.get(at.start), at.end.checked_sub(1).and_then(|last| self.from.get(last))) {
            (Some(first), Some(last)) if !at.is_empty() => first.0..last.1,
            _ => 0..0,
        }
    }

    /// Whether anything in a stretch of the view was defanged.
    pub(crate) fn fanged(&self, at: Range<usize>) -> bool {
        self.fanged.get(at).is_some_and(|f| f.contains(&true))
    }

    /// The character before a place.
    pub(crate) fn before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    /// The character at a place.
    pub(crate) fn after(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// Up to so many bytes before a place.
    pub(crate) fn context_before(&self, at: usize, bytes: usize) -> &str {
        let mut start = at.saturating_sub(bytes);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        self.text.get(start..at).unwrap_or_default()
    }

    /// Up to so many bytes after a place.
    pub(crate) fn context_after(&self, at: usize, bytes: usize) -> &str {
        let mut end = self.text.len().min(at.saturating_add(bytes));
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.get(at..end).unwrap_or_default()
    }
}

/// Characters that show nothing, and are put into words so that they are not found.
const fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Full-width signs that end a word in Japanese text, where their half-width twins may belong to it.
const fn kept(c: char) -> bool {
    matches!(
        c,
        '（' | '）'
            | '［'
            | '］'
            | '｛'
            | '｝'
            | '＜'
            | '＞'
            | '，'
            | '；'
            | '！'
            | '｜'
            | '＂'
            | '＇'
            | '｀'
            | '…'
            | '‥'
    )
}

/// Full-width and mathematical letters and digits, which only look different. Others, ① or ², are signs beside a word.
const fn only_looks(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ffee}' | '\u{1d400}'..='\u{1d7ff}')
}

fn fold(source: &str) -> View {
    let mut view = View::default();
    let mut rest = source.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let mut end = start + c.len_utf8();
        if c.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
            view.push(c.encode_utf8(&mut [0; 4]), (start, end), false);
            continue;
        }
        while let Some((at, mark)) = rest.next_if(|&(_, next)| {
            canonical_combining_class(next) != 0 || matches!(next, '\u{ff9e}' | '\u{ff9f}')
        }) {
            end = at + mark.len_utf8();
        }
        let piece = &source[start..end];
        match c {
            _ if invisible(c) => {}
            _ if kept(c) => view.push(piece, (start, end), false),
            '¥' | '￥' => view.push("\\", (start, end), false),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => view.push("-", (start, end), false),
            _ => {
                let plain: String = piece.nfkc().collect();
                if only_looks(c) || c.is_ascii() || !plain.contains(|p: char| p.is_ascii_alphanumeric()) {
                    view.push(&plain, (start, end), false);
                } else {
                    view.push(piece, (start, end), false);
                }
            }
        }
    }
    view
}

/// How people defang. Each group says what it stands for.
static FANGS: LazyLock<Regex> = LazyLock::new(|| {
    const OPEN: &str = r"[\[({<「『【〔〈《［（｛＜]";
    const CLOSE: &str = r"[\])}>」』】〕〉》］）｝＞]";
    crate::pattern(&format!(
        "(?<dot>[ \\t]?{OPEN} ?(?i:\\.|。|・|dot|点|ドット|punto|punkt|point) ?{CLOSE}[ \\t]?|[\\[{{]\\.|\\.[\\]}}]|\
         [\\]}}]\\.[\\[{{]?|\\.[\\[{{]|[ ]DOT[ ])|\
         (?<at>[ \\t]?{OPEN} ?(?i:@|at|アット|アットマーク|arroba) ?{CLOSE}[ \\t]?|[★☆●◆])|\
         (?<slashes>{OPEN}://{CLOSE}|:{OPEN}//{CLOSE}|{OPEN}:{CLOSE}//)|\
         (?<colon>{OPEN}:{CLOSE})|(?<dash>{OPEN}-{CLOSE})|(?<slash>{OPEN}/{CLOSE})"
    ))
});

fn refang(folded: &View) -> View {
    let mut view = View::default();
    let mut done = 0;
    for found in FANGS.captures_iter(&folded.text) {
        let Some(whole) = found.get(0) else { continue };
        let plain = ["dot", "at", "slashes", "colon", "dash", "slash"]
            .into_iter()
            .zip([".", "@", "://", ":", "-", "/"])
            .find_map(|(group, plain)| found.name(group).map(|_| plain))
            .unwrap_or_default();
        copy(folded, done..whole.start(), &mut view);
        let left = view.text.chars().next_back();
        let right = folded.after(whole.end());
        // A dot, an at or a dash stands between two parts of one word.
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let stands = match plain {
            "://" => left.is_some_and(char::is_alphanumeric),
            ":" => [left, right]
                .iter()
                .all(|c| c.is_some_and(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '['))),
            "/" => inside(left),
            _ if whole.as_str().starts_with(['★', '☆', '●', '◆']) => {
                [left, right].iter().all(|c| c.is_some_and(|c| c.is_ascii_alphanumeric()))
            }
            _ => inside(left) && inside(right),
        };
        if stands {
            let from = folded.source(whole.range());
            view.push(plain, (from.start, from.end), true);
        } else {
            copy(folded, whole.range(), &mut view);
        }
        done = whole.end();
    }
    copy(folded, done..folded.text.len(), &mut view);
    view
}

fn copy(folded: &View, at: Range<usize>, into: &mut View) {
    into.text.push_str(&folded.text[at.clone()]);
    into.from.extend_from_slice(&folded.from[at.clone()]);
    into.fanged.resize(into.text.len(), false);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        View::new(text).text
    }

    #[test]
    fn looks_are_folded() {
        assert_eq!(plain("２０３．０．１１３．６"), "203.0.113.6");
        assert_eq!(plain("ｅｖｉｌ＠ｓａｍｐｌｅ．ｅｘａｍｐｌｅ"), "evil@sample.example");
        assert_eq!(plain("ev\u{200b}il\u{202e}"), "evil");
        assert_eq!(plain("ｶﾞｽ会社"), "ガス会社");
        assert_eq!(plain("C:¥Windows￥x"), "C:\\Windows\\x");
    }

    #[test]
    fn signs_beside_a_word_stay_out_of_it() {
        assert_eq!(plain("①192.0.2.1²"), "①192.0.2.1²");
        assert_eq!(plain("（http://a.example/，b）"), "（http://a.example/，b）");
    }

    #[test]
    fn fangs_are_drawn() {
        for text in [
            "evil[.]example",
            "evil(.)example",
            "evil{.}example",
            "evil［．］example",
            "evil「.」example",
            "evil[dot]example",
            "evil (DOT) example",
            "evil[ドット]example",
            "evil[.example",
            "evil.]example",
            "evil].[example",
            "evil DOT example",
        ] {
            assert_eq!(plain(text), "evil.example", "{text}");
        }
        assert_eq!(
            plain("a[at]b[.]example a★b.example a（＠）b.example"),
            "a@b.example a@b.example a@b.example"
        );
        assert_eq!(plain("hxxp[://]a hxxp[:]//a 2001[:]db8[:][:]1"), "hxxp://a hxxp://a 2001:db8::1");
    }

    #[test]
    fn brackets_of_prose_stay() {
        for text in ["See [3]. Next", "end. [note]", "(see at) once", "[a], [b].", "「点」を付ける"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn the_way_back_is_kept() {
        let source = "先は evil［．］ｅxample へ";
        let view = View::new(source);
        let at = view.text.find("evil.example").expect("found");
        let from = view.source(at..at + "evil.example".len());
        assert_eq!(&source[from], "evil［．］ｅxample");
        assert!(view.fanged(at..at + 6) && !view.fanged(at..at + 4));
    }
}

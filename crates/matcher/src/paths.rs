//! Files, folders and registry keys.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::{Kind, numbers::Hit, pattern, view::View};

/// Endings of files that carry something: programs, scripts, documents with macros, archives, images.
const CARRIERS: &str = "exe|dll|scr|sys|ocx|cpl|docm|docx|doc|dotm|xlsm|xlsx|xls|xlsb|xlam|xll|pptm|pptx|ppt|ppam|rtf|pdf|\
     lnk|url|jse|js|vbs|vbe|wsf|wsh|hta|ps1|psm1|bat|cmd|com|jar|msi|msix|iso|img|vhdx|vhd|zip|rar|7z|gz|tgz|tar|cab|\
     chm|one|apk|dmg|pkg|elf|bin|dat|php|jsp|jspx|asp|aspx|ashx|cgi|wnry|tmp";

/// Endings that only tell of a file where somebody puts the name in quotation marks.
const OTHERS: &str =
    "txt|html|htm|png|jpg|jpeg|gif|csv|json|xml|md|sh|py|pl|rs|so|log|ini|conf|cfg|eml|msg|key|pem";

/// Programs of the system itself: in every log, and in nobody's list of what to look for.
const SYSTEM: [&str; 16] = [
    "cmd.exe",
    "powershell.exe",
    "rundll32.exe",
    "regsvr32.exe",
    "wscript.exe",
    "cscript.exe",
    "mshta.exe",
    "svchost.exe",
    "explorer.exe",
    "lsass.exe",
    "services.exe",
    "kernel32.dll",
    "ntdll.dll",
    "user32.dll",
    "winword.exe",
    "excel.exe",
];

/// Whether an ending, in lower case, is one that files have.
pub(crate) fn is_extension(ending: &str) -> bool {
    CARRIERS.split('|').chain(OTHERS.split('|')).any(|known| known == ending)
}

fn carrier(ending: &str) -> bool {
    CARRIERS.split('|').any(|known| known == ending)
}

fn part_of_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

const fn japanese(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fc}' | '々' | '〆' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

const fn hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}')
}

static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)[「『"“'‘`]([^「」『』"“”'‘’`\n\r\t\\/:*?<>|]+\.({CARRIERS}|{OTHERS}))[」』"”'’`]"#
    ))
});
static ENDING: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)\.({CARRIERS})")));

/// Names of files.
pub(crate) fn files(source: &str, view: &View) -> Vec<Hit> {
    let mut hits: Vec<Hit> = QUOTED
        .captures_iter(&view.text)
        .filter_map(|found| {
            let at = found.get(1)?.range();
            // Defanged, the ending is a top-level name: `evil[.]sh`.
            let file = !view.fanged(at.clone()) || carrier(&found[2].to_ascii_lowercase());
            file.then(|| Hit { is: Some((Kind::Filename, as_written(source, view, &at))), at })
        })
        .collect();
    let mut free = 0;
    for found in ENDING.find_iter(&view.text) {
        let end = found.end();
        let mut next = view.text[end..].chars();
        let goes_on = match next.next() {
            Some('.') => part_of_word(next.next()),
            Some('@' | '\\' | '/') => true,
            c => part_of_word(c),
        };
        if goes_on {
            continue;
        }
        let at = name_start(view, free, found.start())..end;
        free = end;
        if at.start == found.start() || at.start > 0 && view.text[..at.start].ends_with(['/', '\\', '@']) {
            continue;
        }
        let name = &view.text[at.clone()];
        let known = SYSTEM.contains(&name.to_ascii_lowercase().as_str());
        // `.com` ends programs too, but a word with it is a domain; `.zip` ends domains too, but rarely.
        let domain = found.as_str().eq_ignore_ascii_case(".com")
            || (found.as_str().eq_ignore_ascii_case(".zip")
                && (view.fanged(at.clone()) || crate::hosts::domain(name, false).is_some()));
        if !domain {
            hits.push(Hit { is: (!known).then(|| (Kind::Filename, as_written(source, view, &at))), at });
        }
    }
    hits
}

/// Where the name that ends in a dot begins. Japanese sentences have no spaces: the name begins after the last particle.
fn name_start(view: &View, free: usize, dot: usize) -> usize {
    let mut start = dot;
    let mut written_in_japanese = false;
    for c in view.text[free..dot].chars().rev().take(120) {
        let fits = c.is_ascii_alphanumeric()
            || matches!(c, '_' | '-' | '.' | '@' | '~' | '%' | '+' | '$' | '#' | '&');
        if !(fits || japanese(c)) {
            break;
        }
        written_in_japanese |= japanese(c);
        start -= c.len_utf8();
    }
    let name = &view.text[start..dot];
    if written_in_japanese {
        let particle = name.char_indices().rev().find(|&(at, c)| {
            matches!(c, 'の' | 'を' | 'は' | 'が' | 'と' | 'に' | 'で' | 'へ' | 'も')
                && name[at + c.len_utf8()..].chars().next().is_none_or(|next| !hiragana(next) || next == 'お')
                && at > 0
        });
        if let Some((at, c)) = particle {
            start += at + c.len_utf8();
        }
    }
    let name = &view.text[start..dot];
    start + (name.len() - name.trim_start_matches(['.', '-', '+', '&', '%']).len())
}

/// A file's name as it was written, unless it was written to be read only: full-width, defanged, with hidden signs.
fn as_written(source: &str, view: &View, at: &Range<usize>) -> String {
    let written = source.get(view.source(at.clone())).unwrap_or_default();
    let plain = &view.text[at.clone()];
    let hidden = written.chars().count() != plain.chars().count() || view.fanged(at.clone());
    let ending = plain.rsplit('.').next().unwrap_or_default();
    if hidden || !written.ends_with(ending) || written.contains(['¥', '￥']) {
        plain.to_owned()
    } else {
        written.to_owned()
    }
}

static WINDOWS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:[A-Za-z]:|%[A-Za-z_()0-9]{2,40}%|\$(?i:env):[A-Za-z]{2,40})\\{1,2}"));
static UNIX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"/(?:tmp|etc|var|usr|home|opt|root|dev|bin|sbin|lib|proc|private|Library|Users|Applications|mnt|srv|run|sys)(?:/[A-Za-z0-9._@+~%-]+)+",
    )
});

/// Full paths, of Windows and of Unix.
pub(crate) fn paths(source: &str, view: &View) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut from = 0;
    while let Some(found) = WINDOWS.find_at(&view.text, from) {
        let end = windows_end(&view.text, found.end());
        from = end.max(found.end());
        if end > found.end() && !view.before(found.start()).is_some_and(|c| c.is_ascii_alphanumeric()) {
            let at = found.start()..end;
            let written = as_written(source, view, &at);
            let value = if written.contains("\\\\") { written.replace("\\\\", "\\") } else { written };
            hits.push(Hit { at, is: Some((Kind::Filepath, value)) });
        }
    }
    for found in UNIX.find_iter(&view.text) {
        let free = !view
            .before(found.start())
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '~' | '-' | '%'));
        let value = found.as_str().trim_end_matches(['.', '-']);
        if free {
            let at = found.start()..found.start() + value.len();
            hits.push(Hit { at, is: Some((Kind::Filepath, value.to_owned())) });
        }
    }
    hits
}

/// Where a Windows path ends, whose segments begin at `from`.
fn windows_end(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let segment = segment(&text[at..]);
        let next = at + segment.len();
        let inner =
            text[next..].starts_with('\\') && !segment.is_empty() && spaces_fit(segment) && !ended(segment);
        if !inner {
            return at + last_segment(segment);
        }
        at = next + if text[next..].starts_with("\\\\") { 2 } else { 1 };
    }
}

/// What may be one segment: up to the next separator, or to a sign that no path has.
fn segment(text: &str) -> &str {
    let fits = |c: char| {
        c.is_ascii_alphanumeric()
            || japanese(c)
            || matches!(
                c,
                ' ' | '_'
                    | '-'
                    | '.'
                    | '@'
                    | '#'
                    | '$'
                    | '%'
                    | '&'
                    | '+'
                    | '('
                    | ')'
                    | '{'
                    | '}'
                    | '~'
                    | '!'
                    | '^'
                    | '='
            )
    };
    let end = text.char_indices().take(160).find(|&(_, c)| !fits(c)).map(|(at, _)| at);
    let end = end.unwrap_or_else(|| text.char_indices().nth(160).map_or(text.len(), |(at, _)| at));
    &text[..end]
}

/// `Program Files`, `Windows NT`: a word after a space begins with a capital, a digit or a bracket.
fn spaces_fit(segment: &str) -> bool {
    !segment.starts_with(' ')
        && segment
            .split(' ')
            .skip(1)
            .all(|word| word.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '('))
        && segment.split(' ').count() <= 6
}

/// Whether a file's name ends inside a segment, so that the rest is the sentence around it.
fn ended(segment: &str) -> bool {
    last_file(segment).is_some_and(|end| end < segment.len())
}

fn last_file(segment: &str) -> Option<usize> {
    segment.match_indices('.').find_map(|(dot, _)| {
        let rest = &segment[dot + 1..];
        let ending: &str = &rest[..rest.bytes().take_while(u8::is_ascii_alphanumeric).count()];
        let next = rest[ending.len()..].chars().next();
        let ends = match next {
            Some('.') => !part_of_word(rest[ending.len() + 1..].chars().next()),
            c => !part_of_word(c) && c != Some('-'),
        };
        (ends && is_extension(&ending.to_ascii_lowercase())).then_some(dot + 1 + ending.len())
    })
}

/// How much of the last segment belongs to the path.
fn last_segment(segment: &str) -> usize {
    if let Some(end) = last_file(segment)
        && spaces_fit(&segment[..end])
    {
        return end;
    }
    let plain = segment.find(|c: char| c == ' ' || japanese(c)).unwrap_or(segment.len());
    if plain > 0 {
        return segment[..plain].trim_end_matches(['.', ')', '!', '=', '-']).len();
    }
    segment.find(|c: char| !japanese(c) || hiragana(c)).unwrap_or(segment.len())
}

static HIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)(HKEY_LOCAL_MACHINE|HKEY_CURRENT_USER|HKEY_CLASSES_ROOT|HKEY_USERS|HKEY_CURRENT_CONFIG|HKLM|HKCU|HKCR|HKU|HKCC):?(\\{1,2})",
    )
});

/// Keys of the registry, under the full name of their hive.
pub(crate) fn registry(view: &View) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut from = 0;
    while let Some(found) = HIVE.captures_at(&view.text, from) {
        let (Some(whole), Some(hive), Some(_)) = (found.get(0), found.get(1), found.get(2)) else { break };
        let end = key_end(&view.text, whole.end());
        from = end.max(whole.end());
        if end == whole.end() {
            continue;
        }
        let full = match hive.as_str().to_ascii_uppercase().as_str() {
            "HKLM" => "HKEY_LOCAL_MACHINE".to_owned(),
            "HKCU" => "HKEY_CURRENT_USER".to_owned(),
            "HKCR" => "HKEY_CLASSES_ROOT".to_owned(),
            "HKU" => "HKEY_USERS".to_owned(),
            "HKCC" => "HKEY_CURRENT_CONFIG".to_owned(),
            full => full.to_owned(),
        };
        let key = view.text[whole.end()..end].replace("\\\\", "\\");
        hits.push(Hit { at: whole.start()..end, is: Some((Kind::Registry, format!("{full}\\{key}"))) });
    }
    hits
}

fn key_end(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let fits = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, ' ' | '_' | '-' | '.' | '{' | '}' | '*' | '(' | ')' | '#' | '&' | '@' | '+')
        };
        let segment = &rest[..rest.bytes().take(160).take_while(|b| fits(char::from(*b))).count()];
        let next = at + segment.len();
        let inner = text[next..].starts_with('\\')
            && !segment.is_empty()
            && spaces_fit(segment)
            && !segment.contains(" HK");
        if !inner {
            let plain = segment.split(' ').next().unwrap_or_default().trim_end_matches(['.', ')', '-']);
            return at + plain.len();
        }
        at = next + if text[next..].starts_with("\\\\") { 2 } else { 1 };
    }
}

//! Indicators in a text: which rules read it, in which order, and what each place is told as.

use std::{collections::BTreeSet, net::IpAddr, sync::LazyLock};

use regex::Regex;

use crate::{Indicator, Kind, hosts, numbers, numbers::Hit, paths, pattern, view::View};

/// Finds the indicators of a text: defanged or not, English or Japanese, half-width or full-width. Each value is told
/// once, where it stands first. Left out is what would only do harm to look for: private addresses and internal names,
/// hashes of the empty file, version numbers, programs of the system.
#[must_use]
pub fn recognise(text: &str) -> Vec<Indicator> {
    let view = View::new(text);
    // A longer thing goes before what could be read into it: a URL before its host, a path before its file.
    let passes: [&dyn Fn() -> Vec<Hit>; 12] = [
        &|| user_agents(&view),
        &|| urls(&view),
        &|| emails(&view),
        &|| paths::registry(&view),
        &|| paths::paths(text, &view),
        &|| numbers::hashes(&view),
        &|| numbers::coins(&view),
        &|| numbers::numbered(&view),
        &|| paths::files(text, &view),
        &|| domains(&view),
        &|| numbers::ipv6(&view),
        &|| numbers::ipv4(&view),
    ];
    let mut taken = vec![false; view.text.len()];
    let mut found = Vec::new();
    for pass in passes {
        for Hit { at, is } in pass() {
            let Some(place) = taken.get_mut(at.clone()) else { continue };
            if place.contains(&true) {
                continue;
            }
            place.fill(true);
            if let Some((kind, value)) = is {
                let from = view.source(at);
                found.push(Indicator { kind, value, start: from.start, end: from.end });
            }
        }
    }
    found.sort_by_key(|i| i.start);
    let mut told = BTreeSet::new();
    found.retain(|i| told.insert((i.kind, i.value.clone())));
    found
}

static AGENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i:user[-_ ]?agent|ユーザー?エージェント)["'」]?\s?[:=は]\s?["'「]?([A-Za-z0-9][!#-&(-~ ]+)|(Mozilla/[0-9]\.[0-9] \([!-(*-~ ]+\)[!#-&(-~ ]*)"#,
    )
});

fn user_agents(view: &View) -> Vec<Hit> {
    let agent = |found: regex::Captures<'_>| {
        let name = found.get(1).or_else(|| found.get(2))?;
        let value = name.as_str().trim_end_matches([' ', ',', '.', '|', '`']);
        // "the user agent is unknown": a name has a version, or stands for a tool in one word.
        let real = value.contains('/') || !value.contains(' ');
        Some(Hit {
            at: name.start()..name.start() + value.len(),
            is: Some((Kind::UserAgent, value.to_owned())),
        })
        .filter(|_| real)
    };
    AGENT.captures_iter(&view.text).filter_map(agent).collect()
}

static URL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(h(?:tt|xx|tx|xt|\*\*)ps?|xxxxs?|ttps?|f[tx]ps?|sftp|wss?|ldaps?|rmi)[\])]?[ ]?:[ ]?/{2,3}[ ]?([A-Za-z0-9._~%!$&'*+;=:-]+@)?(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9À-ɏͰ-ӿぁ-ゖァ-ヺー々㐀-䶿一-鿿가-힣_.-]+)(:[0-9]{1,5})?([/?#][!#-;=?-\[\]_a-z~]*)?",
    )
});
static NEXT_URL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)[,;]h(?:tt|xx)ps?://"));

fn urls(view: &View) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut from = 0;
    while let Some(found) = URL.captures_at(&view.text, from) {
        let (Some(whole), Some(scheme), Some(host)) = (found.get(0), found.get(1), found.get(3)) else {
            break;
        };
        from = whole.end();
        let scheme = scheme_of(scheme.as_str());
        let inside_word = view.before(whole.start()).is_some_and(|c| c.is_ascii_alphanumeric());
        if inside_word && !scheme.starts_with("http") {
            continue;
        }
        let (name, cut) = host_of(host.as_str());
        let mut end = host.start() + name.len();
        let mut tail = "";
        if cut {
            from = end.max(whole.start() + 1);
        } else if let Some(port) = found.get(4) {
            end = port.end();
        }
        if let (false, Some(rest)) = (cut, found.get(5)) {
            let one =
                NEXT_URL.find(rest.as_str()).map_or(rest.as_str(), |next| &rest.as_str()[..next.start()]);
            tail = without_sentence(one);
            end = rest.start() + tail.len();
            from = end.max(whole.start() + 1);
        }
        let at = whole.start()..end;
        let port = found.get(4).filter(|_| !cut).map_or("", |p| p.as_str());
        let user = found.get(2).map_or("", |u| u.as_str());
        match outside(name) {
            Some(true) => {
                let value = format!("{scheme}://{user}{}{port}{tail}", name.to_lowercase());
                hits.push(Hit { at, is: Some((Kind::Url, value)) });
            }
            Some(false) => hits.push(Hit { at, is: None }),
            None => {}
        }
    }
    hits
}

/// The scheme that is meant.
fn scheme_of(written: &str) -> &'static str {
    let written = written.to_ascii_lowercase();
    let secure = written.ends_with('s');
    match written.as_str() {
        "ftp" | "fxp" => "ftp",
        "ftps" | "fxps" => "ftps",
        "sftp" => "sftp",
        "ws" => "ws",
        "wss" => "wss",
        "ldap" => "ldap",
        "ldaps" => "ldaps",
        "rmi" => "rmi",
        _ if secure => "https",
        _ => "http",
    }
}

/// The host at the start of what could be one, and whether a Japanese sentence follows it directly.
fn host_of(word: &str) -> (&str, bool) {
    let trimmed = word.trim_end_matches(['.', '-']);
    if trimmed.starts_with('[') {
        return (trimmed, false);
    }
    let last = trimmed.rfind('.').map_or(0, |dot| dot + 1);
    match trimmed[last..].find(|c: char| !c.is_ascii()) {
        Some(at) if last > 0 => (&trimmed[..last + at], true),
        _ => (trimmed, trimmed.len() < word.len()),
    }
}

/// Whether the host of a URL is one of the outside world; nothing where it is no host at all.
fn outside(host: &str) -> Option<bool> {
    if let Some(v6) = host.strip_prefix('[') {
        let v6 = v6.trim_end_matches(']').split('%').next().unwrap_or_default();
        return v6.parse::<IpAddr>().ok().map(hosts::routable);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(hosts::routable(address));
    }
    if !host.contains('.') {
        return Some(false);
    }
    (hosts::well_formed(host) && hosts::top_level(host)).then(|| !hosts::internal(host))
}

/// A URL without what ends the sentence it stands in.
fn without_sentence(tail: &str) -> &str {
    let mut tail = tail;
    loop {
        let shorter = tail.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*']);
        let unbalanced = |open: char, close: char| {
            shorter.ends_with(close) && shorter.matches(close).count() > shorter.matches(open).count()
        };
        let shorter = if unbalanced('(', ')') || unbalanced('[', ']') {
            &shorter[..shorter.len() - 1]
        } else {
            shorter
        };
        if shorter.len() == tail.len() {
            return tail;
        }
        tail = shorter;
    }
}

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"([A-Za-z0-9_](?:[A-Za-z0-9._%+-]*[A-Za-z0-9_+-])?)@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)")
});

/// Mail addresses, also internal ones: the local part, the host, and where both stand in the view.
pub(crate) fn addresses(view: &View) -> impl Iterator<Item = (&str, &str, std::ops::Range<usize>)> {
    EMAIL.captures_iter(&view.text).filter_map(|found| {
        let (local, host) = (found.get(1)?, found.get(2)?);
        Some((local.as_str(), host.as_str(), local.start()..host.end()))
    })
}

fn emails(view: &View) -> Vec<Hit> {
    addresses(view)
        .filter_map(|(local, host, at)| {
            let fanged = view.fanged(at.clone());
            if hosts::internal(host) {
                return Some(Hit { at, is: None });
            }
            let host_at = at.end - host.len();
            let host = hosts::domain(host, fanged)?;
            let value = format!("{local}@{}", host.to_ascii_lowercase());
            Some(Hit { at: at.start..host_at + host.len(), is: Some((Kind::Email, value)) })
        })
        .collect()
}

static DOMAIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+"));

fn domains(view: &View) -> Vec<Hit> {
    let domain = |found: regex::Match<'_>| {
        let (start, text) = (found.start(), found.as_str().trim_end_matches(['-', '_']));
        let fanged = view.fanged(start..start + text.len());
        let host = hosts::domain(text, fanged)?;
        let end = start + host.len();
        let part_of_other = match view.before(start) {
            Some('@' | '.' | '-' | '\\' | '$') => true,
            Some('/') => !fanged && view.before(start - 1).is_some_and(|c| c.is_ascii_alphanumeric()),
            Some(c) => c.is_ascii_alphanumeric(),
            None => false,
        };
        let goes_on = match view.after(end) {
            Some('(' | '@') => !fanged,
            Some(c) => c.is_ascii_alphanumeric() || c == '_',
            None => false,
        };
        if part_of_other || goes_on {
            return None;
        }
        Some(Hit { at: start..end, is: Some((Kind::Domain, host.to_ascii_lowercase())) })
    };
    DOMAIN.find_iter(&view.text).filter_map(domain).collect()
}

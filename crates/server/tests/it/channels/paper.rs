//! What people wrote, text by text: whether a page shows all of it that its reader may read, and nothing else of it.

use std::collections::BTreeSet;

use noroshi_council::View;
use serde_json::Value;

/// What views say in words: texts that people wrote, and what indicators are.
pub fn written_in<'a>(views: impl IntoIterator<Item = &'a View>) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for view in views {
        gather(&view.body, "", &mut texts);
    }
    texts
}

fn gather(value: &Value, under: &str, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if under == "value" || !text.is_ascii() => drop(texts.insert(packed(text))),
        Value::Array(all) => all.iter().for_each(|value| gather(value, under, texts)),
        Value::Object(all) => all.iter().for_each(|(key, value)| gather(value, key, texts)),
        _ => {}
    }
}

/// A text as it is compared: without what a page may do to spaces and to what must not be clicked.
fn packed(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.replace("[.]", ".").replace("[:]", ":").replace("hxxp", "http")
}

/// What somebody reads on a page, and in its fields, as it is compared.
pub fn paper(html: &str) -> String {
    let (mut text, mut rest) = (String::new(), html);
    while let Some((before, after)) = rest.split_once('<') {
        text += before;
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        for field in ["value=\"", "placeholder=\"", "title=\""] {
            if let Some(said) = tag.split(field).nth(1).and_then(|said| said.split('"').next()) {
                text.push('\n');
                text += said;
                text.push('\n');
            }
        }
        rest = after;
    }
    text += rest;
    for (written, meant) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ] {
        text = text.replace(written, meant);
    }
    packed(&text)
}

/// What of `all` stands on this paper though none of `own` says it. A word of a few letters may stand there as a label.
pub fn too_much(paper: &str, own: &BTreeSet<String>, all: &BTreeSet<String>) -> BTreeSet<String> {
    let more = all.difference(own).filter(|text| text.chars().count() >= 6 && paper.contains(text.as_str()));
    more.filter(|text| !own.iter().any(|said| said.contains(text.as_str()))).cloned().collect()
}

/// What of one's own is not to be found on it.
pub fn too_little(paper: &str, own: &BTreeSet<String>) -> BTreeSet<String> {
    own.iter().filter(|text| !paper.contains(text.as_str())).cloned().collect()
}

#[test]
fn a_page_is_read_text_by_text() {
    let page = paper(
        "<p>駅の端末<b>1台</b>が &lt;止まった&gt;</p><input value=\"198[.]51[.]100[.]23\">\n<p>広がる 恐れ がある",
    );
    let own = |texts: &[&str]| texts.iter().map(|text| packed(text)).collect::<BTreeSet<_>>();
    let all = own(&["駅の端末1台が <止まった>", "198.51.100.23", "広がる恐れがある", "言っていない"]);
    assert_eq!(too_little(&page, &all), own(&["言っていない"]));
    assert_eq!(too_much(&page, &own(&["198.51.100.23"]), &all).len(), 2);
}

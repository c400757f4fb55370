//! What looks like a name: organisations, people, machines, numbers to call. Rather once too often than once too seldom;
//! a person decides what is masked.

use std::{collections::HashMap, net::IpAddr, ops::Range, sync::LazyLock};

use regex::{Regex, RegexBuilder};

use crate::{Finding, FindingKind, hosts, mask, pattern, recognise, view::View};

/// Finds what looks like a name that should be masked before the text leaves. The dictionary is the names that the
/// writer's own organisation goes by; they are found without the legal form too.
#[must_use]
pub fn findings(text: &str, dictionary: &[String]) -> Vec<Finding> {
    let view = View::new(text);
    let mut found: Vec<(FindingKind, Range<usize>)> = Vec::new();
    own_names(&view, dictionary, &mut found);
    for (_, host, at) in recognise::addresses(&view) {
        if !view.fanged(at.clone()) && (hosts::internal(host) || hosts::domain(host, false).is_some()) {
            found.push((FindingKind::Email, at));
        }
    }
    machines(&view, &mut found);
    organisations(&view, &mut found);
    people(&view, &mut found);
    let phones = PHONE.find_iter(&view.text).map(|m| m.range()).filter(|at| {
        let digits = view.text[at.clone()].bytes().filter(u8::is_ascii_digit).count();
        let inside = |c: Option<char>| {
            c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/'))
        };
        (10..=13).contains(&digits) && !inside(view.before(at.start)) && !inside(view.after(at.end))
    });
    found.extend(phones.map(|at| (FindingKind::Phone, at)));
    tickets(&view, &mut found);
    // Earlier rules are surer than later ones: what lies over something found already is left out.
    let mut taken = vec![false; view.text.len()];
    let mut kept: Vec<Finding> = found
        .into_iter()
        .filter_map(|(kind, at)| {
            let place = taken.get_mut(at.clone())?;
            if place.is_empty() || place.contains(&true) {
                return None;
            }
            place.fill(true);
            let from = view.source(at.clone());
            let value = view.text.get(at)?.trim().to_owned();
            if mask::is_pseudonym(&value) {
                return None;
            }
            Some(Finding { kind, value, start: from.start, end: from.end })
        })
        .collect();
    kept.sort_by_key(|f| f.start);
    kept
}

/// A name without its legal form: 株式会社青葉鉄道 and 青葉鉄道 are one.
pub(crate) fn bare(name: &str) -> String {
    let name = LEGAL_FORM.replace_all(name, "");
    name.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '「' | '」')).to_owned()
}

const FORMS: &str = "株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|一般社団法人|一般財団法人|公益社団法人|\
     公益財団法人|地方独立行政法人|独立行政法人|国立研究開発法人|国立大学法人|公立大学法人|学校法人|医療法人社団|医療法人財団|\
     医療法人|社会福祉法人|特定非営利活動法人|NPO法人|[(（](?:株|有|同|社|財|学|医|独)[)）]";
const LEGAL: &str = r"Co\.,? ?Ltd\.?|Ltd\.?|Inc\.?|Corp\.?|LLC|L\.L\.C\.|PLC|GmbH|K\.K\.|Limited|Corporation|Incorporated|Holdings|Company|Group";

static LEGAL_FORM: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?:{FORMS})|,?\s+(?:{LEGAL})$")));

fn own_names(view: &View, dictionary: &[String], found: &mut Vec<(FindingKind, Range<usize>)>) {
    let mut names: Vec<String> = dictionary
        .iter()
        .map(|name| View::new(name.trim()).text)
        .flat_map(|name| [bare(&name), name])
        .filter(|name| name.chars().count() >= 2)
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    for some in names.chunks(50) {
        let any = some.iter().map(|name| spaced(name)).collect::<Vec<_>>().join("|");
        // A name so long that it makes no pattern is no name.
        let Ok(any) = RegexBuilder::new(&any).case_insensitive(true).build() else { continue };
        for name in any.find_iter(&view.text) {
            let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let inside = |edge: Option<char>, beside: Option<char>| ascii(edge) && ascii(beside);
            let part = inside(name.as_str().chars().next(), view.before(name.start()))
                || inside(name.as_str().chars().next_back(), view.after(name.end()));
            if !part {
                found.push((FindingKind::Dictionary, with_form(&view.text, name.range())));
            }
        }
    }
}

static FORM_BEFORE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("(?:{FORMS})[ 　]?$")));
static FORM_AFTER: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"^((?:{FORMS})|,?[ 　]+(?:{LEGAL}))(?:$|[^A-Za-z])")));

/// A name that was found by its bare form, with the legal form beside it: what were left of it would be found again.
fn with_form(text: &str, at: Range<usize>) -> Range<usize> {
    // No form is longer.
    const LONGEST: usize = 12;
    let before =
        text[..at.start].char_indices().rev().take(LONGEST).last().map_or(at.start, |(from, _)| from);
    let start = FORM_BEFORE.find(&text[before..at.start]).map_or(at.start, |form| before + form.start());
    let after =
        FORM_AFTER.captures(&text[at.end..]).and_then(|form| form.get(1)).map_or(0, |form| form.end());
    start..at.end + after
}

/// A name as a pattern, with whatever space between its words.
fn spaced(name: &str) -> String {
    name.split_whitespace().map(regex::escape).collect::<Vec<_>>().join(r"\s+")
}

static V4: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?"));
static V6: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)f[cde][0-9a-f]{2}:[0-9a-f:]{2,40}(?:/[0-9]{1,3})?"));
static HOST: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+"));
static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u:\b)(?:(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{5,15}|(?:PC|SRV|SV|DC|FS|WS|NB|CL)[-_]?[0-9]{2,6}|[A-Z]{2,10}(?:PC|SRV|SV|DC)[-_]?[0-9]{1,5})(?-u:\b)",
    )
});
static SHARE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^\\A-Za-z0-9:%])\\\\([A-Za-z0-9][A-Za-z0-9._-]{1,62})\\"));
static PROFILE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:[A-Z]:\\{1,2}(?:Users|Documents and Settings)\\{1,2}|/home/|/Users/)([^\\/:*?<>|\s「」、。]{1,40})",
    )
});

/// Names that every machine has a folder of.
const NOBODY: [&str; 11] = [
    "public",
    "default",
    "all",
    "administrator",
    "admin",
    "user",
    "username",
    "guest",
    "shared",
    "%username%",
    "root",
];

fn machines(view: &View, found: &mut Vec<(FindingKind, Range<usize>)>) {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_'));
    let next_number = |at: usize| view.text[at..].chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    for m in V4.find_iter(&view.text) {
        let address = m.as_str().split('/').next().unwrap_or_default();
        let private = address.parse().is_ok_and(|v4| hosts::private(IpAddr::V4(v4)));
        let inside = word(view.before(m.start()))
            || view.before(m.start()) == Some('.')
            || word(view.after(m.end()))
            || (view.after(m.end()) == Some('.') && next_number(m.end()));
        if private && !inside {
            found.push((FindingKind::PrivateAddress, m.range()));
        }
    }
    for m in V6.find_iter(&view.text) {
        let address = m.as_str().split('/').next().unwrap_or_default();
        let before = view.before(m.start());
        let private = address.parse().is_ok_and(|v6| hosts::private(IpAddr::V6(v6)));
        if private && !word(before) && before != Some(':') {
            found.push((FindingKind::PrivateAddress, m.range()));
        }
    }
    for m in HOST.find_iter(&view.text) {
        if hosts::well_formed(m.as_str()) && hosts::top_level(m.as_str()) && hosts::internal(m.as_str()) {
            found.push((FindingKind::Host, m.range()));
        }
    }
    found.extend(MACHINE.find_iter(&view.text).map(|m| (FindingKind::Host, m.range())));
    for share in SHARE.captures_iter(&view.text).filter_map(|c| c.get(1)) {
        let public = share.as_str().parse().is_ok_and(hosts::routable);
        if !public {
            found.push((FindingKind::Host, share.range()));
        }
    }
    for user in PROFILE.captures_iter(&view.text).filter_map(|c| c.get(1)) {
        if !NOBODY.contains(&user.as_str().to_lowercase().as_str()) {
            found.push((FindingKind::Person, user.range()));
        }
    }
}

/// What a Japanese name is written with, apart from hiragana.
const SIGN: &str = r"[㐀-䶿一-鿿々ァ-ヺーA-Za-z0-9・&]";
const PLACE: &str = "(?:都庁|道庁|府庁|県庁|県警|府警|市役所|区役所|町役場|村役場|市立|県立|府立|都立|町立|村立|区立|市議会|\
     県議会|市長|町長|村長|区長|県知事|府知事|都知事|市教育委員会|県教育委員会|町教育委員会|市水道局|市交通局|市消防局|市上下水道局)";
const HOUSE: &str = "製作所|製鉄所|製薬|精機|重工業|病院|医院|クリニック|診療所|医療センター|大学院|大学|高等専門学校|高等学校|中学校|小学校|学園|銀行|信用金庫|\
     信用組合|信金|証券|生命保険|損害保険|生命|損保|火災|鉄道|電鉄|メトロ|電力|ガス|水道局|水道企業団|空港|航空|海運|港湾局|\
     放送|テレビ|新聞社|新聞|物流|運輸|運送|製薬|薬品|製鉄|製鋼|工業|商事|商店|建設|製作所|電機|電気|重工|自動車|食品|化学|\
     石油|研究所|機構|協会|農協|漁協|生協|警察署|消防署|消防本部|消防局|交通局|ホールディングス|グループ|カード|ホテル|百貨店";

static WITH_FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "(?:{FORMS})[ 　]?(?:{SIGN}{{1,30}}|\\p{{Hiragana}}{{2,8}}{SIGN}{{1,20}})|{SIGN}{{1,20}}(?:{FORMS})"
    ))
});
static WITH_HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "(?:{SIGN}{{1,20}}?(?:{PLACE}|{HOUSE}))+(?:{SIGN}{{0,6}}(?:支社|支店|本社|本店|工場|事業所|支部|附属{SIGN}{{1,8}}))?"
    ))
});
static TOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[㐀-䶿一-鿿々ヶケ]{2,8}"));
static ENGLISH_FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?-u:\b)[A-Z0-9][A-Za-z0-9&'.-]{{0,30}}(?: (?:of|and|&|[A-Z0-9][A-Za-z0-9&'.-]{{0,30}})){{0,5}},? (?:{LEGAL})(?:$|[^A-Za-z])"
    ))
});
static ENGLISH_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u:\b)(?:City|Town|Village|Prefecture|County|Port|University|Bank|Ministry|Government|Hospital|Institute|Municipality) of (?:the )?[A-Z][A-Za-z'-]{1,30}(?: [A-Z][A-Za-z'-]{1,30}){0,4}",
    )
});
static ENGLISH_HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u:\b)(?:[A-Z][A-Za-z'&-]{1,30} ){1,5}(?:Hospital|Bank|University|College|Railways?|Railroad|Metro|Electric Power|Power|Gas|Clinic|Medical Center|Medical Centre|Airport|Airlines?|Airways|City|Prefecture|Ministry|Agency|Insurance|Securities|Waterworks|Institute|Port Authority|Telecom|Pharmaceuticals?|Shipping|Logistics|Steel|Motors|Police)(?-u:\b)",
    )
});

/// What stands before a kind of house without naming one.
const ANY: &str = "当該|該当|同|各|他|某|一部|複数|多数|国内|海外|関係|全国|大手|中小|地方|民間|公立|私立|国立|総合|対象|被害|別|近隣|\
     地域|庁内|社内|院内|校内|学内|行内|館内|局内|構内|弊|当|本|両|全|都市|主要|特定|一般|政令|中核|当方|同様|重要|情報|通信|有機|無機|国際|重|軽|天然|都|再生|分|生|無|\
     新|元|自|外国|都道府県|電子|公共|医療|金融|交通|産業|官公庁|政府|共同|悪性|停|感電|デジタル|クレジット|デビット|キャッシュ|プリペイド|\
     攻撃|不審|リスト|ネット|スマート|アカウント|ハッカー|攻撃者|犯罪|脅威|ドメイン|ユーザー|ユーザ|サーバ|管理|セキュリティ";

static ONLY_ANY: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!("^(?:(?:{ANY})(?:の)?)*(?:{HOUSE}|市|町|村|県|府|都|区|{FORMS})?$")));
const TRIMMED: [&str; 14] =
    ["The", "A", "An", "At", "In", "From", "To", "By", "Our", "We", "For", "With", "When", "And"];

fn organisations(view: &View, found: &mut Vec<(FindingKind, Range<usize>)>) {
    let mut push = |at: Range<usize>| found.push((FindingKind::Organisation, at));
    for m in WITH_FORM.find_iter(&view.text) {
        let name = bare(m.as_str());
        let sentence = [
            "では",
            "には",
            "から",
            "まで",
            "として",
            "による",
            "への",
            "との",
            "とは",
            "です",
            "など",
            "より",
            "にも",
            "でも",
            "という",
            "について",
            "および",
            "または",
        ];
        if !name.is_empty() && !ONLY_ANY.is_match(&name) && !sentence.iter().any(|s| name.starts_with(s)) {
            push(m.range());
        }
    }
    for m in WITH_HOUSE.find_iter(&view.text) {
        if !ONLY_ANY.is_match(m.as_str()) {
            push(m.range());
        }
    }
    for m in TOWN.find_iter(&view.text) {
        let name = m.as_str();
        let town = name.ends_with(['市', '町', '村', '県', '府']) && name.chars().count() >= 3;
        if town && !ONLY_ANY.is_match(name) && !name.ends_with("都市") && !name.ends_with("政府") {
            push(m.range());
        }
    }
    for m in [&ENGLISH_OF, &ENGLISH_FORM, &ENGLISH_HOUSE].into_iter().flat_map(|p| p.find_iter(&view.text)) {
        let mut start = m.start();
        let mut name = m.as_str().trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        while let Some((first, rest)) = name.split_once(' ') {
            if !TRIMMED.contains(&first) {
                break;
            }
            start += first.len() + 1;
            name = rest;
        }
        if name.contains(' ') {
            push(start..start + name.len());
        }
    }
}

static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([㐀-䶿一-鿿々]{1,4}[ 　][㐀-䶿一-鿿々]{1,3}|[㐀-䶿一-鿿々]{2,5}|[ァ-ヺー]{2,8}(?:・[ァ-ヺー]{2,8})?)[ 　]?(氏|さん|さま|様|殿|先生|部長|課長|係長|社長|室長|局長|次長|主任|教授|准教授|博士|理事長|院長|議員|巡査|警部)",
    )
});
static ENGLISH_TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u:\b)(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? ([A-Z][A-Za-z'-]{1,30}(?: [A-Z]\.)?(?: [A-Z][A-Za-z'-]{1,30})?)|(?-u:\b)([A-Z][a-z]{1,20})-(?:san|sama|shi|kun)(?-u:\b)",
    )
});

/// Words before a title that are an office, or a word of their own together with it.
static NOT_A_PERSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?:部|課|室|局|係|班|所|社|営業|総務|経理|人事|情報|広報|技術|開発|企画|管理|製造|法務|財務|監査|運用|保守|事業|システム|\
         セキュリティ|担当|担当者|責任者|皆|客|同|仕|模|多|異|一|王|神|両|貴|御社|各社|取引先|利用者|職員|会員|患者|関係者|者|本|副|代表取締役|取締役|代表|\
         ユーザー?|メンバー|エンジニア|ベンダー|オーナー|医|医師|大学|名誉|特任|主任|工学|理学|医学|法学)$",
    )
});

fn people(view: &View, found: &mut Vec<(FindingKind, Range<usize>)>) {
    let mut memory: HashMap<&str, bool> = HashMap::new();
    for m in TITLED.captures_iter(&view.text) {
        let (Some(name), Some(title)) = (m.get(1), m.get(2)) else { continue };
        let next = view.after(title.end());
        let other_word = match title.as_str() {
            "氏" => next == Some('名'),
            "様" => next.is_some_and(|c| matches!(c, '子' | '々' | '式' | '態' | '相' | '変' | '似')),
            "先生" => next == Some('方'),
            _ => false,
        };
        let person = *memory.entry(name.as_str()).or_insert_with(|| !NOT_A_PERSON.is_match(name.as_str()));
        if person && !other_word {
            found.push((FindingKind::Person, name.range()));
        }
    }
    for m in ENGLISH_TITLED.captures_iter(&view.text) {
        if let Some(name) = m.get(1).or_else(|| m.get(2)) {
            found.push((FindingKind::Person, name.range()));
        }
    }
}

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\+[0-9]{1,3}[- ]?\(?[0-9]{1,4}\)?[- ][0-9]{2,4}[- ][0-9]{3,4}|0[0-9]{1,4}[- (（][0-9]{1,4}[- )）][0-9]{3,4}|\(0[0-9]{1,4}\) ?[0-9]{1,4}-[0-9]{4}|0[5789]0[0-9]{8}|\+81[0-9]{9,10}",
    )
});

static TICKET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u:\b)((?:INC|REQ|CHG|RITM|PRB|CASE|TICKET|TKT|SR)[-_#]?[0-9]{4,12})(?-u:\b)|(?:チケット|案件|受付|問い?合わせ|インシデント|管理|整理|事案|障害)(?:番号|票|ID|No\.?|NO\.?)[ 　:：は#＃]{0,3}([A-Za-z0-9][A-Za-z0-9_-]{2,24})|(?i:ticket|case|incident)(?i: (?:no\.?|number|id))?[ :]{0,2}#([A-Za-z0-9][A-Za-z0-9_-]{2,24})",
    )
});

fn tickets(view: &View, found: &mut Vec<(FindingKind, Range<usize>)>) {
    let numbers = TICKET.captures_iter(&view.text).filter_map(|c| c.iter().skip(1).flatten().next());
    let numbered = numbers.filter(|m| m.as_str().bytes().any(|b| b.is_ascii_digit()));
    found.extend(numbered.map(|m| (FindingKind::Ticket, m.range())));
}

//! The cast of the demo council: invented organisations, 322 of them members.

use noroshi_council::{Class, Org, OrgId, Seat, Standing, Text};

/// How many members the demo council has.
pub const MEMBERS: usize = 322;

/// One organisation of the cast with the person who acts for it.
#[derive(Debug, Clone)]
pub struct Part {
    /// The short name by which scripts call it: `c1a`, `ga`, …
    pub short: String,
    /// The organisation.
    pub org: Org,
    /// The person's name.
    pub person: String,
    /// The person's address.
    pub email: String,
    /// The number that the coordinator calls.
    pub phone: String,
    /// Whether it has a part in the story; the others only receive.
    pub acts: bool,
}

const ONE: Seat = Seat::Member(Class::Class1);
const TWO: Seat = Seat::Member(Class::Class2);
const GENERAL: Seat = Seat::Member(Class::General);

/// Short name, seat, sector, Japanese and English name, person, staff start work at (minutes after midnight).
const NAMED: &[(&str, Seat, &str, &str, &str, &str, u16)] = &[
    (
        "coordinator",
        Seat::Coordinator,
        "coordination",
        "全国連絡調整センター",
        "National Coordination Centre",
        "当直 早瀬 真",
        0,
    ),
    (
        "coordinator2",
        Seat::Coordinator,
        "coordination",
        "全国連絡調整センター",
        "National Coordination Centre",
        "当直 三輪 遥",
        0,
    ),
    (
        "secretariat",
        Seat::Secretariat,
        "secretariat",
        "協議会事務局",
        "Council Secretariat",
        "事務局 近江 薫",
        570,
    ),
    (
        "secretariat2",
        Seat::Secretariat,
        "secretariat",
        "協議会事務局",
        "Council Secretariat",
        "事務局 柏木 翠",
        570,
    ),
    ("operator", Seat::Operator, "operation", "システム運用室", "System Operations", "運用 和泉 望", 540),
    ("c1a", ONE, "security-vendor", "北斗セキュリティ", "Hokuto Security", "解析 南条 怜", 540),
    ("c1b", ONE, "security-vendor", "みなとサイバー研究所", "Minato Cyber Laboratory", "解析 小田切 澪", 540),
    ("c1c", ONE, "security-vendor", "暁システムズSOC", "Akatsuki Systems SOC", "監視 桐生 隼", 480),
    ("c1d", ONE, "security-vendor", "東雲ネットワークス", "Shinonome Networks", "解析 真壁 葵", 540),
    ("c2a", TWO, "electric-power", "中央電力セプター", "Chuo Electric Power CEPTOAR", "窓口 堂島 誠", 510),
    ("c2b", TWO, "railway", "東都旅客鉄道", "Toto Passenger Railway", "CSIRT 有坂 翔", 480),
    ("c2c", TWO, "finance", "さくら銀行", "Sakura Bank", "CSIRT 深町 梓", 510),
    ("c2d", TWO, "water", "西日本水道協議会", "West Japan Waterworks Association", "窓口 国枝 健", 510),
    ("c2e", TWO, "university", "青嵐大学", "Seiran University", "情報基盤 速水 凛", 540),
    ("c2f", TWO, "police", "県警CSIRT支援室", "Prefectural Police CSIRT Support", "支援 鷹野 剛", 510),
    ("ga", GENERAL, "local-government", "霞浦市", "Kasumiura City", "情報政策課 佐藤 恵", 510),
    ("gb", GENERAL, "local-government", "瀬戸県", "Seto Prefecture", "情報政策課 早川 学", 510),
    ("gc", GENERAL, "medical", "阿波谷町立病院", "Awatani Town Hospital", "情報担当 三好 直樹", 450),
    ("gd", GENERAL, "manufacturing", "多摩精機", "Tama Seiki", "情報システム 野口 純", 480),
    ("ge", GENERAL, "logistics", "港北物流", "Kohoku Logistics", "情報システム 関根 亮", 420),
    ("rt", GENERAL, "government", "運輸監督庁", "Transport Supervisory Agency", "情報化推進室 大貫 実", 570),
    ("rm", GENERAL, "government", "医療監督庁", "Medical Supervisory Agency", "情報化推進室 植草 緑", 570),
    ("rf", GENERAL, "government", "金融監督庁", "Financial Supervisory Agency", "情報化推進室 氷室 徹", 570),
];

/// Who supervises whom: sectors by regulator.
const SUPERVISED: &[(&str, &[&str])] =
    &[("rt", &["railway", "logistics"]), ("rm", &["medical"]), ("rf", &["finance"])];

const PLACES: &[(&str, &str)] = &[
    ("月影", "Tsukikage"),
    ("朝凪", "Asanagi"),
    ("夕凪", "Yunagi"),
    ("風音", "Kazane"),
    ("雪代", "Yukishiro"),
    ("花筏", "Hanaikada"),
    ("霧ノ里", "Kirinosato"),
    ("碧浜", "Aohama"),
    ("翠嶺", "Suirei"),
    ("紅葉坂", "Momijizaka"),
    ("銀嶺", "Ginrei"),
    ("琥珀台", "Kohakudai"),
    ("瑠璃浜", "Rurihama"),
    ("真珠洲", "Shinjusu"),
    ("若菜野", "Wakanano"),
    ("望月台", "Mochizukidai"),
    ("天の里", "Amanosato"),
    ("蛍沢", "Hotarusawa"),
    ("鈴音", "Suzune"),
    ("葦原野", "Ashiharano"),
    ("涼風", "Suzukaze"),
    ("虹ヶ浦", "Nijigaura"),
];

const KINDS: &[(&str, &str, &str, u16)] = &[
    ("市", "City", "local-government", 510),
    ("町", "Town", "local-government", 510),
    ("中央病院", "Central Hospital", "medical", 480),
    ("鉄道", "Railway", "railway", 420),
    ("信用組合", "Credit Union", "finance", 525),
    ("水道企業団", "Waterworks", "water", 510),
    ("電力", "Electric Power", "electric-power", 510),
    ("ガス", "Gas", "gas", 510),
    ("大学", "University", "university", 540),
    ("運輸", "Transport", "logistics", 420),
    ("製作所", "Manufacturing", "manufacturing", 490),
    ("放送", "Broadcasting", "broadcasting", 570),
    ("通信", "Telecommunications", "telecommunications", 540),
    ("化学", "Chemicals", "chemistry", 500),
];

fn org(id: &str, seat: Seat, sector: &str, name: Text, opening_minute: u16) -> Org {
    let association = matches!(id, "o-c2a" | "o-c2d");
    Org {
        id: OrgId(id.to_owned()),
        name,
        seat,
        sector: sector.to_owned(),
        association,
        constituents: if association { 11 } else { 0 },
        // 阿波谷町立病院 has set itself not to receive secrets (R11).
        receives_secrets: id != "o-gc",
        // A few have chosen to be in the list that members see (R12).
        listed: matches!(id, "o-c1a" | "o-c2a" | "o-c2d" | "o-ga" | "o-gb" | "o-rt"),
        opening_minute,
        standing: Standing::Active,
        joined_at: 0,
    }
}

/// The whole cast: those of the story by name, the others generated.
#[must_use]
pub fn parts() -> Vec<Part> {
    let mut parts: Vec<Part> = NAMED
        .iter()
        .map(|(short, seat, sector, ja, en, person, opening)| {
            let base = short.trim_end_matches('2');
            let org = org(&format!("o-{base}"), *seat, sector, Text::new(ja, en), *opening);
            Part {
                short: (*short).to_owned(),
                org,
                person: (*person).to_owned(),
                email: format!("{short}@{base}.example"),
                phone: format!("0900-00-{:04}", 1000 + short.len() * 37 + usize::from(*opening)),
                acts: true,
            }
        })
        .collect();
    let members = |parts: &[Part]| parts.iter().filter(|p| matches!(p.org.seat, Seat::Member(_))).count();
    let generated = PLACES.iter().flat_map(|place| KINDS.iter().map(move |kind| (place, kind)));
    for (n, ((ja, en), (kind_ja, kind_en, sector, opening))) in (1..).zip(generated) {
        if members(&parts) == MEMBERS {
            break;
        }
        let short = format!("g{n:03}");
        let name = Text::new(&format!("{ja}{kind_ja}"), &format!("{en} {kind_en}"));
        parts.push(Part {
            org: org(&format!("o-{short}"), GENERAL, sector, name, *opening),
            person: "情報担当".to_owned(),
            email: format!("it@{short}.example"),
            phone: format!("0900-01-{n:04}"),
            acts: false,
            short,
        });
    }
    parts
}

/// Whether whoever is called so has a part in the story.
#[must_use]
pub fn acts(short: &str) -> bool {
    NAMED.iter().any(|(name, ..)| *name == short)
}

/// Who leaves in the year before the story.
pub const LEAVING: &str = "x01";
/// Who is expelled in it.
pub const EXPELLED: &str = "x02";

/// Whose class was another one a year before.
const EARLIER: &[(&str, Seat)] = &[("c1d", TWO), ("c2e", GENERAL), ("ge", TWO)];

fn gone(short: &str, ja: &str, en: &str) -> Part {
    Part {
        org: org(&format!("o-{short}"), GENERAL, "manufacturing", Text::new(ja, en), 510),
        person: "情報担当".to_owned(),
        email: format!("it@{short}.example"),
        phone: format!("0900-02-{}", &short[1..]),
        acts: false,
        short: short.to_owned(),
    }
}

/// Those who have joined in the year before the story: the last of the cast whom nobody supervises.
#[must_use]
pub fn newcomers() -> Vec<Part> {
    let parts = parts();
    let supervised = regulators(&parts);
    let free = |part: &&Part| !supervised.iter().any(|(_, of)| *of == part.org.id);
    parts.iter().filter(|part| !part.acts).filter(free).rev().take(2).cloned().collect()
}

/// Somebody who asked to join in that year, in vain.
#[must_use]
pub fn stranger() -> Part {
    gone("x03", "まるごと広告", "Marugoto Advertising")
}

/// The cast as it stood a year before the story: as many members, of whom two are not there any more.
#[must_use]
pub fn a_year_before() -> Vec<Part> {
    let later: Vec<String> = newcomers().into_iter().map(|part| part.short).collect();
    let mut parts: Vec<Part> = parts().into_iter().filter(|part| !later.contains(&part.short)).collect();
    for (short, seat) in EARLIER {
        parts.iter_mut().filter(|part| part.short == *short).for_each(|part| part.org.seat = *seat);
    }
    parts.push(gone(LEAVING, "若草精工", "Wakakusa Precision"));
    parts.push(gone(EXPELLED, "浜名化成", "Hamana Kasei"));
    parts
}

/// Pairs of (regulator, supervised).
#[must_use]
pub fn regulators(parts: &[Part]) -> Vec<(OrgId, OrgId)> {
    let mut pairs = Vec::new();
    for (regulator, sectors) in SUPERVISED {
        for part in parts.iter().filter(|p| sectors.contains(&p.org.sector.as_str())) {
            pairs.push((OrgId(format!("o-{regulator}")), part.org.id.clone()));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cast_has_322_members_and_no_two_of_one_name() {
        let parts = parts();
        let members: Vec<_> = parts.iter().filter(|p| matches!(p.org.seat, Seat::Member(_))).collect();
        assert_eq!(members.len(), MEMBERS);
        let names: std::collections::BTreeSet<_> = members.iter().map(|p| &p.org.name.ja).collect();
        assert_eq!(names.len(), MEMBERS);
        let addresses: std::collections::BTreeSet<_> = parts.iter().map(|p| &p.email).collect();
        assert_eq!(addresses.len(), parts.len());
        assert!(parts.iter().all(|p| p.email.ends_with(".example")));
    }

    #[test]
    fn a_year_before_there_were_as_many_and_some_were_others() {
        let (before, now) = (a_year_before(), parts());
        let members = |parts: &[Part]| parts.iter().filter(|p| matches!(p.org.seat, Seat::Member(_))).count();
        assert_eq!(members(&before), MEMBERS);
        let joins: Vec<String> = newcomers().into_iter().map(|p| p.short).collect();
        assert_eq!(joins.len(), 2);
        let stays = |parts: &[Part], short: &str| parts.iter().any(|p| p.short == short);
        assert!(joins.iter().all(|short| !stays(&before, short) && stays(&now, short)));
        assert!([LEAVING, EXPELLED].iter().all(|short| stays(&before, short) && !stays(&now, short)));
    }

    #[test]
    fn the_railway_is_supervised_by_the_transport_agency() {
        let pairs = regulators(&parts());
        assert!(pairs.contains(&("o-rt".into(), "o-c2b".into())));
        assert!(!pairs.contains(&("o-rt".into(), "o-c2c".into())));
    }
}

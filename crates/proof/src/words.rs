//! Cases in plain Japanese and English. Classes and bodies are called as the new charter calls them.

use std::{collections::BTreeMap, sync::LazyLock};

use noroshi_charter::{Parameters, begun};
use noroshi_council::{Class, LayerState, ReaderFacts, Role, Seat, Sight, Subject, Text};
use serde::Deserialize;

use crate::{Case, Facts, Property};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    layer: BTreeMap<String, Text>,
    state: BTreeMap<String, Text>,
    sight: BTreeMap<String, Text>,
    role: BTreeMap<String, Text>,
    act: BTreeMap<String, Text>,
}

/// Part of the program: a test reads it.
static WORDS: LazyLock<Words> =
    LazyLock::new(|| toml::from_str(include_str!("../words/words.toml")).unwrap_or_default());

/// What is called `key`, or the key where it has no other name. Where a charter calls things by words of its own, by those.
fn word(list: &BTreeMap<String, Text>, key: &str, charter: &Parameters) -> Text {
    let Some(text) = list.get(key) else { return Text::same(key) };
    if !text.ja.contains('{') && !text.en.contains('{') {
        return text.clone();
    }
    charter.words.iter().fold(text.clone(), |text, (name, called)| {
        let place = format!("{{{name}}}");
        Text::new(&text.ja.replace(&place, &called.ja), &text.en.replace(&place, &called.en))
    })
}

/// Whoever sits there, within a sentence: in English members of a class are many, and an office has its article.
fn within(seat: Seat, charter: &Parameters) -> Text {
    let called = |key: &str| charter.words.get(key).map_or("", |word| word.en.as_str());
    let name = plain_name(seat, charter);
    match seat {
        Seat::Member(class) => Text::new(&name.ja, called(&format!("{}-members", class.as_str()))),
        Seat::Coordinator => Text::new(&name.ja, &format!("the {}", called("coordinator"))),
        Seat::Secretariat => Text::new(&name.ja, &format!("the {}", called("secretariat"))),
        _ => name,
    }
}

fn plain_name(seat: Seat, charter: &Parameters) -> Text {
    let names = &charter.names;
    match seat {
        Seat::Member(Class::General) => names.general.clone(),
        // A charter without it never gets here: its proofs speak of nobody who sits there.
        Seat::Member(Class::Class2) => names.class2.clone().unwrap_or_default(),
        Seat::Member(Class::Class1) => names.class1.clone(),
        Seat::Coordinator => names.coordinator.clone(),
        Seat::Secretariat => names.secretariat.clone(),
        Seat::Operator => names.operator.clone(),
        Seat::Clock => Text::new("時の経過", "the passing of time"),
        Seat::Applicant => Text::new("申込者", "an applicant"),
    }
}

fn reader_name(reader: &ReaderFacts, charter: &Parameters) -> Text {
    match (reader.seat, reader.role) {
        (Some(seat), _) => {
            let name = within(seat, charter);
            Text::new(&name.ja, &begun(&name.en))
        }
        (None, Some(Role::Steering)) => charter.names.steering.clone(),
        (None, Some(role)) => word(&WORDS.role, role.as_str(), charter),
        (None, None) => Text::default(),
    }
}

/// A case as a sentence, as far as `property` is concerned.
pub(crate) fn sentence(facts: &Facts, property: Property, charter: &Parameters) -> Text {
    together(&[facts], property, charter)
}

/// Cases that differ in the state of what is read, or in the seat of who acts, and in nothing else: as one sentence.
pub(crate) fn together(cases: &[&Facts], property: Property, charter: &Parameters) -> Text {
    match cases.first() {
        Some(Facts::Reads { reader, layer, before, after, .. }) => {
            let states: Vec<LayerState> = cases
                .iter()
                .filter_map(|case| match case {
                    Facts::Reads { state, .. } => Some(*state),
                    _ => None,
                })
                .collect();
            let state = in_states(&states, charter);
            reads(
                reader,
                &word(&WORDS.layer, layer.as_str(), charter),
                &state,
                (*before, *after),
                property,
                charter,
            )
        }
        Some(Facts::Acts { roles, action, subject, before, after, .. }) => {
            let seats = cases.iter().filter_map(|case| match case {
                Facts::Acts { seat, .. } => Some(within(*seat, charter)),
                _ => None,
            });
            let seats = joined(seats, "・", ", ");
            let seats = Text::new(&seats.ja, &begun(&seats.en));
            let roles: Vec<Text> =
                roles.iter().map(|role| word(&WORDS.role, role.as_str(), charter)).collect();
            let who = with_roles(&seats, &roles);
            acts(&who, &word(&WORDS.act, action, charter), &upon(subject), (*before, *after))
        }
        // Of a condition that is asked for or not there are no numbers to tell.
        Some(Facts::Trigger { label, before: 1, after: 0 }) => Text::new(
            &format!("情報の提供を求められる場合が広がる。次の要件がなくなる：{}。", label.ja),
            &format!("Information could be demanded where it cannot today. No longer needed: {}.", label.en),
        ),
        Some(Facts::Trigger { label, before, after }) => Text::new(
            &format!("情報の提供を求められる場合が広がる。{}：今は{before}、改正後は{after}。", label.ja),
            &format!(
                "Information could be demanded where it cannot today. {}: {before} today, {after} then.",
                label.en
            ),
        ),
        None => Text::default(),
    }
}

/// In which states, as shortly as it can be said without leaving one out.
fn in_states(states: &[LayerState], charter: &Parameters) -> Text {
    let named = |state: &LayerState| word(&WORDS.state, state.as_str(), charter);
    let others: Vec<&LayerState> = LayerState::ALL.iter().filter(|state| !states.contains(state)).collect();
    if others.is_empty() {
        return Text::new("どの状態でも", "in every state");
    }
    if others.len() < states.len() {
        let others = joined(others.into_iter().map(named), "・", " or ");
        return Text::new(
            &format!("どの状態でも（{}を除く）", others.ja),
            &format!("in every state (but not {})", others.en),
        );
    }
    joined(states.iter().map(named), "・", " or ")
}

fn joined(texts: impl Iterator<Item = Text>, ja: &str, en: &str) -> Text {
    let (all_ja, all_en): (Vec<_>, Vec<_>) = texts.map(|text| (text.ja, text.en)).unzip();
    Text::new(&all_ja.join(ja), &all_en.join(en))
}

/// Whether two cases can be told in one sentence.
pub(crate) fn alike(one: &Case, other: &Case) -> bool {
    let same = match (&one.facts, &other.facts) {
        (
            Facts::Reads { reader, layer, before, after, state: _ },
            Facts::Reads { reader: r, layer: l, before: b, after: a, state: _ },
        ) => (reader, layer, before, after) == (r, l, b, a),
        (
            Facts::Acts { roles, action, subject, before, after, seat: _ },
            Facts::Acts { roles: r, action: n, subject: s, before: b, after: a, seat: _ },
        ) => (roles, action, subject, before, after) == (r, n, s, b, a),
        _ => false,
    };
    same && one.reasons == other.reasons
}

fn reads(
    reader: &ReaderFacts,
    layer: &Text,
    state: &Text,
    (before, after): (Option<Sight>, Sight),
    property: Property,
    charter: &Parameters,
) -> Text {
    let sits = reader_name(reader, charter);
    let one = reader.seat.map_or_else(|| sits.clone(), |seat| plain_name(seat, charter));
    // The property itself says who is meant; elsewhere, what makes the reader a particular one is said.
    let (who, what) = match property {
        Property::LeftOut => (
            Text::new(
                &format!("監督官庁など、提供者が除外した組織（{}）", one.ja),
                &format!("An organisation that the provider left out, such as its regulator ({})", one.en),
            ),
            Text::new(&format!("提供者が除外した{}", layer.ja), &layer.en),
        ),
        Property::Scope => (
            Text::new(
                &format!("提供者が決めた共有範囲の外にいる者（{}）", one.ja),
                &format!("Somebody outside of the scope that the provider drew ({})", one.en),
            ),
            layer.clone(),
        ),
        _ => (with_traits(reader, &sits), layer.clone()),
    };
    let (sees, saw) = (
        word(&WORDS.sight, after.as_str(), charter),
        before.map(|b| word(&WORDS.sight, b.as_str(), charter)),
    );
    let (now_ja, now_en) = match &saw {
        Some(saw) => (format!("（今は、{}）", saw.ja), format!(" (today: {})", saw.en)),
        None => (String::new(), String::new()),
    };
    let (what_ja, what_en) = (&what.ja, &what.en);
    let (ja, en) = match (before.is_none_or(|before| after > before), after) {
        (true, Sight::Meta) => (
            format!("{what_ja}があることを、{}、知るようになる{now_ja}。", state.ja),
            format!("would know of {what_en}, {}, but not read it{now_en}.", state.en),
        ),
        (true, _) => (
            format!("{what_ja}を、{}、{}読めるようになる{now_ja}。", state.ja, adverb(after)),
            format!("would read {what_en}, {}: {}{now_en}.", state.en, sees.en),
        ),
        (false, Sight::None) => (
            format!("{what_ja}を、{}、読めなくなり、あることも知らなくなる{now_ja}。", state.ja),
            format!("would no longer see {what_en}, {}, nor that it exists{now_en}.", state.en),
        ),
        (false, Sight::Meta) => (
            format!("{what_ja}を、{}、読めなくなり、あることだけを知る{now_ja}。", state.ja),
            format!("would no longer read {what_en}, {}, and only know of it{now_en}.", state.en),
        ),
        (false, _) => (
            format!("{what_ja}を、{}、{}しか読めなくなる{now_ja}。", state.ja, adverb(after)),
            format!("would read less of {what_en}, {}: {}{now_en}.", state.en, sees.en),
        ),
    };
    Text::new(&format!("{}は、{ja}", who.ja), &format!("{} {en}", who.en))
}

/// How much is read, before the verb.
fn adverb(sight: Sight) -> &'static str {
    match sight {
        Sight::Full => "すべて",
        Sight::Masked => "名前を伏せて",
        Sight::Subset => "対策に要る部分だけ",
        Sight::Meta | Sight::None => "",
    }
}

fn with_traits(reader: &ReaderFacts, name: &Text) -> Text {
    let traits = [
        (reader.own, "自らが提供・相談・回答したもの", "of what is its own"),
        (reader.addressed, "名指しの相手", "addressed by name"),
        (!reader.in_scope && !reader.own, "共有範囲の外", "outside of the scope"),
        (reader.excluded, "提供者が除外した組織", "left out by the provider"),
        (reader.secret_declined, "秘密を受け取らない設定", "takes no secrets"),
    ];
    let given: Vec<_> = traits.iter().filter(|(given, ..)| *given).collect();
    // A reader by role stands outside of every scope; that says nothing.
    if given.is_empty() || reader.seat.is_none() {
        return name.clone();
    }
    let ja: Vec<&str> = given.iter().map(|(_, ja, _)| *ja).collect();
    let en: Vec<&str> = given.iter().map(|(.., en)| *en).collect();
    Text::new(&format!("{}（{}）", name.ja, ja.join("、")), &format!("{} ({})", name.en, en.join(", ")))
}

fn with_roles(name: &Text, roles: &[Text]) -> Text {
    if roles.is_empty() {
        return name.clone();
    }
    let ja: Vec<&str> = roles.iter().map(|role| role.ja.as_str()).collect();
    let en: Vec<&str> = roles.iter().map(|role| role.en.as_str()).collect();
    Text::new(&format!("{}の{}", name.ja, ja.join("・")), &format!("{}: their {}", name.en, en.join(" and ")))
}

/// What is particular about the thing: (before the verb, after it).
fn upon(subject: &Subject) -> Text {
    let (mut ja, mut en) = (String::new(), String::new());
    if subject.own {
        ja += "自組織のことについて、";
        en += ", for what is its own";
    }
    if subject.party {
        ja += "自分が宛先や担当であるとき、";
        en += ", where it is addressed or assigned to them";
    }
    if !subject.state.is_empty() {
        ja += &format!("状態が「{}」のとき、", subject.state);
        en += &format!(", where the state is “{}”", subject.state);
    }
    if subject.confidence >= 0 {
        ja += &format!("確度が{}のとき、", subject.confidence);
        en += &format!(", at a confidence of {}", subject.confidence);
    }
    Text::new(&ja, &en)
}

fn acts(who: &Text, act: &Text, upon: &Text, (before, after): (Option<bool>, bool)) -> Text {
    let (may_ja, may_en) = match (before, after) {
        (None, false) => ("ができない", "may not"),
        (_, false) => ("ができなくなる", "could no longer"),
        (_, true) => ("ができるようになる", "could"),
    };
    Text::new(
        &format!("{}は、{}{}{may_ja}。", who.ja, upon.ja, act.ja),
        &format!("{} {may_en} {}{}.", who.en, act.en, upon.en),
    )
}

/// Gains before losses, reading before acting, then by who and what.
pub(crate) fn order(facts: &Facts) -> impl Ord + use<> {
    let (acting, lost, who, what) = match facts {
        Facts::Reads { reader, layer, state, before, after } => (
            false,
            before.is_some_and(|before| *after < before),
            (reader.seat, reader.role),
            format!("{:02}{:02}", *layer as u8, *state as u8),
        ),
        Facts::Acts { seat, action, after, .. } => (true, !after, (Some(*seat), None), action.clone()),
        Facts::Trigger { label, .. } => (true, false, (None, None), label.en.clone()),
    };
    (lost, acting, who, what)
}

#[cfg(test)]
mod tests {
    use noroshi_charter::{PROFILES, Source};
    use noroshi_council::{Action, Layer};

    use super::*;

    #[test]
    fn many_states_are_told_by_the_few_that_are_not_among_them() {
        let charter = Parameters::of(&Source::embedded(PROFILES[0]).unwrap()).unwrap();
        let all = LayerState::ALL;
        assert_eq!(in_states(all, &charter).en, "in every state");
        let named = |state: LayerState| word(&WORDS.state, state.as_str(), &charter);
        assert_eq!(in_states(&all[..1], &charter), named(all[0]));
        let but_one = in_states(&all[1..], &charter);
        assert!(
            but_one.en.contains(&named(all[0]).en) && but_one.ja.contains(&named(all[0]).ja),
            "{but_one:?}"
        );
        assert!(!but_one.en.contains(&named(all[1]).en), "{but_one:?}");
    }

    #[test]
    fn whatever_policies_speak_of_has_words_in_both_languages() {
        let has = |list: &BTreeMap<String, Text>, keys: Vec<&str>| {
            assert_eq!(list.len(), keys.len());
            for key in keys {
                let text = list.get(key).unwrap_or_else(|| panic!("{key} has no words"));
                assert!(!text.ja.is_empty() && !text.en.is_empty(), "{key}");
            }
        };
        let charters = PROFILES.iter().map(|p| Parameters::of(&Source::embedded(p).unwrap()).unwrap());
        for charter in charters {
            for (list, key) in
                [(&WORDS.role, "steering"), (&WORDS.act, "noticeMotion"), (&WORDS.act, "stepDown")]
            {
                let said = word(list, key, &charter);
                assert!(!said.ja.contains('{') && !said.en.contains('{'), "{said:?}");
            }
        }
        has(&WORDS.layer, Layer::ALL.iter().map(|l| l.as_str()).collect());
        has(&WORDS.state, LayerState::ALL.iter().map(|s| s.as_str()).collect());
        has(&WORDS.sight, Sight::ALL.iter().map(|s| s.as_str()).collect());
        has(&WORDS.role, Role::ALL.iter().map(|r| r.as_str()).collect());
        has(&WORDS.act, Action::ALL.iter().map(|a| a.as_str()).collect());
    }
}

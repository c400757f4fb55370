//! Asking Cedar. The only room that speaks to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicySet, Request,
    Response, RestrictedExpression, Schema,
};
use noroshi_council::{Action, Actor, Class, Layer, LayerState, ReaderFacts, Role, Seat, Sight, Subject};

use crate::{Article, Charter, Flaw, Parameters, articles::line_at};

pub(crate) fn parse(text: &str) -> Result<PolicySet, Vec<Flaw>> {
    let parsed: Result<PolicySet, _> = text.parse();
    parsed.map_err(|errors| {
        let flaw = |error: &cedar_policy::ParseError| {
            let place = miette::Diagnostic::labels(error).and_then(|mut labels| labels.next());
            let line = place.as_ref().map(|label| line_at(text, label.offset()));
            let article = place.and_then(|label| article_at(text, label.offset()));
            Flaw { part: "policies", article, line, message: error.to_string() }
        };
        errors.iter().map(flaw).collect()
    })
}

/// The article of the policy that somebody was about to write at `offset`: the one named last before it. What does not parse
/// has no annotations to ask.
fn article_at(text: &str, offset: usize) -> Option<String> {
    let (_, named) = text.get(..offset)?.rsplit_once("@article(\"")?;
    named.split_once('"').map(|(number, _)| number.to_owned())
}

/// The articles of rules that are in the one text and not, or otherwise, in the other, in order. A rule that is only written
/// otherwise, with other blanks or lines, is the same. None where a text does not parse.
#[must_use]
pub fn articles_of_changed_rules(before: &str, after: &str) -> Vec<String> {
    if before == after {
        return Vec::new();
    }
    let rules = |text: &str| {
        let policies: PolicySet = text.parse().ok()?;
        let said = |policy: &Policy, name| policy.annotation(name).unwrap_or_default().to_owned();
        let rule = |policy: &Policy| (said(policy, "id"), (said(policy, "article"), policy.to_json().ok()));
        Some(policies.policies().map(rule).collect::<BTreeMap<_, _>>())
    };
    let (Some(before), Some(after)) = (rules(before), rules(after)) else { return Vec::new() };
    let both = [(&before, &after), (&after, &before)];
    let changed = both.iter().flat_map(|(one, other)| {
        one.iter().filter(|(id, rule)| other.get(*id) != Some(*rule)).map(|(_, (article, _))| article.clone())
    });
    let changed: BTreeSet<String> = changed.collect();
    let mut articles: Vec<String> = changed.into_iter().collect();
    articles.sort_by_key(|number| number.parse::<u32>().unwrap_or(u32::MAX));
    articles
}

/// The line on which the policy with this `@id` begins.
pub(crate) fn line_of(text: &str, id: Option<&str>) -> Option<usize> {
    let mark = format!("@id(\"{}\")", id?);
    text.find(&mark).map(|offset| line_at(text, offset))
}

/// Acts that are about class 2 alone: a charter without it permits them to nobody.
const OF_CLASS2: &[Action] =
    &[Action::ProposeLowRelease, Action::ApproveLowRelease, Action::AnswerOnBehalf, Action::CloseRequest];

/// Every policy names its article and an id of its own, every article exists, every act is permitted by some policy, and no
/// act by one that is about a class which there is not. Answers which article governs which act.
pub(crate) fn governing(
    text: &str,
    policies: &PolicySet,
    articles: &[Article],
    parameters: &Parameters,
    flaws: &mut Vec<Flaw>,
) -> HashMap<Action, String> {
    let mut by_action = HashMap::new();
    let mut ids = HashSet::new();
    let mut flaw = |id: Option<&str>, article: Option<&str>, message: String| {
        let article = article.map(str::to_owned);
        flaws.push(Flaw { part: "policies", article, line: line_of(text, id), message });
    };
    for policy in policies.policies() {
        let (id, article) = (policy.annotation("id"), policy.annotation("article"));
        match article {
            None => flaw(id, None, "a policy names no @article".into()),
            Some(number) if articles.iter().all(|a| a.number != number) => {
                flaw(id, article, format!("there is no article {number}"));
            }
            Some(_) => {}
        }
        if !id.is_some_and(|id| ids.insert(id.to_owned())) {
            flaw(id, article, "a policy has no @id of its own".into());
        }
        if policy.effect() != cedar_policy::Effect::Permit {
            continue;
        }
        let actions: Vec<EntityUid> = match policy.action_constraint() {
            ActionConstraint::Any => Vec::new(),
            ActionConstraint::Eq(uid) => vec![uid],
            ActionConstraint::In(uids) => uids,
        };
        for uid in actions {
            if let (Some(action), Some(number)) = (Action::parse(uid.id().unescaped()), article) {
                by_action.entry(action).or_insert_with(|| number.to_owned());
            }
        }
    }
    let absent = |action: &Action| OF_CLASS2.contains(action) && !parameters.has_class(Class::Class2);
    for action in Action::ALL {
        let name = action.as_str();
        match by_action.get(action) {
            None if !absent(action) => flaw(None, None, format!("no policy permits `{name}` to anybody")),
            Some(article) if absent(action) => {
                flaw(
                    None,
                    Some(article),
                    format!("`{name}` is about `class2`, which this charter does not have"),
                );
            }
            _ => {}
        }
    }
    by_action
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    Some(EntityUid::from_type_name_and_id(kind.parse().ok()?, cedar_policy::EntityId::new(id)))
}

fn entity(kind: &str, attributes: Vec<(&str, RestrictedExpression)>) -> Option<Entity> {
    let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Entity::new(uid(kind, "one")?, attributes, HashSet::new()).ok()
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

/// The acts that stand for degrees of sight, from most to least.
pub const SIGHTS: &[(Sight, &str)] = &[
    (Sight::Full, "readFull"),
    (Sight::Masked, "readMasked"),
    (Sight::Subset, "readSubset"),
    (Sight::Meta, "readMeta"),
];

/// A policy that decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// Its `@id`.
    pub rule: String,
    /// The article that it names.
    pub article: String,
}

/// What the policies say on one question, and which of them said it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ruling {
    /// Whether it is permitted.
    pub allowed: bool,
    /// What permits it or, where something forbids it, what does. Empty where nothing permits it.
    pub reasons: Vec<Reason>,
}

fn actor(seat: Seat, roles: &BTreeSet<Role>) -> Option<Entity> {
    let roles = RestrictedExpression::new_set(roles.iter().map(|r| text(r.as_str())));
    entity("Actor", vec![("seat", text(seat.as_str())), ("roles", roles)])
}

fn thing(subject: &Subject) -> Option<Entity> {
    let truth = RestrictedExpression::new_bool;
    let attributes = vec![
        ("own", truth(subject.own)),
        ("party", truth(subject.party)),
        ("state", text(&subject.state)),
        ("confidence", RestrictedExpression::new_long(subject.confidence)),
    ];
    entity("Thing", attributes)
}

fn reader(facts: &ReaderFacts) -> Option<Entity> {
    let truth = RestrictedExpression::new_bool;
    // Build-time leaks, to show that the tests notice (see Cargo.toml).
    let seat = match facts.seat.map(Seat::as_str) {
        Some("secretariat") if noroshi_council::leaks!("leak-secretariat") => "class1",
        Some("general") if noroshi_council::leaks!("leak-general-early") => "class2",
        seat => seat.unwrap_or_default(),
    };
    let excluded = facts.excluded && !noroshi_council::leaks!("leak-regulator");
    let attributes = vec![
        ("seat", text(seat)),
        ("role", text(facts.role.map_or("", Role::as_str))),
        ("own", truth(facts.own)),
        ("addressed", truth(facts.addressed)),
        ("inScope", truth(facts.in_scope)),
        ("excluded", truth(excluded)),
        ("secretDeclined", truth(facts.secret_declined)),
    ];
    entity("Reader", attributes)
}

fn layered(layer: Layer, state: LayerState) -> Option<Entity> {
    entity("Layer", vec![("layer", text(layer.as_str())), ("state", text(state.as_str()))])
}

/// Every question that the software puts can be put under this schema: one that asks for more than the software tells would
/// deny everything to everybody.
pub(crate) fn supplied(schema: &Schema, flaws: &mut Vec<Flaw>) {
    let facts = ReaderFacts::within(None);
    let reads =
        SIGHTS.iter().map(|(_, name)| (*name, reader(&facts), layered(Layer::Draft, LayerState::Draft)));
    let acts = Action::ALL
        .iter()
        .map(|a| (a.as_str(), actor(Seat::Clock, &BTreeSet::new()), thing(&Subject::default())));
    let mut told = HashSet::new();
    for (name, principal, resource) in reads.chain(acts) {
        if let Err(message) = put(schema, principal, name, resource)
            && told.insert(message.clone())
        {
            flaws.push(Flaw {
                part: "schema",
                article: None,
                line: None,
                message: format!("`{name}`: {message}"),
            });
        }
    }
}

/// A question as Cedar takes it, or why it does not.
fn put(
    schema: &Schema,
    principal: Option<Entity>,
    action: &str,
    resource: Option<Entity>,
) -> Result<(Request, Entities), String> {
    let (Some(principal), Some(action), Some(resource)) = (principal, uid("Action", action), resource) else {
        return Err("it cannot be written".to_owned());
    };
    let request = Request::new(principal.uid(), action, resource.uid(), Context::empty(), Some(schema))
        .map_err(|e| e.to_string())?;
    let entities = Entities::from_entities([principal, resource], Some(schema)).map_err(|e| e.to_string())?;
    Ok((request, entities))
}

impl Charter {
    pub(crate) fn allows_act(&self, who: &Actor, action: Action, subject: &Subject) -> bool {
        self.answer(actor(who.seat, &who.roles), action.as_str(), thing(subject)).as_ref().is_some_and(allows)
    }

    /// What the policies alone say on an act by its name, whatever the standing and the pledge of whoever asks. An act that
    /// the schema does not have is denied.
    #[must_use]
    pub fn rules_on_act(
        &self,
        seat: Seat,
        roles: &BTreeSet<Role>,
        action: &str,
        subject: &Subject,
    ) -> Ruling {
        self.decide(actor(seat, roles), action, thing(subject))
    }

    /// What the policies say on one degree of sight.
    #[must_use]
    pub fn rules_on_sight(
        &self,
        facts: &ReaderFacts,
        degree: &str,
        layer: Layer,
        state: LayerState,
    ) -> Ruling {
        self.decide(reader(facts), degree, layered(layer, state))
    }

    pub(crate) fn allows_sight(&self, facts: &ReaderFacts, layer: Layer, state: LayerState) -> Sight {
        sight(&self.policies, &self.schema, facts, layer, state)
    }

    fn decide(&self, principal: Option<Entity>, action: &str, resource: Option<Entity>) -> Ruling {
        let Some(answer) = self.answer(principal, action, resource) else { return Ruling::default() };
        let named = |id| {
            let policy = self.policies.policy(id)?;
            let note = |key| policy.annotation(key).unwrap_or_default().to_owned();
            Some(Reason { rule: note("id"), article: note("article") })
        };
        let mut reasons: Vec<Reason> = answer.diagnostics().reason().filter_map(named).collect();
        reasons.sort();
        Ruling { allowed: allows(&answer), reasons }
    }

    /// Nothing for what cannot be put to Cedar, which is denied.
    fn answer(&self, principal: Option<Entity>, action: &str, resource: Option<Entity>) -> Option<Response> {
        answer(&self.policies, &self.schema, principal, action, resource)
    }
}

/// How much of a layer such policies let a reader see.
pub(crate) fn sight(
    policies: &PolicySet,
    schema: &Schema,
    facts: &ReaderFacts,
    layer: Layer,
    state: LayerState,
) -> Sight {
    let allowed = |degree: &str| {
        let answer = answer(policies, schema, reader(facts), degree, layered(layer, state));
        answer.as_ref().is_some_and(allows)
    };
    SIGHTS.iter().find(|(_, degree)| allowed(degree)).map_or(Sight::None, |(sight, _)| *sight)
}

fn answer(
    policies: &PolicySet,
    schema: &Schema,
    principal: Option<Entity>,
    action: &str,
    resource: Option<Entity>,
) -> Option<Response> {
    let (request, entities) = put(schema, principal, action, resource).ok()?;
    Some(Authorizer::new().is_authorized(&request, policies, &entities))
}

/// An answer with an error in it is a denial.
fn allows(answer: &Response) -> bool {
    answer.decision() == Decision::Allow && answer.diagnostics().errors().next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_changes_is_named_by_its_article_and_one_that_is_written_otherwise_is_not() {
        let rule = |article: &str, id: &str, seat: &str| {
            format!(
                "@article(\"{article}\")\n@id(\"{id}\")\npermit (principal, action, resource) when {{ principal.seat == \"{seat}\" }};\n"
            )
        };
        let before = rule("10", "a", "general") + &rule("9", "b", "class1");
        let named = |after: &str| articles_of_changed_rules(&before, after);
        assert!(named(&before).is_empty());
        assert!(named(&before.replace(' ', "\n  ")).is_empty(), "blanks are no change");
        assert_eq!(named(&before.replace("class1", "class2")), ["9"]);
        assert_eq!(named(&rule("10", "a", "general")), ["9"], "taken away");
        assert_eq!(named(&(before.clone() + &rule("2", "c", "class2"))), ["2"], "added");
        assert_eq!(named(&before.replace("\"10\"", "\"11\"")), ["10", "11"], "moved");
        assert!(named("permit (").is_empty(), "what does not parse says nothing");
    }
}

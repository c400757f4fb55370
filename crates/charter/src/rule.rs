//! Asking Cedar. The only room that speaks to it.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use noroshi_council::{Action, Actor, Layer, LayerState, ReaderFacts, Sight, Subject};

use crate::{Article, Charter, Flaw, articles::line_at};

pub(crate) fn parse(text: &str) -> Result<PolicySet, Vec<Flaw>> {
    let parsed: Result<PolicySet, _> = text.parse();
    parsed.map_err(|errors| {
        let flaw = |error: &cedar_policy::ParseError| {
            let place = miette::Diagnostic::labels(error).and_then(|mut labels| labels.next());
            let line = place.map(|label| line_at(text, label.offset()));
            Flaw { part: "policies", article: None, line, message: error.to_string() }
        };
        errors.iter().map(flaw).collect()
    })
}

/// The line on which the policy with this `@id` begins.
pub(crate) fn line_of(text: &str, id: Option<&str>) -> Option<usize> {
    let mark = format!("@id(\"{}\")", id?);
    text.find(&mark).map(|offset| line_at(text, offset))
}

/// Every policy names its article and an id of its own, every article exists, every act is permitted by some policy.
/// Answers which article governs which act.
pub(crate) fn governing(
    text: &str,
    policies: &PolicySet,
    articles: &[Article],
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
    for action in Action::ALL.iter().filter(|a| !by_action.contains_key(a)) {
        flaw(None, None, format!("no policy permits `{}` to anybody", action.as_str()));
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

impl Charter {
    pub(crate) fn allows_act(&self, actor: &Actor, action: Action, subject: &Subject) -> bool {
        let roles = RestrictedExpression::new_set(actor.roles.iter().map(|r| text(r.as_str())));
        let principal = entity("Actor", vec![("seat", text(actor.seat.as_str())), ("roles", roles)]);
        let resource = entity(
            "Thing",
            vec![
                ("own", RestrictedExpression::new_bool(subject.own)),
                ("party", RestrictedExpression::new_bool(subject.party)),
                ("state", text(&subject.state)),
                ("confidence", RestrictedExpression::new_long(subject.confidence)),
            ],
        );
        self.decide(principal, action.as_str(), resource)
    }

    pub(crate) fn allows_sight(&self, reader: &ReaderFacts, layer: Layer, state: LayerState) -> Sight {
        let truth = RestrictedExpression::new_bool;
        // Build-time leaks, to show that the tests notice (see Cargo.toml).
        let seat = match reader.seat.map(noroshi_council::Seat::as_str) {
            Some("secretariat") if cfg!(feature = "leak-secretariat") => "class1",
            Some("general") if cfg!(feature = "leak-general-early") => "class2",
            seat => seat.unwrap_or_default(),
        };
        let excluded = reader.excluded && !cfg!(feature = "leak-regulator");
        let principal = || {
            entity(
                "Reader",
                vec![
                    ("seat", text(seat)),
                    ("role", text(reader.role.map_or("", |r| r.as_str()))),
                    ("own", truth(reader.own)),
                    ("addressed", truth(reader.addressed)),
                    ("inScope", truth(reader.in_scope)),
                    ("excluded", truth(excluded)),
                    ("secretDeclined", truth(reader.secret_declined)),
                ],
            )
        };
        let resource =
            || entity("Layer", vec![("layer", text(layer.as_str())), ("state", text(state.as_str()))]);
        let degrees = [
            (Sight::Full, "readFull"),
            (Sight::Masked, "readMasked"),
            (Sight::Subset, "readSubset"),
            (Sight::Meta, "readMeta"),
        ];
        degrees
            .into_iter()
            .find(|(_, action)| self.decide(principal(), action, resource()))
            .map_or(Sight::None, |(sight, _)| sight)
    }

    /// Anything that cannot be put to Cedar is denied.
    fn decide(&self, principal: Option<Entity>, action: &str, resource: Option<Entity>) -> bool {
        let (Some(principal), Some(action), Some(resource)) = (principal, uid("Action", action), resource)
        else {
            return false;
        };
        let request =
            Request::new(principal.uid(), action, resource.uid(), Context::empty(), Some(&self.schema));
        let entities = Entities::from_entities([principal, resource], Some(&self.schema));
        match (request, entities) {
            (Ok(request), Ok(entities)) => {
                let answer = Authorizer::new().is_authorized(&request, &self.policies, &entities);
                answer.decision() == Decision::Allow && answer.diagnostics().errors().next().is_none()
            }
            _ => false,
        }
    }
}

//! What a charter decides, as one Cedar expression.
//!
//! Cedar's symbolic compiler compares two sets of policies on one action. To say «sees at least as much as before», several
//! actions of two charters have to stand in one sentence: a decision is `(any permit) && !(any forbid)`, with the action put
//! in the place of the variable, and decisions are joined by `&&`, `||` and `!`. That is the same as what the authorizer
//! decides as long as no policy can fail, so that whatever can is refused here. Expressions are in Cedar's own JSON.

use cedar_policy::{Effect, EntityUid, PolicySet, Schema};
use serde_json::{Value, json};

/// A Cedar expression, as JSON.
pub(crate) type Expr = Value;

/// A policy that this crate cannot take into a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uncovered {
    /// Its `@id`.
    pub(crate) rule: String,
    /// What it uses.
    pub(crate) what: String,
}

/// What cannot fail once it has been validated strictly. Arithmetic overflows, extension functions have partial domains.
const TOTAL: &[&str] = &[
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "!",
    "in",
    "contains",
    "containsAll",
    "containsAny",
    "isEmpty",
    "has",
    "like",
    "is",
    "if-then-else",
    "Set",
];

/// So deep may the expression of a policy be. A chain of `||` is as deep as it is long.
const DEEPEST: usize = 250;

pub(crate) fn truth(value: bool) -> Expr {
    json!({ "Value": value })
}

pub(crate) fn text(value: &str) -> Expr {
    json!({ "Value": value })
}

/// `principal.seat` and its like.
pub(crate) fn fact(of: &str, name: &str) -> Expr {
    json!({ ".": { "left": { "Var": of }, "attr": name } })
}

pub(crate) fn equal(left: Expr, right: Expr) -> Expr {
    json!({ "==": { "left": left, "right": right } })
}

pub(crate) fn not(expr: Expr) -> Expr {
    if let Value::Bool(known) = expr["Value"] { truth(!known) } else { json!({ "!": { "arg": expr } }) }
}

pub(crate) fn all(exprs: Vec<Expr>) -> Expr {
    joined("&&", true, exprs)
}

pub(crate) fn any(exprs: Vec<Expr>) -> Expr {
    joined("||", false, exprs)
}

/// As a balanced tree: a chain of hundreds would be hundreds deep.
fn joined(op: &str, neutral: bool, mut exprs: Vec<Expr>) -> Expr {
    exprs.retain(|expr| *expr != truth(neutral));
    while exprs.len() > 1 {
        let mut rest = exprs.into_iter();
        let mut next = Vec::new();
        while let Some(left) = rest.next() {
            next.push(match rest.next() {
                Some(right) => json!({ op: { "left": left, "right": right } }),
                None => left,
            });
        }
        exprs = next;
    }
    exprs.pop().unwrap_or_else(|| truth(neutral))
}

/// When an act is permitted: where something permits it and nothing forbids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    permits: Expr,
    forbids: Expr,
}

impl Decision {
    /// What nobody may do.
    pub(crate) fn never() -> Decision {
        Decision { permits: truth(false), forbids: truth(false) }
    }

    pub(crate) fn expr(&self) -> Expr {
        all(vec![self.permits.clone(), not(self.forbids.clone())])
    }

    /// Where at least one of them is permitted. What forbids several alike is said once.
    pub(crate) fn one_of(decisions: &[Decision]) -> Expr {
        let mut alike: Vec<(Vec<Expr>, &Expr)> = Vec::new();
        for Decision { permits, forbids } in decisions {
            match alike.iter_mut().find(|(_, same)| *same == forbids) {
                Some((list, _)) => list.push(permits.clone()),
                None => alike.push((vec![permits.clone()], forbids)),
            }
        }
        any(alike.into_iter().map(|(list, forbids)| all(vec![any(list), not(forbids.clone())])).collect())
    }
}

/// The policies of one charter, ready to be put together.
pub(crate) struct Written {
    /// Rule, effect and text. In the order of the rules: the same text has to give the same expression.
    policies: Vec<(String, Effect, Value)>,
    /// The actions of the schema that have others in them.
    groups: Vec<EntityUid>,
}

impl Written {
    /// # Errors
    /// Names a policy that has no JSON.
    pub(crate) fn new(policies: &PolicySet, schema: &Schema) -> Result<Written, Uncovered> {
        let mut written = Vec::new();
        for policy in policies.policies() {
            let rule = policy.annotation("id").unwrap_or_default().to_owned();
            match policy.to_json() {
                Ok(json) => written.push((rule, policy.effect(), json)),
                Err(error) => return Err(Uncovered { rule, what: error.to_string() }),
            }
        }
        written.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(Written { policies: written, groups: schema.action_groups().cloned().collect() })
    }

    /// When the policies permit `action`.
    ///
    /// # Errors
    /// Names the first policy that can fail, or that is written as this crate does not know.
    pub(crate) fn decision(&self, action: &EntityUid) -> Result<Decision, Uncovered> {
        let literal = json!({ "Value": entity(action) });
        let (mut permits, mut forbids) = (Vec::new(), Vec::new());
        for (rule, effect, json) in &self.policies {
            let uncovered = |what: String| Uncovered { rule: rule.clone(), what };
            let Some(mut parts) =
                applies(&json["action"], &literal, action, &self.groups).map_err(uncovered)?
            else {
                continue;
            };
            for name in ["principal", "resource"] {
                parts.push(scope(&json[name], name).map_err(uncovered)?);
            }
            for condition in json["conditions"].as_array().into_iter().flatten() {
                let mut body = condition["body"].clone();
                place(&mut body, &literal, 0).map_err(uncovered)?;
                parts.push(match condition["kind"].as_str() {
                    Some("when") => body,
                    Some("unless") => not(body),
                    other => return Err(uncovered(format!("{other:?}"))),
                });
            }
            match effect {
                Effect::Permit => permits.push(all(parts)),
                Effect::Forbid => forbids.push(all(parts)),
            }
        }
        Ok(Decision { permits: any(permits), forbids: any(forbids) })
    }
}

fn entity(uid: &EntityUid) -> Value {
    json!({ "__entity": { "type": uid.type_name().to_string(), "id": uid.id().unescaped() } })
}

/// What is left of a policy's word on the action: nothing where it speaks of others only.
fn applies(
    constraint: &Value,
    literal: &Expr,
    action: &EntityUid,
    groups: &[EntityUid],
) -> Result<Option<Vec<Expr>>, String> {
    let is = |named: &Value, uid: &EntityUid| {
        named["type"] == uid.type_name().to_string() && named["id"] == uid.id().unescaped()
    };
    let one = &constraint["entity"];
    match constraint["op"].as_str() {
        Some("All") => Ok(Some(Vec::new())),
        Some("==") => Ok(is(one, action).then(Vec::new)),
        Some("in") => {
            let named: Vec<&Value> = match constraint["entities"].as_array() {
                Some(list) => list.iter().collect(),
                None => vec![one],
            };
            if named.iter().any(|named| is(named, action)) {
                return Ok(Some(Vec::new()));
            }
            let wide: Vec<Expr> = named
                .into_iter()
                .filter(|named| groups.iter().any(|group| is(named, group)))
                .map(
                    |named| json!({ "in": { "left": literal, "right": { "Value": { "__entity": named } } } }),
                )
                .collect();
            Ok((!wide.is_empty()).then(|| vec![any(wide)]))
        }
        other => Err(format!("action {other:?}")),
    }
}

/// A policy's word on `principal` or `resource`.
fn scope(constraint: &Value, name: &str) -> Result<Expr, String> {
    let var = json!({ "Var": name });
    let named = |at: &Value| json!({ "Value": { "__entity": at["entity"] } });
    match constraint["op"].as_str() {
        Some("All") => Ok(truth(true)),
        Some(op @ ("==" | "in")) => Ok(json!({ op: { "left": var, "right": named(constraint) } })),
        Some("is") => {
            let mut body = json!({ "left": var, "entity_type": constraint["entity_type"] });
            if !constraint["in"].is_null() {
                body["in"] = named(&constraint["in"]);
            }
            Ok(json!({ "is": body }))
        }
        other => Err(format!("{name} {other:?}")),
    }
}

/// Puts the action in the place of its variable, and refuses whatever can fail.
fn place(expr: &mut Expr, literal: &Expr, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("more than {DEEPEST} levels"));
    }
    if expr["Var"] == "action" {
        expr.clone_from(literal);
        return Ok(());
    }
    let Some((op, body)) = expr.as_object_mut().and_then(|object| object.iter_mut().next()) else {
        return Err(expr.to_string());
    };
    match op.as_str() {
        "Var" | "Value" => Ok(()),
        // The attributes of whoever asks and of what it asks for are always there; those of another entity may not be.
        "." if body["left"].get("Var").is_some() => Ok(()),
        "." => Err("an attribute of an attribute".to_owned()),
        "Set" => {
            body.as_array_mut().into_iter().flatten().try_for_each(|item| place(item, literal, depth + 1))
        }
        op if TOTAL.contains(&op) => {
            const BRANCHES: &[&str] = &["left", "right", "arg", "if", "then", "else", "in"];
            for name in BRANCHES {
                if let Some(branch) = body.get_mut(*name) {
                    place(branch, literal, depth + 1)?;
                }
            }
            Ok(())
        }
        op => Err(format!("`{op}`")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cedar_policy::{Authorizer, Context, Decision, Entities, EntityId, Policy, PolicyId, Request};
    use noroshi_charter::{Charter, SIGHTS, Source};
    use noroshi_council::{Action, Layer, LayerState, ReaderFacts, Role, Seat, Subject};

    use super::*;

    fn uid(kind: &str, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(kind.parse().unwrap(), EntityId::new(id))
    }

    /// What Cedar decides where `policies` are all that there is.
    fn decides(policies: &PolicySet, action: &EntityUid, principal: &Value, resource: &Value) -> bool {
        let id = |entity: &Value| {
            uid(entity["uid"]["type"].as_str().unwrap(), entity["uid"]["id"].as_str().unwrap())
        };
        let request =
            Request::new(id(principal), action.clone(), id(resource), Context::empty(), None).unwrap();
        let entities = Entities::from_json_value(json!([principal, resource]), None).unwrap();
        Authorizer::new().is_authorized(&request, policies, &entities).decision() == Decision::Allow
    }

    fn as_policy(expr: Expr) -> PolicySet {
        let anybody = json!({ "op": "All" });
        let permit = json!({
            "effect": "permit", "principal": anybody, "action": anybody, "resource": anybody,
            "conditions": [{ "kind": "when", "body": expr }],
        });
        PolicySet::from_policies([Policy::from_json(Some(PolicyId::new("one")), permit).unwrap()]).unwrap()
    }

    fn entity(kind: &str, attrs: Value) -> Value {
        json!({ "uid": { "type": kind, "id": "one" }, "attrs": attrs, "parents": [] })
    }

    #[test]
    fn the_formula_of_sight_decides_as_the_charter_does() {
        let charter = Charter::compile(&Source::embedded("jp-2019-council").unwrap()).ok().unwrap();
        let written = Written::new(charter.policies(), charter.schema()).unwrap();
        let (mut asked, mut allowed) = (0_usize, 0_usize);
        for (_, degree) in SIGHTS {
            let action = uid("Action", degree);
            let formula = as_policy(written.decision(&action).unwrap().expr());
            let mut place = 0_usize;
            for seat in Seat::ALL.iter().copied().map(Some).chain([None]) {
                for truths in 0..32_u8 {
                    for layer in Layer::ALL {
                        for state in LayerState::ALL {
                            place += 1;
                            // Coprime to every factor: each value meets each other.
                            if !place.is_multiple_of(61) {
                                continue;
                            }
                            let facts = ReaderFacts {
                                seat,
                                role: seat.is_none().then_some(Role::Steering),
                                own: truths & 1 != 0,
                                addressed: truths & 2 != 0,
                                in_scope: truths & 4 != 0,
                                excluded: truths & 8 != 0,
                                secret_declined: truths & 16 != 0,
                            };
                            let reader = entity(
                                "Reader",
                                json!({
                                    "seat": seat.map_or("", Seat::as_str),
                                    "role": facts.role.map_or("", Role::as_str),
                                    "own": facts.own, "addressed": facts.addressed, "inScope": facts.in_scope,
                                    "excluded": facts.excluded, "secretDeclined": facts.secret_declined,
                                }),
                            );
                            let layered =
                                entity("Layer", json!({ "layer": layer.as_str(), "state": state.as_str() }));
                            let law = charter.rules_on_sight(&facts, degree, *layer, *state).allowed;
                            assert_eq!(
                                decides(&formula, &action, &reader, &layered),
                                law,
                                "{degree} {facts:?}"
                            );
                            asked += 1;
                            allowed += usize::from(law);
                        }
                    }
                }
            }
        }
        assert!(allowed > 100 && asked - allowed > 100, "{allowed} of {asked}");
    }

    #[test]
    fn the_formula_of_acts_decides_as_the_charter_does() {
        let charter = Charter::compile(&Source::embedded("jp-2019-council").unwrap()).ok().unwrap();
        let written = Written::new(charter.policies(), charter.schema()).unwrap();
        let (mut asked, mut allowed, mut place) = (0_usize, 0_usize, 0_usize);
        for act in Action::ALL {
            let action = uid("Action", act.as_str());
            let formula = as_policy(written.decision(&action).unwrap().expr());
            for seat in Seat::ALL {
                for roles in [BTreeSet::new(), BTreeSet::from([Role::Admin])] {
                    for truths in 0..8_u8 {
                        place += 1;
                        if !place.is_multiple_of(5) {
                            continue;
                        }
                        let subject = Subject {
                            own: truths & 1 != 0,
                            party: truths & 2 != 0,
                            state: String::new(),
                            confidence: if truths & 4 != 0 { 50 } else { -1 },
                        };
                        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                        let actor = entity("Actor", json!({ "seat": seat.as_str(), "roles": names }));
                        let thing = entity(
                            "Thing",
                            json!({
                                "own": subject.own, "party": subject.party, "state": subject.state,
                                "confidence": subject.confidence,
                            }),
                        );
                        let law = charter.rules_on_act(*seat, &roles, act.as_str(), &subject).allowed;
                        let said = decides(&formula, &action, &actor, &thing);
                        assert_eq!(said, law, "{} {seat:?} {roles:?} {subject:?}", act.as_str());
                        asked += 1;
                        allowed += usize::from(law);
                    }
                }
            }
        }
        assert!(allowed > 100 && asked - allowed > 100, "{allowed} of {asked}");
    }
    #[test]
    fn every_way_to_write_a_scope_is_taken_and_what_can_fail_is_not() {
        let schema =
            "entity Org; entity User in [Org] { org: Org, age: Long }; entity Doc in [Org] { at: String };
            action writing; action edit, read in [writing] appliesTo { principal: User, resource: Doc };";
        let (schema, _) = Schema::from_cedarschema_str(schema).unwrap();
        let text = r#"
            @id("a") permit (principal == User::"u", action in Action::"writing", resource == Doc::"d");
            @id("b") permit (principal in Org::"o", action == Action::"read", resource in Org::"o");
            @id("c") permit (principal is User in Org::"p", action, resource is Doc)
                unless { action == Action::"edit" };
            @id("d") forbid (principal, action in [Action::"edit", Action::"read"], resource)
                when { if resource.at like "x*" then principal.age > 3 else false };"#;
        let policies: PolicySet = text.parse().unwrap();
        let written = Written::new(&policies, &schema).unwrap();
        for action in ["edit", "read"].map(|name| uid("Action", name)) {
            let formula = as_policy(written.decision(&action).unwrap().expr());
            let mut permitted = 0;
            for (user, doc) in [("u", "d"), ("v", "d"), ("u", "e"), ("v", "e")] {
                for (user_in, doc_in) in [("o", "o"), ("p", "o"), ("q", "o"), ("o", "q")] {
                    for (at, age) in [("x1", 4), ("x1", 3), ("y", 4)] {
                        let entities = json!([
                            { "uid": { "type": "User", "id": user },
                              "attrs": { "org": { "__entity": { "type": "Org", "id": "o" } }, "age": age },
                              "parents": [{ "type": "Org", "id": user_in }] },
                            { "uid": { "type": "Doc", "id": doc }, "attrs": { "at": at },
                              "parents": [{ "type": "Org", "id": doc_in }] },
                            { "uid": { "type": "Action", "id": action.id().unescaped() }, "attrs": {},
                              "parents": [{ "type": "Action", "id": "writing" }] },
                        ]);
                        let entities = Entities::from_json_value(entities, None).unwrap();
                        let request = Request::new(
                            uid("User", user),
                            action.clone(),
                            uid("Doc", doc),
                            Context::empty(),
                            None,
                        )
                        .unwrap();
                        let decide =
                            |set| Authorizer::new().is_authorized(&request, set, &entities).decision();
                        assert_eq!(
                            decide(&formula),
                            decide(&policies),
                            "{user} {user_in} {doc} {doc_in} {at} {age}"
                        );
                        permitted += usize::from(decide(&policies) == Decision::Allow);
                    }
                }
            }
            assert!(permitted > 0 && permitted < 48, "{permitted}");
        }
        for (body, what) in [
            ("principal.age + 1 == 2", "`+`"),
            ("-principal.age == 2", "`neg`"),
            ("decimal(resource.at).lessThan(decimal(\"1.0\"))", "`lessThan`"),
            ("principal.org.name == \"o\"", "an attribute of an attribute"),
        ] {
            let one = format!("@id(\"x\") permit (principal, action, resource) when {{ true && {body} }};");
            let written = Written::new(&one.parse().unwrap(), &schema).unwrap();
            let refused = written.decision(&uid("Action", "read")).unwrap_err();
            assert_eq!((refused.rule.as_str(), refused.what.as_str()), ("x", what));
        }
    }

    #[test]
    fn what_is_too_deep_is_not_taken() {
        let schema = "entity User { age: Long }; action read appliesTo { principal: User, resource: User };";
        let (schema, _) = Schema::from_cedarschema_str(schema).unwrap();
        let refused = move |length: usize| {
            let chain = vec!["principal.age == 1"; length].join(" || ");
            let text = format!("@id(\"x\") permit (principal, action, resource) when {{ {chain} }};");
            Written::new(&text.parse().unwrap(), &schema).unwrap().decision(&uid("Action", "read")).err()
        };
        // Cedar's own parser needs more than the stack of a test for these.
        let work = move || (refused(200), refused(300));
        let (short, long) =
            std::thread::Builder::new().stack_size(256 << 20).spawn(work).unwrap().join().unwrap();
        assert_eq!(short, None);
        assert!(long.is_some_and(|refused| refused.what.contains("levels")));
    }
}

//! Who sees what of a consultation, and of the inquiries on behalf of its consulter.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Consultation, Permission, State, Voice};
use crate::{
    Class, Gate, Layer, LayerState, NamedScope, OrgId, Sight, Thing as _, View,
    gate::About,
    leaks,
    thing::{in_order, show},
};

impl Consultation {
    pub(super) fn all_views(&self, gate: &Gate<'_>) -> Vec<View> {
        let mut views = Vec::new();
        let identity = About::councils(Layer::Identity, LayerState::Submitted, true).own(&self.consulter);
        if self.state == State::Sealed && !leaks!("leak-sealed") {
            // Only the consulter still sees that there was something; the coordinator's record is the journal.
            views.push(View {
                layer: Layer::Consultation,
                sight: Sight::Full,
                key: String::new(),
                readers: BTreeSet::from([crate::gate::Principal::Org(self.consulter.clone())]),
                scope: Some("all".into()),
                body: json!({"state": "sealed", "opened_at": self.opened_at}),
            });
            return views;
        }
        show(
            &mut views,
            gate,
            &identity,
            Some("all"),
            "",
            |_| json!({"consulter": self.consulter, "scope": self.scope.expression()}),
        );
        let about = About::councils(Layer::Consultation, layer_state(&self.scope), true).scope(&self.scope);
        let posts: Vec<_> = self
            .posts
            .iter()
            .map(|p| {
                json!({"no": p.no, "voice": p.voice, "text": p.text, "advice": p.advice, "at": p.at,
                       "files": p.files, "org": (p.voice != Voice::Consulter).then_some(&p.org)})
            })
            .collect();
        let permissions: Vec<_> = self
            .permissions
            .iter()
            .map(|p| {
                json!({"no": p.no, "purpose": p.purpose, "text": p.text, "proposed": p.proposed, "due": p.due,
                       "asked_at": p.asked_at, "result": p.result,
                       "granted": p.answer.as_ref().map(|a| a.granted), "waits": p.waits(), "withdrawn": p.withdrawn,
                       "note": p.answer.as_ref().map(|a| a.note.as_str()),
                       "answered_at": p.answer.as_ref().map(|a| a.at),
                       "replies": p.replies.len()})
            })
            .collect();
        show(&mut views, gate, &about, Some("all"), "", |_| {
            json!({
                "state": self.state(), "hunch": self.hunch, "anonymous": self.anonymous, "by_proxy": self.by_proxy,
                "consulter": (!self.anonymous || leaks!("leak-consulter")).then_some(&self.consulter),
                "without_regulators": self.scope.expression().except_my_regulators,
                "adviser": self.adviser, "opened_at": self.opened_at,
                "posts": posts, "permissions": permissions,
            })
        });
        for permission in &self.permissions {
            self.inquiry_views(gate, permission, &mut views);
        }
        views
    }

    fn inquiry_views(&self, gate: &Gate<'_>, permission: &Permission, views: &mut Vec<View>) {
        let scope = permission.answer.as_ref().and_then(|a| a.scope.as_ref());
        let Some((called, scope)) = permission.inquiry().zip(scope) else { return };
        let addressed: BTreeSet<OrgId> = scope.audience().clone();
        let about =
            About::councils(Layer::Inquiry, LayerState::Permitted, true).scope(scope).addressed(&addressed);
        let key = format!("p{}", permission.no);
        // Question only, whoever asks: where it came from stays with the consultation.
        let question = json!({
            "question": permission.text, "inquiry": called,
            "asked_at": permission.answer.as_ref().map(|a| a.at),
            "due": permission.due, "open": self.is_out(permission),
            "context": leaks!("leak-inquiry").then(|| self.posts.first().map(|p| p.text.as_str())),
        });
        show(views, gate, &about, Some(&key), &called, |_| question.clone());
        let keys = in_order(permission.replies.iter().map(|(org, reply)| (org, reply.at)));
        for (org, reply) in &permission.replies {
            let about = About::councils(Layer::SimpleFeedbackEach, LayerState::Given, true).own(org);
            let place = format!("{called}:{}", keys.get(org).map_or("", String::as_str));
            show(views, gate, &about, None, &place, |sight| match sight {
                Sight::Full => {
                    json!({"org": org, "verdict": reply.verdict, "comment": reply.comment, "at": reply.at})
                }
                _ => json!({"at": reply.at}),
            });
        }
    }
}

/// A consultation is addressed to class 1 as such, or to those whom its scope names.
pub(super) fn layer_state(scope: &NamedScope) -> LayerState {
    if scope.expression().classes.contains(&Class::Class1) {
        LayerState::AddressedToC1
    } else {
        LayerState::AddressedToNamed
    }
}

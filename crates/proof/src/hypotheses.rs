//! The hypotheses of the proofs, written as Cedar policies: each forbids what is not spoken of.
//!
//! What can be at all is not decided here: seats, roles, layers and states are those of `noroshi-council`, and which truths go
//! together is what its gate makes of a membership.

use cedar_policy::{Policy, PolicySet};
use noroshi_council::{Class, Layer, LayerState, Role, Seat};

/// The hypotheses of the properties, for people to read.
pub const PROPERTIES: &str = include_str!("../hypotheses/properties.cedar");

fn one_of(place: &str, words: impl Iterator<Item = &'static str>) -> String {
    words.map(|word| format!("{place} == \"{word}\"")).collect::<Vec<_>>().join(" || ")
}

/// What readers, actors and things there can be where members are of these classes, for people to read.
#[must_use]
pub(crate) fn possible(classes: &[Class]) -> String {
    let there = |seat: &&Seat| match seat {
        Seat::Member(class) => classes.contains(class),
        _ => true,
    };
    let sits = |seat: &&Seat| there(seat) && !matches!(seat, Seat::Clock | Seat::Applicant);
    let reads = one_of("principal.seat", Seat::ALL.iter().filter(sits).map(|s| s.as_str()).chain([""]));
    let plays = one_of("principal.role", Role::ALL.iter().map(|r| r.as_str()).chain([""]));
    let layers = one_of("resource.layer", Layer::ALL.iter().map(|l| l.as_str()));
    let states = one_of("resource.state", LayerState::ALL.iter().map(|s| s.as_str()));
    let acts = one_of("principal.seat", Seat::ALL.iter().filter(there).map(|s| s.as_str()));
    let roles: Vec<String> = Role::ALL.iter().map(|r| format!("\"{}\"", r.as_str())).collect();
    let roles = roles.join(", ");
    let coordinator = Seat::Coordinator.as_str();
    format!(
        r#"// What there can be at all: the seats, roles, layers and states that the software knows.

@id("readers-seats")
forbid (principal is Reader, action, resource is Layer)
unless {{ {reads} }};

@id("readers-roles")
forbid (principal is Reader, action, resource is Layer)
unless {{ {plays} }};

// Who reads is an organisation, or whoever holds a role.
@id("seat-or-role")
forbid (principal is Reader, action, resource is Layer)
unless {{ (principal.seat == "") != (principal.role == "") }};

// A role owns nothing, is addressed by nobody, left out by nobody, and has set itself nothing.
@id("a-role-has-no-part")
forbid (principal is Reader, action, resource is Layer)
when {{
    principal.role != "" &&
    (principal.own || principal.addressed || principal.excluded || principal.secretDeclined)
}};

// No provider can leave out the coordinator.
@id("nobody-leaves-out-the-coordinator")
forbid (principal is Reader, action, resource is Layer)
when {{ principal.seat == "{coordinator}" && principal.excluded }};

@id("layers")
forbid (principal is Reader, action, resource is Layer)
unless {{ {layers} }};

@id("states")
forbid (principal is Reader, action, resource is Layer)
unless {{ {states} }};

@id("actors-seats")
forbid (principal is Actor, action, resource is Thing)
unless {{ {acts} }};

@id("actors-roles")
forbid (principal is Actor, action, resource is Thing)
unless {{ [{roles}].containsAll(principal.roles) }};

// -1 where there is no confidence.
@id("confidence")
forbid (principal is Actor, action, resource is Thing)
unless {{ resource.confidence >= -1 && resource.confidence <= 100 }};
"#
    )
}

/// All hypotheses, parsed.
#[derive(Debug)]
pub(crate) struct Hypotheses {
    possible: PolicySet,
    named: PolicySet,
}

impl Hypotheses {
    /// # Errors
    /// What Cedar says to a text that is none of its policies.
    pub(crate) fn read(classes: &[Class]) -> Result<Hypotheses, String> {
        let parse = |text: &str| text.parse::<PolicySet>().map_err(|e| e.to_string());
        Ok(Hypotheses { possible: parse(&possible(classes))?, named: parse(PROPERTIES)? })
    }

    /// The hypotheses on what there can be, and those of `names`.
    pub(crate) fn of(&self, names: &[&str]) -> Vec<Policy> {
        let wanted = |p: &&Policy| p.annotation("id").is_some_and(|id| names.contains(&id));
        self.possible.policies().chain(self.named.policies().filter(wanted)).cloned().collect()
    }
}

//! What becomes of the charter by an amendment, whatever was put in force since it was written.

use noroshi_charter::{Amendment, Conflict, Source, Wording};
use noroshi_council::assembly::Motion;

use crate::charters::Version;

/// The charter in force among `versions`, and what the amendment of `motion` makes of it; nothing where it is none.
pub(crate) fn outcome(
    motion: &Motion,
    versions: &[Version],
) -> Option<(Source, Result<Source, Vec<Conflict>>)> {
    let amended = motion.amended()?;
    let changes: Amendment = serde_json::from_value(amended.changes.clone()).ok()?;
    let now = &versions.iter().rfind(|v| v.in_force_at.is_some())?.source;
    let base = &versions.iter().find(|v| i64::from(v.source.version) == amended.base)?.source;
    let next = u32::try_from(versions.len()).unwrap_or(u32::MAX) + 1;
    if base.version == now.version {
        return Some((now.clone(), changes.apply(now, next)));
    }
    let (Ok(old), Ok(new)) = (Wording::of(base), Wording::of(now)) else {
        // What a version said that cannot be read any more is not known of any place.
        return Some((now.clone(), Err(vec![Conflict::Policies])));
    };
    Some((now.clone(), changes.rebase((base, &old), (now, &new), next)))
}

/// Whether an amendment takes effect upon the very charter that it was written for, as those who voted knew.
pub(crate) fn is_direct(motion: &Motion, now: &Source) -> bool {
    motion.amended().is_some_and(|amended| amended.base == i64::from(now.version))
}

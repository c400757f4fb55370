//! 添付: files that come with a form. What was chosen waits in memory while the form is looked at or mended, so that nobody
//! has to choose it twice; nothing is stored before the form has gone through.

use noroshi_council::consult::FILE_MAX;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{desk::Desk, typed::Typed};
use crate::{
    acts::consult::Attached,
    held::Named,
    store::audience::hex,
    web::{Error, FieldFlaw, Upload},
};

/// The field that files come in, and at which is said what is wrong with them.
pub(super) const FIELD: &str = "files";

/// A form as it was sent, with its files.
pub(super) struct Sent {
    /// What was typed.
    pub typed: Typed,
    token: String,
    files: Vec<Named>,
    gone: bool,
    over: Option<u64>,
}

fn too_large(field: &str, cap: u64) -> FieldFlaw {
    FieldFlaw::told(field, "files-too-large", said(cap))
}

/// What is wrong with files that are larger than may come with a form, which were not kept.
pub(super) fn over(field: &str, cap: u64) -> Error {
    Error::Invalid(vec![too_large(field, cap)])
}

impl Sent {
    /// The files that wait since the form was sent before, without those that are left out now, and those that come now.
    pub fn read(desk: &Desk, upload: Upload<Typed>) -> Sent {
        let Upload { fields: typed, files, cap, over } = upload;
        let token = typed.text("held");
        let waits = desk.app.attached().get(&desk.who.known.actor.person, &token, desk.now());
        let gone = !token.is_empty() && waits.is_none();
        let left: Vec<usize> = typed.all("leave").filter_map(|no| no.parse().ok()).collect();
        let waits = waits.map(|waiting| waiting.files).unwrap_or_default().into_iter().enumerate();
        let waits = waits.filter(|(no, _)| !left.contains(no)).map(|(_, file)| file);
        let fresh = files.into_iter().filter(|file| file.field == FIELD);
        let fresh = fresh.map(|file| Named { name: file.name, bytes: file.content });
        let files: Vec<Named> = waits.chain(fresh).collect();
        // What a form says is what makes it the same when it is sent twice: not where its files wait, but what they are.
        let digest = files.iter().fold(Sha256::new(), |digest, file| {
            digest.chain_update(&file.name).chain_update([0]).chain_update(Sha256::digest(&file.bytes))
        });
        let same = if files.is_empty() { String::new() } else { hex(&digest.finalize()) };
        let typed = typed.with("held", "").with("leave", "").with("attached", same);
        Sent { typed, token, files, gone, over: over.then_some(cap) }
    }

    /// The form before anything was sent.
    pub fn empty(typed: Typed) -> Sent {
        Sent { typed, token: String::new(), files: Vec::new(), gone: false, over: None }
    }

    /// The files, for the act.
    ///
    /// # Errors
    /// Refuses where some have gone that waited: with a restart, for another form, or after an hour; and where those that came
    /// are too large.
    pub fn files(&self) -> Result<Vec<Attached>, Error> {
        if let Some(cap) = self.over {
            return Err(over(FIELD, cap));
        }
        if self.gone {
            return Err(Error::field(FIELD, "file-gone"));
        }
        let of = |file: &Named| Attached { name: file.name.clone(), content: file.bytes.clone() };
        Ok(self.files.iter().map(of).collect())
    }

    /// Lets the files go that have gone through.
    pub fn through(&self, desk: &Desk) {
        desk.app.attached().release(&desk.who.known.actor.person, &self.token, desk.now());
    }

    /// The form to be shown again, with its files waiting.
    pub fn shown(&self, desk: &Desk, mut form: Value) -> Value {
        // Nobody finds out only after sending that a file is not with it any more.
        let gone = self.gone.then(|| FieldFlaw::new(FIELD, "file-gone"));
        if let Some(flaw) = self.over.map(|cap| too_large(FIELD, cap)).or(gone)
            && form["flaws"][FIELD].is_null()
        {
            let said = flaw.said(desk.spoken());
            form["flaws"][FIELD] = json!(said);
            if let Some(list) = form["list"].as_array_mut() {
                list.push(json!({"field": FIELD, "text": said}));
            }
        }
        if !self.files.is_empty() {
            let token = desk.app.attached().put(&desk.who.known.actor.person, self.files.clone(), desk.now());
            form["held"] = json!(token);
            let of = |file: &Named| json!({"name": file.name, "size": said(file.bytes.len() as u64)});
            form["files"] = self.files.iter().map(of).collect();
        }
        form
    }
}

/// What a form says of how large its files may be: each, and all of them with what else is typed.
pub(super) fn limits(desk: &Desk) -> Value {
    // What is not a file needs room, too.
    let all = desk.app.upload_limit().saturating_sub(1 << 20).max(1 << 20);
    let each = FILE_MAX.min(all);
    json!({"each": said(each), "all": said(all), "each_bytes": each, "all_bytes": all})
}

/// A size in bytes, as people say it.
#[expect(clippy::cast_precision_loss, reason = "one place after the point is shown")]
pub(super) fn said(size: u64) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..0x10_0000 => format!("{:.0} kB", size as f64 / 1024.0),
        _ if size.is_multiple_of(0x10_0000) => format!("{} MB", size / 0x10_0000),
        _ => format!("{:.1} MB", size as f64 / f64::from(0x10_0000)),
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        assert_eq!([said(12), said(2048), said(5_400_000)], ["12 B", "2 kB", "5.1 MB"]);
    }
}

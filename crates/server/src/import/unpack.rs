//! Files as people have them: packed or not, never unpacked further than a limit, and read without being held whole.

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

use flate2::read::MultiGzDecoder;
use noroshi_wire::stix::{self, Fault, Limits, Object};

use crate::web::{Error, FieldFlaw};

/// What is sent packed may unpack to so many times the limit of what is sent. More is no file that anybody works with.
const TIMES: u64 = 4;

/// How much of the beginning is looked at to tell what a file is.
const HEAD: usize = 64 << 10;

/// Unpacks gzip while it is read; anything else is read as it is.
///
/// # Errors
/// Fails as `raw` does.
pub(crate) fn unpacked<'a, R: BufRead + 'a>(mut raw: R) -> io::Result<Box<dyn BufRead + 'a>> {
    Ok(if raw.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(raw)))
    } else {
        Box::new(raw)
    })
}

/// A file that was sent.
pub(crate) struct Sent<'a> {
    /// In which field, for what is said about it.
    pub field: &'a str,
    /// Its bytes, packed or not.
    pub bytes: &'a [u8],
    /// The limit of what is sent, bytes.
    pub limit: u64,
}

impl Sent<'_> {
    fn open(&self, most: u64) -> Result<(BufReader<Capped<'_>>, Rc<Cell<bool>>), Error> {
        let over = Rc::new(Cell::new(false));
        let inner = unpacked(self.bytes).map_err(Error::internal)?;
        Ok((BufReader::new(Capped { inner, left: most, over: over.clone() }), over))
    }

    fn flaw(&self, code: &'static str, limit: u64) -> Error {
        let mut flaw = FieldFlaw::new(self.field, code);
        flaw.limit = i64::try_from(limit).ok();
        Error::Invalid(vec![flaw])
    }

    /// Whether it gives itself out for STIX: whatever is wrong with it then is told as that, and not read as plain text.
    pub fn is_stix(&self) -> bool {
        let Ok((reader, _)) = self.open(HEAD as u64) else { return false };
        let mut head = Vec::new();
        // The end of what is looked at may be the end of the limit.
        let _ = reader.take(HEAD as u64).read_to_end(&mut head);
        let head = String::from_utf8_lossy(&head);
        let start = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        start.starts_with(['{', '['])
            && head.contains("\"type\"")
            && ["\"bundle\"", "\"spec_version\"", "--"].iter().any(|sign| head.contains(sign))
    }

    /// Reads every object of it.
    ///
    /// # Errors
    /// Tells the first fault: which object, what is wrong, at which line or byte; and where it unpacks to too much.
    pub fn objects(&self, mut each: impl FnMut(Object)) -> Result<u64, Error> {
        let most = self.limit.saturating_mul(TIMES);
        let (reader, over) = self.open(most)?;
        let read = stix::read(reader, &Limits::default(), |object| {
            each(object);
            Ok::<(), stix::Error>(())
        });
        match read {
            Ok(0) => Err(self.flaw("no-objects", 0)),
            Ok(count) => Ok(count),
            Err(_) if over.get() => Err(self.flaw("unpacks-too-large", most)),
            Err(error) => Err(self.told(&error)),
        }
    }

    /// The whole as text of at most `most` bytes.
    ///
    /// # Errors
    /// Says that it is too long, broken, or no UTF-8: nobody guesses what it may have meant.
    pub fn text(&self, most: u64) -> Result<String, Error> {
        let (mut reader, over) = self.open(most)?;
        let mut text = Vec::new();
        match reader.read_to_end(&mut text) {
            Ok(_) => {}
            Err(_) if over.get() => return Err(self.flaw("text-too-large", most)),
            Err(_) => return Err(self.flaw("broken-gzip", 0)),
        }
        let text = String::from_utf8(text).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
            self.flaw("not-utf8", line as u64)
        })?;
        Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
    }

    fn told(&self, error: &stix::Error) -> Error {
        match &error.fault {
            Fault::Json(_) | Fault::Truncated | Fault::Utf8 | Fault::Io(_) => {
                Error::Malformed(Some(self.place(error.at)))
            }
            fault => {
                let mut flaw = FieldFlaw::new(format!("objects[{}]", error.index), code(fault));
                // How much it may be, or where in the text it is.
                flaw.limit = match fault {
                    Fault::TooLong(most) => i64::try_from(*most).ok(),
                    Fault::TooMany(_) => None,
                    _ => i64::try_from(error.at).ok(),
                };
                Error::Invalid(vec![flaw])
            }
        }
    }

    /// The line and the column of a byte, counted by reading up to it once more.
    fn place(&self, at: u64) -> (usize, usize) {
        let Ok((mut reader, _)) = self.open(at.saturating_add(1)) else { return (1, 0) };
        let (mut line, mut column) = (1, 0);
        let mut piece = [0; 4096];
        let mut left = at;
        while left > 0 {
            let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let Ok(n @ 1..) = reader.read(&mut piece[..most]) else { break };
            for byte in &piece[..n] {
                (line, column) = if *byte == b'\n' { (line + 1, 0) } else { (line, column + 1) };
            }
            left -= n as u64;
        }
        (line, column)
    }
}

/// What a form says at `field` where a file could not be read at all.
#[must_use]
pub(crate) fn at_field(error: Error, field: &str) -> Error {
    match error {
        Error::Malformed(place) => {
            let mut flaw = FieldFlaw::new(field, "broken-file");
            flaw.limit = place.and_then(|(line, _)| i64::try_from(line).ok());
            Error::Invalid(vec![flaw])
        }
        // No form has a field for one object of a file.
        Error::Invalid(mut flaws) => {
            for flaw in flaws.iter_mut().filter(|f| f.field.starts_with("objects[")) {
                let number = flaw.field.trim_start_matches("objects[").trim_end_matches(']').parse::<i64>();
                flaw.limit = number.ok().map(|n| n + 1);
                flaw.code = format!("file-{}", flaw.code).into();
                field.clone_into(&mut flaw.field);
            }
            Error::Invalid(flaws)
        }
        other => other,
    }
}

fn code(fault: &Fault) -> &'static str {
    match fault {
        Fault::Duplicate(_) => "duplicate",
        Fault::TooDeep(_) => "too-deep",
        Fault::TooLong(_) | Fault::TooMany(_) => "too-large",
        Fault::Missing(_) => "stix-missing",
        Fault::Id(_) => "stix-id",
        Fault::Spec(_) => "stix-version",
        Fault::Time(_) => "stix-time",
        _ => "stix-object",
    }
}

/// A reader that ends with an error instead of giving more than it may.
struct Capped<'a> {
    inner: Box<dyn BufRead + 'a>,
    left: u64,
    over: Rc<Cell<bool>>,
}

impl Read for Capped<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => {
                self.left = left;
                Ok(n)
            }
            None => {
                self.over.set(true);
                Err(io::Error::other("more than may be unpacked"))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn sent(bytes: &[u8]) -> Sent<'_> {
        Sent { field: "file", bytes, limit: 1 << 20 }
    }

    fn code_of(error: Error) -> (String, String, Option<i64>) {
        let Error::Invalid(mut flaws) = error else { panic!("{error:?}") };
        let flaw = flaws.remove(0);
        (flaw.field, flaw.code.into_owned(), flaw.limit)
    }

    const ONE: &str = r#"{"type":"bundle","id":"bundle--0d2bff0a-2b43-4a3a-9f0a-0f0a2b434a3a","objects":[
{"type":"identity","spec_version":"2.1","id":"identity--0d2bff0a-2b43-4a3a-9f0a-0f0a2b434a3a","created":"2017-05-12T08:24:00.000Z","modified":"2017-05-12T08:24:00.000Z","name":"x"}]}"#;

    #[test]
    fn packed_or_not_it_is_the_same_file() {
        for bytes in [ONE.as_bytes().to_vec(), packed(ONE.as_bytes())] {
            assert!(sent(&bytes).is_stix());
            assert_eq!(sent(&bytes).objects(|_| ()).unwrap(), 1);
        }
        for text in ["通信先 203.0.113.7", "{\"a\": 1}", "[2017-05-12] error"] {
            assert!(!sent(text.as_bytes()).is_stix(), "{text}");
            assert_eq!(sent(&packed(text.as_bytes())).text(1000).unwrap(), text);
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_is_there() {
        let mut bomb = ONE.trim_end_matches("]}").as_bytes().to_vec();
        bomb.resize(64 << 20, b' ');
        let bomb = packed(&bomb);
        assert!(bomb.len() < 100 << 10);
        let refused = code_of(sent(&bomb).objects(|_| ()).unwrap_err());
        assert_eq!(refused, ("file".into(), "unpacks-too-large".into(), Some(4 << 20)));
        let refused = code_of(sent(&bomb).text(1 << 20).unwrap_err());
        assert_eq!(refused, ("file".into(), "text-too-large".into(), Some(1 << 20)));
    }

    #[test]
    fn faults_say_where_they_are() {
        let broken = packed(ONE.as_bytes());
        let cut = &broken[..broken.len() / 2];
        assert_eq!(code_of(sent(cut).text(1000).unwrap_err()).1, "broken-gzip");
        let malformed = |bytes: &[u8]| match sent(bytes).objects(|_| ()) {
            Err(Error::Malformed(Some((line, _)))) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(malformed("一\n二\n".as_bytes()), 1);
        assert_eq!(malformed(ONE.replace("]}", "\n,,]}").as_bytes()), 3);
        assert_eq!(malformed(&[ONE.as_bytes(), b"\n\n{\"type\":\"\xff\"}"].concat()), 4);
        let latin = [ONE.as_bytes(), b"\n\xff\n"].concat();
        assert_eq!(
            code_of(sent(&latin).text(9999).unwrap_err()),
            ("file".into(), "not-utf8".into(), Some(3))
        );
        let second = ONE.replace("]}", ",\n{\"type\":\"identity\"}]}");
        let refused = code_of(sent(second.as_bytes()).objects(|_| ()).unwrap_err());
        assert_eq!((refused.0.as_str(), refused.1.as_str()), ("objects[1]", "stix-missing"));
        let refused = code_of(at_field(sent(second.as_bytes()).objects(|_| ()).unwrap_err(), "file"));
        assert_eq!(refused, ("file".into(), "file-stix-missing".into(), Some(2)));
        assert_eq!(code_of(sent(b"  ").objects(|_| ()).unwrap_err()).1, "no-objects");
    }
}

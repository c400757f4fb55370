//! Reads objects from a stream, one at a time, whatever they come in: a bundle with its keys in any order, a list, one
//! object, or several of these one after another.
//!
//! The input may be longer than the memory: never more than one object is held.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fmt,
    io::{BufRead, Read},
};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Error, Fault, Object, shown};

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one object, and of what a bundle has beside its objects.
    pub object_bytes: u64,
    /// How deep lists and objects nest; at most 120.
    pub depth: usize,
    /// How many objects.
    pub objects: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { object_bytes: 8 << 20, depth: 64, objects: u64::MAX }
    }
}

/// Reads every object of `input` and hands it on. Says how many there were.
///
/// # Errors
/// Stops at the first fault of the input, or as `each` does. What was handed on before stays handed on: whoever wants
/// all or nothing reads twice, or keeps what it was handed.
pub fn read<R: BufRead, E: From<Error>>(
    input: R,
    limits: &Limits,
    each: impl FnMut(Object) -> Result<(), E>,
) -> Result<u64, E> {
    let limits = Limits { depth: limits.depth.min(120), ..*limits };
    let meter = Meter::default();
    let mut gauge = Gauge { input, meter: &meter };
    let run = Run {
        meter: &meter,
        limits,
        count: Cell::new(0),
        stop: RefCell::new(None),
        each: RefCell::new(each),
    };
    loop {
        let more = gauge.skip().map_err(|e| run.fault(meter.at.get(), Fault::Io(e.to_string())))?;
        if !more {
            return Ok(run.count.get());
        }
        meter.refill(limits.object_bytes);
        meter.tape.replace(Some(Vec::new()));
        let start = meter.at.get();
        let answer = Top(&run).deserialize(&mut serde_json::Deserializer::from_reader(&mut gauge));
        match answer {
            Ok(Got::Streamed) => {}
            Ok(Got::Single) => {
                let tape = meter.tape.take().unwrap_or_default();
                let text = String::from_utf8(tape).map_err(|_| run.fault(start, Fault::Utf8))?;
                let raw = RawValue::from_string(text).map_err(|e| run.fault(start, fault_of(&e)))?;
                run.take(raw, start)?;
            }
            Err(error) => {
                if let Some(stop) = run.stop.take() {
                    return Err(stop);
                }
                let fault =
                    if meter.over.get() { Fault::TooLong(limits.object_bytes) } else { fault_of(&error) };
                return Err(run.fault(meter.at.get(), fault));
            }
        }
    }
}

/// What a message of the JSON library means.
pub(super) fn fault_of(error: &serde_json::Error) -> Fault {
    use serde_json::error::Category;
    let text = error.to_string();
    match error.classify() {
        Category::Io => Fault::Io(text),
        Category::Eof => Fault::Truncated,
        Category::Data => Fault::NotAnObject,
        Category::Syntax if text.starts_with("invalid unicode code point") => Fault::Utf8,
        Category::Syntax => {
            let what = text.split(" at line ").next().unwrap_or_default();
            Fault::Json(what.to_owned())
        }
    }
}

/// What the reader of bytes and the reader of objects tell each other.
#[derive(Default)]
struct Meter {
    at: Cell<u64>,
    left: Cell<u64>,
    over: Cell<bool>,
    /// The bytes of the value that is being read, while it may turn out to be a single object.
    tape: RefCell<Option<Vec<u8>>>,
}

impl Meter {
    fn refill(&self, bytes: u64) {
        self.left.set(bytes);
    }
}

struct Gauge<'m, R> {
    input: R,
    meter: &'m Meter,
}

impl<R: BufRead> Gauge<'_, R> {
    /// Skips white space between values, and the mark that some programs put before the first. Says whether there is more.
    fn skip(&mut self) -> std::io::Result<bool> {
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let marked = self.meter.at.get() == 0 && bytes.starts_with(b"\xef\xbb\xbf");
            let blank = bytes.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
            let skip = if marked { 3 } else { blank };
            if skip == 0 {
                return Ok(true);
            }
            self.input.consume(skip);
            self.meter.at.set(self.meter.at.get() + skip as u64);
        }
    }
}

impl<R: BufRead> Read for Gauge<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let left = self.meter.left.get();
        if left == 0 {
            self.meter.over.set(true);
            return Err(std::io::Error::other("too long"));
        }
        let most = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let n = self.input.read(&mut into[..most])?;
        self.meter.left.set(left - n as u64);
        self.meter.at.set(self.meter.at.get() + n as u64);
        if let Some(tape) = &mut *self.meter.tape.borrow_mut() {
            tape.extend_from_slice(&into[..n]);
        }
        Ok(n)
    }
}

struct Run<'m, F, E> {
    meter: &'m Meter,
    limits: Limits,
    count: Cell<u64>,
    stop: RefCell<Option<E>>,
    each: RefCell<F>,
}

impl<F: FnMut(Object) -> Result<(), E>, E: From<Error>> Run<'_, F, E> {
    fn fault(&self, at: u64, fault: Fault) -> E {
        Error { index: self.count.get(), at, fault }.into()
    }

    /// Takes the object that begins at byte `start`.
    fn take(&self, raw: Box<RawValue>, start: u64) -> Result<(), E> {
        if self.count.get() >= self.limits.objects {
            return Err(self.fault(start, Fault::TooMany(self.limits.objects)));
        }
        let object =
            Object::new(raw, self.limits.depth).map_err(|(at, fault)| self.fault(start + at, fault))?;
        (self.each.borrow_mut())(object)?;
        self.count.set(self.count.get() + 1);
        Ok(())
    }

    fn stop<D: serde::de::Error>(&self, error: E) -> D {
        self.stop.replace(Some(error));
        D::custom("")
    }

    /// Takes every element of a list.
    fn list<'de, A: SeqAccess<'de>>(&self, mut list: A) -> Result<(), A::Error> {
        self.meter.tape.take();
        loop {
            // One more for the comma or bracket that is looked at before the next object.
            self.meter.refill(self.limits.object_bytes.saturating_add(1));
            let Some(raw) = list.next_element::<Box<RawValue>>()? else { break };
            let start = self.meter.at.get() - raw.get().len() as u64;
            if !raw.get().starts_with('{') {
                return Err(self.stop(self.fault(start, Fault::NotAnObject)));
            }
            self.take(raw, start).map_err(|e| self.stop(e))?;
        }
        self.meter.refill(self.limits.object_bytes);
        Ok(())
    }
}

enum Got {
    Streamed,
    Single,
}

/// A value of the stream: a bundle, a list or an object.
struct Top<'r, 'm, F, E>(&'r Run<'m, F, E>);

impl<'de, F: FnMut(Object) -> Result<(), E>, E: From<Error>> DeserializeSeed<'de> for Top<'_, '_, F, E> {
    type Value = Got;
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Got, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Object) -> Result<(), E>, E: From<Error>> Visitor<'de> for Top<'_, '_, F, E> {
    type Value = Got;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("STIX objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Got, A::Error> {
        self.0.list(list)?;
        Ok(Got::Streamed)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Got, A::Error> {
        let run = self.0;
        let mut keys: HashSet<String> = HashSet::new();
        let mut kind: Option<String> = None;
        let mut objects = None;
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                let fault = Fault::Duplicate(shown(&key));
                return Err(run.stop(run.fault(run.meter.at.get(), fault)));
            }
            match key.as_str() {
                "type" => {
                    let raw = map.next_value::<Box<RawValue>>()?;
                    kind = serde_json::from_str(raw.get()).ok();
                }
                "objects" if kind.as_deref().is_none_or(|k| k == "bundle") => {
                    objects = Some(map.next_value_seed(Objects(run))?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            keys.insert(key);
        }
        match (kind.as_deref(), objects) {
            // An envelope of TAXII has no type; an empty bundle no objects.
            (None | Some("bundle"), Some(Got::Streamed)) | (Some("bundle"), None) => Ok(Got::Streamed),
            (_, Some(Got::Streamed)) | (Some("bundle"), Some(Got::Single)) => {
                Err(run.stop(run.fault(run.meter.at.get(), Fault::NotABundle)))
            }
            _ => Ok(Got::Single),
        }
    }
}

/// What stands under `objects`: the list of a bundle, or the map of an observation of STIX 2.0.
struct Objects<'r, 'm, F, E>(&'r Run<'m, F, E>);

impl<'de, F: FnMut(Object) -> Result<(), E>, E: From<Error>> DeserializeSeed<'de> for Objects<'_, '_, F, E> {
    type Value = Got;
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Got, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Object) -> Result<(), E>, E: From<Error>> Visitor<'de> for Objects<'_, '_, F, E> {
    type Value = Got;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Got, A::Error> {
        self.0.list(list)?;
        Ok(Got::Streamed)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Got, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Got::Single)
    }
}

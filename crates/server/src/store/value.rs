//! What goes into a statement and comes out of a row, the same of either database.

use std::borrow::Cow;

use postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use super::db::DbError;

/// A value that goes into a statement, borrowed where it can be, or comes out of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number, a moment or a truth.
    Int(i64),
    /// A text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
}

macro_rules! from {
    ($($type:ty => |$v:ident| $body:expr;)*) => {
        $(impl<'a> From<$type> for Value<'a> { fn from($v: $type) -> Value<'a> { $body } })*
    };
}
from! {
    i64 => |v| Value::Int(v);
    i32 => |v| Value::Int(v.into());
    u8 => |v| Value::Int(v.into());
    u16 => |v| Value::Int(v.into());
    u32 => |v| Value::Int(v.into());
    usize => |v| Value::Int(i64::try_from(v).unwrap_or(i64::MAX));
    bool => |v| Value::Int(v.into());
    &'a str => |v| Value::Text(v.into());
    &'a String => |v| Value::Text(v.into());
    Cow<'a, str> => |v| Value::Text(v);
    String => |v| Value::Text(v.into());
    Vec<u8> => |v| Value::Blob(v.into());
    &'a [u8] => |v| Value::Blob(v.into());
    &'a noroshi_council::OrgId => |v| Value::Text(v.as_str().into());
    &'a noroshi_council::PersonId => |v| Value::Text(v.as_str().into());
    &'a noroshi_council::ThingId => |v| Value::Text(v.as_str().into());
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(v: Option<T>) -> Value<'a> {
        v.map_or(Value::Null, Into::into)
    }
}

/// The arguments of a statement, in the order of its placeholders.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::store::db::Value::from($value)),*] as &[$crate::store::db::Value<'_>] };
}

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row(Vec<Value<'static>>);

impl Row {
    /// One with these values, in the order of the statement's columns.
    pub(super) fn new(values: Vec<Value<'static>>) -> Row {
        Row(values)
    }

    /// A column as it is.
    ///
    /// # Errors
    /// Fails where there is no such column.
    pub fn value(&self, column: usize) -> Result<Value<'static>, DbError> {
        self.0.get(column).cloned().ok_or(DbError::Column(column))
    }

    /// A column as JSON.
    ///
    /// # Errors
    /// Fails where there is no such column, or it holds bytes.
    pub fn plain(&self, column: usize) -> Result<serde_json::Value, DbError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(serde_json::Value::Null),
            Some(Value::Int(v)) => Ok((*v).into()),
            Some(Value::Text(v)) => Ok(v.as_ref().into()),
            Some(Value::Blob(_)) | None => Err(DbError::Column(column)),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn int(&self, column: usize) -> Result<i64, DbError> {
        match self.0.get(column) {
            Some(Value::Int(v)) => Ok(*v),
            _ => Err(DbError::Column(column)),
        }
    }

    /// A number or nothing.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.int(column).map(Some),
        }
    }

    /// A truth.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn truth(&self, column: usize) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }

    /// A text.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn str(&self, column: usize) -> Result<&str, DbError> {
        match self.0.get(column) {
            Some(Value::Text(v)) => Ok(v),
            _ => Err(DbError::Column(column)),
        }
    }

    /// A text, owned.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn text(&self, column: usize) -> Result<String, DbError> {
        self.str(column).map(str::to_owned)
    }

    /// A text, moved out of the row.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn take_text(&mut self, column: usize) -> Result<String, DbError> {
        match self.0.get_mut(column) {
            Some(Value::Text(v)) => Ok(std::mem::take(v).into_owned()),
            _ => Err(DbError::Column(column)),
        }
    }

    /// A text or nothing.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, DbError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn blob(&self, column: usize) -> Result<&[u8], DbError> {
        match self.0.get(column) {
            Some(Value::Blob(v)) => Ok(v),
            _ => Err(DbError::Column(column)),
        }
    }

    /// A JSON text, read into `T`.
    ///
    /// # Errors
    /// Fails where the column holds something else.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, DbError> {
        Ok(serde_json::from_str(self.str(column)?)?)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Value::Int(v) => v.to_sql(&Type::INT8, out),
            // PostgreSQL has no such character and SQLite has: what asks for it finds nothing on either.
            Value::Text(v) if v.contains('\0') => v.replace('\0', "\u{fffd}").to_sql(ty, out),
            Value::Text(v) => v.as_ref().to_sql(ty, out),
            Value::Blob(v) => v.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn lite<'a>(value: &'a Value<'_>) -> rusqlite::types::ToSqlOutput<'a> {
    use rusqlite::types::{ToSqlOutput, ValueRef};
    ToSqlOutput::Borrowed(match value {
        Value::Null => ValueRef::Null,
        Value::Int(v) => ValueRef::Integer(*v),
        Value::Text(v) => ValueRef::Text(v.as_bytes()),
        Value::Blob(v) => ValueRef::Blob(v),
    })
}

pub(super) fn from_lite(value: rusqlite::types::ValueRef<'_>) -> Result<Value<'static>, DbError> {
    use rusqlite::types::ValueRef;
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(v) => Value::Int(v),
        ValueRef::Text(v) => {
            let text = String::from_utf8(v.to_vec()).map_err(|e| DbError::Stored(e.to_string()))?;
            text.into()
        }
        ValueRef::Blob(v) => v.to_vec().into(),
        ValueRef::Real(v) => return Err(DbError::Stored(format!("`{v}` is no value of ours"))),
    })
}

pub(super) fn from_pg(row: &postgres::Row) -> Result<Row, DbError> {
    let mut values = Vec::with_capacity(row.len());
    for (i, column) in row.columns().iter().enumerate() {
        let ty = column.type_();
        values.push(if *ty == Type::INT8 {
            row.try_get::<_, Option<i64>>(i)?.map_or(Value::Null, Value::Int)
        } else if *ty == Type::INT4 {
            row.try_get::<_, Option<i32>>(i)?.map_or(Value::Null, |v| Value::Int(v.into()))
        } else if *ty == Type::BOOL {
            row.try_get::<_, Option<bool>>(i)?.map_or(Value::Null, |v| Value::Int(v.into()))
        } else if *ty == Type::BYTEA {
            row.try_get::<_, Option<Vec<u8>>>(i)?.into()
        } else {
            row.try_get::<_, Option<String>>(i)?.into()
        });
    }
    Ok(Row(values))
}

//! Rows that wait for others of the same statement. In a burst every act adds the same few rows, and SQLite takes a hundred
//! of a kind in less time than one and one again.

use super::{Conn, DbError, Value};

/// What a transaction will write before anything is read in it, and at the latest before its commit.
#[derive(Debug, Default)]
pub(super) struct Later(Vec<Rows>);

/// The rows of one statement.
#[derive(Debug)]
struct Rows {
    sql: &'static str,
    width: usize,
    /// Row by row.
    cells: Vec<Cell>,
    /// All their texts, one behind the other.
    texts: String,
}

#[derive(Debug)]
enum Cell {
    Null,
    Int(i64),
    /// It ends here, and begins where the last text ended.
    Text(usize),
    Blob(Vec<u8>),
}

impl Later {
    pub(super) fn push(&mut self, sql: &'static str, row: &[Value<'_>]) {
        let at = self.0.iter().position(|rows| std::ptr::eq(rows.sql, sql)).unwrap_or_else(|| {
            self.0.push(Rows { sql, width: row.len(), cells: Vec::new(), texts: String::new() });
            self.0.len() - 1
        });
        let Some(rows) = self.0.get_mut(at) else { return };
        debug_assert_eq!(rows.width, row.len(), "{sql}");
        for value in row {
            rows.cells.push(match value {
                Value::Null => Cell::Null,
                Value::Int(v) => Cell::Int(*v),
                Value::Text(v) => {
                    rows.texts.push_str(v);
                    Cell::Text(rows.texts.len())
                }
                Value::Blob(v) => Cell::Blob(v.to_vec()),
            });
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// Fails with all of the transaction: which act's rows they were is not told any more.
    pub(super) fn write(&mut self, conn: &mut Conn) -> Result<(), DbError> {
        for rows in &mut self.0 {
            if rows.cells.is_empty() {
                continue;
            }
            let written = rows.write(conn);
            rows.cells.clear();
            rows.texts.clear();
            written.map_err(DbError::settled)?;
        }
        Ok(())
    }
}

impl Rows {
    fn write(&self, conn: &mut Conn) -> Result<(), DbError> {
        let mut begin = 0;
        let values: Vec<Value<'_>> = self
            .cells
            .iter()
            .map(|cell| match cell {
                Cell::Null => Value::Null,
                Cell::Int(v) => (*v).into(),
                Cell::Text(end) => {
                    let text = self.texts.get(begin..*end).unwrap_or_default();
                    begin = *end;
                    text.into()
                }
                Cell::Blob(v) => v.as_slice().into(),
            })
            .collect();
        conn.exec_each(self.sql, values.chunks(self.width))
    }
}

//! Opening what a command works on, with words for whoever runs it where that fails.

use crate::{
    config::{Config, Database},
    serve::ServeError,
    store::{Clock, DbError, Error, Store},
};

use super::{Context, Exit, Failure};

/// Opens the store of a configuration.
///
/// # Errors
/// Says why it cannot be opened, and what to do.
pub(super) fn store(config: &Config, clock: Clock, context: &Context) -> Result<Store, Failure> {
    let address = config.address().map_err(|flaws| context.flawed(&flaws))?;
    Store::open(&address, clock).map_err(|error| failed(&error, context))
}

/// The same, where there has to be a council in it; nothing is made where there is none.
///
/// # Errors
/// The same, and where there is none.
pub(super) fn founded(config: &Config, context: &Context) -> Result<Store, Failure> {
    if let Database::Sqlite(file) = &config.database
        && !file.exists()
    {
        return Err(none(context));
    }
    let store = store(config, config.clock(), context)?;
    // The roster is read as the store is opened; a council has the office that founded it.
    if store.roster().orgs.is_empty() { Err(none(context)) } else { Ok(store) }
}

fn none(context: &Context) -> Failure {
    Failure::new(
        Exit::Failed,
        context.lang.pick(
            "この保存先には、まだ協議会がありません。\n   → noroshi init で始めてから、もう一度実行してください（noroshi init --help）。場所は --data-dir か --database で指定します。見てみるだけなら noroshi demo です",
            "there is no council here yet.\n   -> found one by noroshi init, then run this again (noroshi init --help); --data-dir or --database says where; to just look at one: noroshi demo",
        ),
    )
}

/// Why a store did not open, in words.
fn failed(error: &Error, context: &Context) -> Failure {
    let (exit, ja, en) = match error {
        Error::Db(DbError::Pg(_)) => {
            (Exit::Network, "PostgreSQLに接続できません", "PostgreSQL cannot be reached")
        }
        Error::Db(DbError::Lite(_)) => {
            (Exit::Failed, "データベースのファイルを開けません", "the database's file cannot be opened")
        }
        _ => return Failure::new(Exit::Failed, error.to_string()),
    };
    Failure::new(
        exit,
        context.lang.pick(
            &format!("{ja}（{error}）。\n   → noroshi doctor に同じ設定を付けて実行すると、どこで止まるかが分かります"),
            &format!("{en} ({error}).\n   -> noroshi doctor, with the same settings, says where it stops"),
        ),
    )
}

/// Why nobody can be listened to, in words.
pub(super) fn deaf(error: &ServeError, context: &Context) -> Failure {
    match error {
        ServeError::Listen(at, why) => {
            let (ja, en) = match why.kind() {
                std::io::ErrorKind::AddrInUse => (
                    "ほかのプログラムが使っています。それを止めるか、--listen で別の番号を指定してください",
                    "another program listens there; end it, or choose another port by --listen",
                ),
                std::io::ErrorKind::PermissionDenied => (
                    "1024より小さい番号には権限が要ります。--listen で別の番号を指定するか、権限を与えてください",
                    "ports below 1024 need a permission; choose another by --listen, or grant it",
                ),
                _ => ("--listen を確かめてください", "look at --listen"),
            };
            Failure::new(
                Exit::Failed,
                context.lang.pick(
                    &format!("{at} で待ち受けられません（{why}）。\n   → {ja}"),
                    &format!("cannot listen on {at} ({why}).\n   -> {en}"),
                ),
            )
        }
        ServeError::Tls(why) => Failure::new(
            Exit::Usage,
            context.lang.pick(
                &format!("証明書か鍵を使えません（{why}）。\n   → tls.cert と tls.key（--tls-cert、--tls-key）が、PEM形式の読めるファイルかどうかを確かめてください"),
                &format!("the certificate or its key cannot be used ({why}).\n   -> see that tls.cert and tls.key (--tls-cert, --tls-key) are files in PEM that can be read"),
            ),
        ),
    }
}

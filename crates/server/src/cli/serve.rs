//! `noroshi serve`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clap::{Arg, Command};

use super::{Context, Entry, Exit, Failure, opened, with_config};
use crate::app::App;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::web::{self, Shell};
use crate::{logs, serve};

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let command = Command::new("serve")
            .about(lang.pick("協議会のサーバーを動かす", "run the council's server"))
            .after_help(lang.pick(
                "例：\n  noroshi serve --data-dir /var/lib/noroshi --listen 0.0.0.0:443 \\\n      --tls-cert /etc/noroshi/cert.pem --tls-key /etc/noroshi/key.pem\n  noroshi serve --database postgres://noroshi@db/noroshi --public-url https://noroshi.example.jp\n\nSIGTERM で10秒以内に閉じます。SIGHUP で証明書を読み直します。",
                "Examples:\n  noroshi serve --data-dir /var/lib/noroshi --listen 0.0.0.0:443 \\\n      --tls-cert /etc/noroshi/cert.pem --tls-key /etc/noroshi/key.pem\n  noroshi serve --database postgres://noroshi@db/noroshi --public-url https://noroshi.example.jp\n\nSIGTERM closes within ten seconds. SIGHUP reads the certificate again.",
            ))
            .arg(
                Arg::new("port")
                    .long("port")
                    .value_name("PORT")
                    .value_parser(clap::value_parser!(u16))
                    .conflicts_with("listen")
                    .help(lang.pick("--listen 127.0.0.1:PORT と同じ", "the same as --listen 127.0.0.1:PORT")),
            );
        with_config(command, lang)
    },
    run: |args, context| {
        let config = context.config(args)?;
        let _log = logs::start(config.log);
        if config.is_in_the_clear() {
            return Err(in_the_clear(&config, context));
        }
        let _hold = config.hold_data_dir().map_err(|flaws| context.flawed(&flaws))?;
        if config.test_clock.is_some() {
            tracing::warn!("the clock is one for tests; deadlines mean nothing");
        }
        let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, error.to_string());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
        // Before the runtime runs: the client of PostgreSQL has one of its own.
        let store = opened::founded(&config, context)?;
        runtime.block_on(run(&config, store, context))
    },
};

fn in_the_clear(config: &Config, context: &Context) -> Failure {
    let listen = config.listen;
    Failure::new(
        Exit::Usage,
        context.lang.pick(
            &format!(
                "{listen} は、ほかの機械から暗号化なしで見えるアドレスです。パスワードと秘密の情報が読まれてしまいます。\n   → tls.cert と tls.key を指定してください。TLSを前段の中継サーバーが終端するときは、listen を 127.0.0.1 にするか、tls.at_proxy = \"yes\"（--tls-at-proxy yes）を指定してください"
            ),
            &format!(
                "{listen} is seen by other machines, without encryption: passwords and secrets could be read on the way.\n   -> give tls.cert and tls.key; where a proxy in front ends TLS, listen on 127.0.0.1 or say tls.at_proxy = \"yes\" (--tls-at-proxy yes)"
            ),
        ),
    )
}

async fn run(config: &Config, store: Store, context: &Context) -> Result<Exit, Failure> {
    let app = open(store, config)?;
    let host = Host::start(config, &app, Arc::new(AtomicBool::new(true)), context).await?;
    let url = host.running.url();
    context.say(&format!("{url} で待ち受けています"), &format!("listening on {url}"));
    host.until_told(context).await
}

/// Opens the council in a store and starts its workers.
///
/// # Errors
/// Fails as [`App::open`] does.
pub(super) fn open(store: Store, config: &Config) -> Result<App, Failure> {
    let app = App::open(store, config).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    app.start_workers();
    app.warm();
    Ok(app)
}

/// A council on the network.
pub(super) struct Host {
    /// The listeners.
    pub running: serve::Running,
    store: Store,
    stopped: Arc<AtomicBool>,
}

impl Host {
    /// Listens. `/healthz` says that all is well once `ready` is true.
    ///
    /// # Errors
    /// Fails where the address cannot be listened on.
    pub async fn start(
        config: &Config,
        app: &App,
        ready: Arc<AtomicBool>,
        context: &Context,
    ) -> Result<Host, Failure> {
        if let Err(error) = serve::raise_file_limit() {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
        let metrics = Arc::new(Metrics::default());
        let counts = metrics.clone();
        app.store().on_alarm(move || counts.disagreements_total.up());
        let stopped = Arc::new(AtomicBool::new(false));
        let health = {
            let stopped = stopped.clone();
            Arc::new(move || ready.load(Relaxed) && !stopped.load(Relaxed))
        };
        let shell = Shell::new(config, app.renderer(), metrics.clone(), health);
        let router = web::furnish(app.router(), &shell);
        let running = serve::serve(config, router, web::debug_router(metrics.clone()), metrics)
            .await
            .map_err(|error| opened::deaf(&error, context))?;
        tracing::info!(url = running.url(), debug = running.debug_addr().map(|a| a.to_string()), "ready");
        tell_systemd("READY=1");
        Ok(Host { running, store: app.store().clone(), stopped })
    }

    /// Serves until somebody ends it or the store stops.
    ///
    /// # Errors
    /// Fails where the store has stopped after a failed commit.
    pub async fn until_told(self, context: &Context) -> Result<Exit, Failure> {
        let Host { running, store, stopped } = self;
        let broken = async {
            store.stopped().await;
            stopped.store(true, Relaxed);
            tracing::error!("the store has stopped after a failed commit");
        };
        match running.until_told(broken).await {
            Ok(true) => Ok(Exit::Done),
            Ok(false) => Err(Failure::new(
                Exit::Failed,
                context.lang.pick(
                    "保存に失敗したので止まりました。ディスクを確かめてから、もう一度起動してください（noroshi doctor）",
                    "stopped because saving failed; check the disk, then start again (noroshi doctor)",
                ),
            )),
            Err(error) => Err(Failure::new(Exit::Failed, error.to_string())),
        }
    }
}

/// Tells systemd (`Type=notify`) how we are, if it listens.
fn tell_systemd(state: &str) {
    if let Ok(path) = std::env::var("NOTIFY_SOCKET")
        && let Ok(socket) = std::os::unix::net::UnixDatagram::unbound()
    {
        // Nobody there to hear it is no reason not to serve.
        let _ = socket.send_to(state.as_bytes(), path);
    }
}

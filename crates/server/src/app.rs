//! The council as the web sees it: what every handler can reach, all addresses, and the work that goes on beside them.

use std::sync::{Arc, OnceLock};

use axum::{Router, extract::State, http::HeaderMap, response::Response, routing::get};
use noroshi_charter::{Charter, Source};
use noroshi_council::{Actor, Gate, Layer, LayerState, gate::About, report::Report};
use noroshi_proof::Solver;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    acts::{self, Council},
    analysis,
    assembly::{
        self,
        proving::{self, Proving},
    },
    case,
    charters::Charters,
    config::Config,
    consult,
    contribution::{self, calendar::Calendar},
    deliver::{self, Mailer, MailerError, Relay},
    demand,
    demo::door::Accounts,
    held::{self, Held},
    identity::{self, Identity},
    import,
    letters::Mails,
    live::{Hub, last_heard},
    measure,
    portal::{self, Pages},
    report::{self, Shelf},
    store::{self, Store},
    taxii,
    web::{self, Error, Rates, session::Listener},
    words::Words,
};

/// Why the council cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such charter.
    #[error("there is no charter `{0}`")]
    NoCharter(String),
    /// The charter is none.
    #[error("the charter does not hold: {}", .0.join("; "))]
    Charter(Vec<String>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
    /// Mail cannot be handed over as configured.
    #[error(transparent)]
    Mail(#[from] MailerError),
    /// The password of the mail relay cannot be read.
    #[error("the password of the mail server cannot be read from {0}: {1}")]
    MailPassword(String, std::io::Error),
}

struct Inner {
    council: Council,
    identity: Identity,
    hub: Arc<Hub>,
    rates: Rates,
    mails: Arc<Mails>,
    mailer: Option<Arc<Mailer>>,
    demo: OnceLock<Accounts>,
    pages: Arc<Pages>,
    taxii: taxii::Keeper,
    held: Held,
    attached: Held,
    reports: Shelf,
    upload_limit: u64,
}

/// What every handler can reach; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The charter that a council begins with.
pub const FIRST_CHARTER: &str = "jp-2019-council";

/// The charter of this name, compiled and proven to hold together.
///
/// # Errors
/// Tells every flaw.
pub fn charter(name: &str) -> Result<Arc<Charter>, AppError> {
    let source = Source::embedded(name).ok_or_else(|| AppError::NoCharter(name.to_owned()))?;
    let flaws = |flaws: Vec<noroshi_charter::Flaw>| {
        AppError::Charter(flaws.iter().map(ToString::to_string).collect())
    };
    Ok(Arc::new(Charter::compile(&source).map_err(flaws)?))
}

/// The relay as configured, with the password from its file.
fn relay(config: &Config) -> Result<Option<Relay>, AppError> {
    let Some(smtp) = &config.smtp else { return Ok(None) };
    let credentials = match &smtp.login {
        None => None,
        Some((user, file)) => {
            let password = std::fs::read_to_string(file);
            let password = password.map_err(|e| AppError::MailPassword(file.display().to_string(), e))?;
            Some((user.clone(), password.trim_end_matches(['\r', '\n']).to_owned()))
        }
    };
    let (host, port, tls, from) = (smtp.host.clone(), smtp.port, smtp.tls, smtp.from.clone());
    Ok(Some(Relay { host, port, tls, credentials, from }))
}

impl App {
    /// Opens the council in `store`.
    ///
    /// # Errors
    /// Fails where the charter does not hold or the mail relay cannot be set up.
    pub fn open(store: Store, config: &Config) -> Result<App, AppError> {
        let charters = Charters::open(&store, FIRST_CHARTER)?;
        tokio::spawn(charters.clone().follow(store.clone()));
        let solver = std::env::var_os("CVC5").filter(|program| !program.is_empty());
        let proving = Arc::new(Proving::new(solver.map_or_else(Solver::default, Solver::at)));
        let council = Council {
            store: store.clone(),
            charters: charters.clone(),
            proving,
            reading: Arc::default(),
            traces: Arc::default(),
        };
        let mailer = relay(config)?.map(|relay| Mailer::new(&relay)).transpose()?.map(Arc::new);
        let origin = config
            .public_url
            .as_ref()
            .map_or_else(|| format!("http://{}", config.listen), |u| u.origin().to_owned());
        let pages = Arc::new(Pages::new(charters.clone(), &config.zone, &store.clock()));
        let mails = Arc::new(Mails::new(origin, charters.words().clone()));
        Ok(App(Arc::new(Inner {
            identity: Identity::new(council.clone()),
            pages,
            hub: Hub::start(store),
            rates: Rates::default(),
            council,
            mails,
            mailer,
            demo: OnceLock::new(),
            taxii: taxii::Keeper::default(),
            held: Held::default(),
            attached: Held::default(),
            reports: Shelf::default(),
            upload_limit: config.limits.upload,
        })))
    }

    /// Where things are kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.council.store
    }

    /// What people can do.
    #[must_use]
    pub fn council(&self) -> &Council {
        &self.0.council
    }

    /// Files that wait to be brought in.
    pub(crate) fn held(&self) -> &Held {
        &self.0.held
    }

    /// Files that wait until the form that they came with goes through.
    pub(crate) fn attached(&self) -> &Held {
        &self.0.attached
    }

    /// How large an upload may be, bytes.
    #[must_use]
    pub fn upload_limit(&self) -> u64 {
        self.0.upload_limit
    }

    /// The charter in force.
    #[must_use]
    pub fn charter(&self) -> Arc<Charter> {
        self.0.council.charters.current()
    }

    /// When periods of contribution begin and end.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::new(&self.charter())
    }

    /// The report on a year, worked out once where the year is over.
    ///
    /// # Errors
    /// As [`Council::report`].
    pub async fn report(&self, actor: &Actor, year: i16) -> Result<Arc<Report>, store::Error> {
        self.council().report(&self.0.reports, actor, year, &self.calendar()).await
    }

    /// Who somebody is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Who listens.
    #[must_use]
    pub fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    /// How often is too often.
    #[must_use]
    pub fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// What draws error pages.
    #[must_use]
    pub fn renderer(&self) -> Arc<dyn web::Renderer> {
        self.0.pages.clone()
    }

    /// The keys of TAXII's tokens.
    #[must_use]
    pub fn taxii(&self) -> &taxii::Keeper {
        &self.0.taxii
    }

    /// The words of the council.
    #[must_use]
    pub fn words(&self) -> &Words {
        self.0.pages.words()
    }

    /// Draws pages.
    #[must_use]
    pub fn pages(&self) -> &Arc<Pages> {
        &self.0.pages
    }

    /// Lets the sign-in page offer these accounts at a click: for a demo council, whose secrets are none.
    pub fn show_as_demo(&self, accounts: Accounts) {
        let _ = self.0.demo.set(accounts);
    }

    /// The accounts of a demo council.
    #[must_use]
    pub fn demo(&self) -> Option<&Accounts> {
        self.0.demo.get()
    }

    /// Whether mails leave this server.
    #[must_use]
    pub fn mails(&self) -> bool {
        self.0.mailer.is_some()
    }

    /// Starts the work that goes on beside requests: the outbox, and what happens by the passing of time.
    pub fn start_workers(&self) {
        tokio::spawn(acts::time::work(self.0.council.clone()));
        tokio::spawn(proving::work(self.0.council.clone()));
        tokio::spawn(held::work(self.clone()));
        let told = self.hub().told();
        tokio::spawn(deliver::work(
            self.0.council.clone(),
            self.0.mailer.clone(),
            self.0.mails.clone(),
            told,
        ));
    }

    /// Asks the charter, beside everything else, who reads what a release shows: it remembers the answers, so that one that comes
    /// just after the start does not wait for them.
    pub fn warm(&self) {
        let app = self.clone();
        tokio::task::spawn_blocking(move || {
            let (charter, roster) = (app.charter(), app.store().roster());
            let gate = Gate { law: &*charter, roster: &roster };
            for layer in
                [Layer::Countermeasure, Layer::Confidence, Layer::TechniqueSubset, Layer::DamagePresence]
            {
                for state in [LayerState::LowReleased, LayerState::HighReleased] {
                    let _ = gate.readers(&About::councils(layer, state, true));
                }
            }
        });
    }

    /// All addresses of the council.
    pub fn router(&self) -> Router {
        let features = [
            identity::api::api(),
            consult::api::api(),
            analysis::api::api(),
            measure::api::api(),
            contribution::api::api(),
            import::api::api(),
            assembly::api::api(),
            demand::api::api(),
            case::api::api(),
            report::api::api(),
            OpenApiRouter::new().routes(routes!(events)),
        ];
        let (api, _) = web::api::build(features, &self.charter().parameters().classes);
        api.merge(portal::routes(self))
            .merge(taxii::routes())
            .route("/live", get(events))
            .with_state(self.clone())
    }
}

/// Live events
///
/// A stream that does not end. Each event says that something which you may read has changed, and never what: read again
/// as yourself. Its id is the moment of the change, which you see anyway; whoever comes back with the last one that it heard
/// as `Last-Event-ID` is rung for at once, so that it looks for what it may have missed.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "events", operation_id = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "The id of the last event that was heard.")),
    responses((status = 200, description = "`event: bell`, with an empty object as data.", content_type = "text/event-stream", body = String))
)]
async fn events(
    State(app): State<App>,
    Listener(known): Listener,
    headers: HeaderMap,
) -> Result<Response, Error> {
    Ok(app.hub().listen(app.store(), &known.actor, last_heard(&headers)).await?)
}

//! `noroshi init`: founds a council: its two offices, and the first person of each, who invites everybody else.

use clap::{Arg, ArgMatches, Command};
use noroshi_council::{Org, OrgId, PersonId, Role, Seat, Standing, Text, terms::DAY};
use serde_json::json;

use super::{Context, Entry, Exit, Failure, with_config};
use crate::{
    app::{self, FIRST_CHARTER},
    identity::{self, Seed, secret},
    ids, logs,
    store::{
        Error, Store,
        identity::{Person, PersonState},
    },
};

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let name = |id: &'static str, ja: &'static str, en: &'static str| {
            Arg::new(id).long(id).value_name("NAME").help(lang.pick(ja, en))
        };
        let mail = |id: &'static str, ja: &'static str, en: &'static str| {
            Arg::new(id).long(id).value_name("MAIL").required(true).help(lang.pick(ja, en))
        };
        let command = Command::new("init")
            .about(lang.pick("新しい協議会を始める", "found a new council"))
            .after_help(lang.pick(
                "例：\n  noroshi init --data-dir /var/lib/noroshi \\\n      --secretariat-email office@council.example --coordinator-email duty@centre.example\n\n出力される2つのリンクを、それぞれの担当者に安全な方法で渡してください。7日間使えます。ほかの組織と人は、事務局が画面かAPIから加えます。",
                "Example:\n  noroshi init --data-dir /var/lib/noroshi \\\n      --secretariat-email office@council.example --coordinator-email duty@centre.example\n\nHand each of the two links to its person by a safe way. They hold for seven days. The secretariat adds all other organisations and people.",
            ))
            .arg(
                Arg::new("charter")
                    .long("charter")
                    .value_name("PROFILE")
                    .default_value(FIRST_CHARTER)
                    .value_parser(noroshi_charter::PROFILES.to_vec())
                    .help(lang.pick("規約のひな形", "the charter profile")),
            )
            .arg(name("secretariat", "事務局の名前（既定は規約の名前）", "the secretariat's name (default: as the charter calls it)"))
            .arg(mail("secretariat-email", "事務局の最初の担当者", "the secretariat's first person"))
            .arg(name("coordinator", "連絡調整機関の名前（既定は規約の名前）", "the coordinator's name (default: as the charter calls it)"))
            .arg(mail("coordinator-email", "連絡調整機関の最初の担当者", "the coordinator's first person"));
        with_config(command, lang)
    },
    run,
};

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

fn run(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let config = context.config(args)?;
    let _log = logs::start(config.log.min(tracing::level_filters::LevelFilter::WARN));
    let _hold = config.hold_data_dir().map_err(|flaws| context.flawed(&flaws))?;
    let profile = args.get_one::<String>("charter").map_or(FIRST_CHARTER, String::as_str);
    let charter = app::charter(profile).map_err(|e| failed(&e))?;
    let names = &charter.parameters().names;
    let given = |id: &str| args.get_one::<String>(id).cloned();
    let name = |id: &str, known: &Text| given(id).map_or_else(|| known.clone(), |name| Text::same(&name));
    let (mut orgs, mut people, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for (short, seat, name) in [
        ("secretariat", Seat::Secretariat, name("secretariat", &names.secretariat)),
        ("coordinator", Seat::Coordinator, name("coordinator", &names.coordinator)),
    ] {
        let email = given(&format!("{short}-email")).unwrap_or_default();
        if email.parse::<lettre::Address>().is_err() {
            return Err(Failure::new(
                Exit::Usage,
                context.lang.pick(
                    &format!("--{short}-email: 「{email}」はメールアドレスではありません"),
                    &format!("--{short}-email: `{email}` is no mail address"),
                ),
            ));
        }
        let id = OrgId(ids::plain("o"));
        orgs.push((
            Org {
                id: id.clone(),
                name: name.clone(),
                seat,
                sector: if seat == Seat::Coordinator { "coordination" } else { "secretariat" }.to_owned(),
                association: false,
                constituents: 0,
                receives_secrets: true,
                opening_minute: 540,
                standing: Standing::Active,
                joined_at: 0,
            },
            String::new(),
        ));
        let invitation = secret::new(secret::Kind::Invitation);
        links.push((
            short,
            context.lang.pick(&name.ja, &name.en).to_owned(),
            email.clone(),
            invitation.clone(),
        ));
        people.push(Seed {
            person: Person {
                id: PersonId(ids::plain("p")),
                org: id,
                name: email.split('@').next().unwrap_or_default().to_owned(),
                email,
                phone: String::new(),
                roles: [Role::Handler, Role::Admin].into(),
                state: PersonState::Nominated,
                pledge: None,
                lang: context.lang.as_str().to_owned(),
                created_at: 0,
            },
            password: None,
            token: None,
            token_name: String::new(),
            invitation: Some(invitation),
            invitation_lasts: 7 * DAY,
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    let address = config.address().map_err(|flaws| context.flawed(&flaws))?;
    let store = Store::open(&address, config.clock()).map_err(|e| failed(&e))?;
    match runtime.block_on(identity::seed(&store, orgs, Vec::new(), people)) {
        Ok(()) => {}
        Err(Error::Refused(_)) => {
            return Err(Failure::new(
                Exit::Rejected,
                context.lang.pick(
                    "この保存先には、すでに協議会があります。何も変えませんでした",
                    "there is a council here already; nothing was changed",
                ),
            ));
        }
        Err(error) => return Err(failed(&error)),
    }
    let origin = config
        .public_url
        .as_ref()
        .map_or_else(|| format!("http://{}", config.listen), |u| u.origin().to_owned());
    if context.json {
        let list: Vec<_> = links
            .iter()
            .map(|(short, name, email, secret)| json!({"office": short, "name": name, "email": email, "invitation": format!("{origin}/invitation/{secret}")}))
            .collect();
        context
            .print_json(&json!({"schema": "noroshi.init/1", "charter": charter.seal(), "invitations": list}));
        return Ok(Exit::Done);
    }
    context
        .say("協議会を始めました。次は noroshi serve です。", "The council is founded. Next: noroshi serve.");
    for (_, name, email, secret) in &links {
        context.print(&format!("{name} <{email}>\n  {origin}/invitation/{secret}"));
    }
    Ok(Exit::Done)
}

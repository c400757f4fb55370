//! `noroshi init`: founds a council: its two offices, and the first person of each, who invites everybody else.

use std::io::{BufRead, IsTerminal as _};

use clap::{Arg, ArgMatches, Command};
use noroshi_charter::{PROFILES, Source};
use noroshi_council::{Org, OrgId, PersonId, Role, Seat, Standing, Text};
use serde_json::json;

use super::{Context, Entry, Exit, Failure, opened, with_config_of};
use crate::{
    app::{self, FIRST_CHARTER},
    identity::{self, Seed, secret},
    ids, logs,
    store::{
        Error,
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
                "例：\n  noroshi init --data-dir /var/lib/noroshi --charter generic-isac \\\n      --secretariat-email office@council.example --coordinator-email duty@centre.example\n\n出力される2つのリンクを、それぞれの担当者に安全な方法で渡してください。規約の定める期間だけ使えます。ほかの組織と人は、名簿を管理する組織が画面かAPIから加えます。規約のひな形は、あとから選び直せません。",
                "Example:\n  noroshi init --data-dir /var/lib/noroshi --charter generic-isac \\\n      --secretariat-email office@council.example --coordinator-email duty@centre.example\n\nHand each of the two links to its person by a safe way. They hold for as long as the charter says. The office that keeps the roll adds all other organisations and people. The profile of the charter cannot be chosen anew later.",
            ))
            .arg(
                Arg::new("charter")
                    .long("charter")
                    .value_name("PROFILE")
                    .value_parser(PROFILES.to_vec())
                    .help(lang.pick(
                        "規約のひな形（端末では尋ねる。端末でないときの既定は最初のもの）",
                        "the charter profile (asked for on a terminal; elsewhere the first by default)",
                    )),
            )
            .arg(name("secretariat", "名簿を管理する組織の名前（既定は規約の呼び名）", "the name of the office that keeps the roll (default: as the charter calls it)"))
            .arg(mail("secretariat-email", "名簿を管理する組織の最初の担当者", "the first person of the office that keeps the roll"))
            .arg(name("coordinator", "情報を受け付ける組織の名前（既定は規約の呼び名）", "the name of the office that receives what is provided (default: as the charter calls it)"))
            .arg(mail("coordinator-email", "情報を受け付ける組織の最初の担当者", "the first person of the office that receives what is provided"));
        with_config_of(
            command,
            lang,
            &["data_dir", "database", "database_password_file", "listen", "public_url", "log"],
        )
    },
    run,
};

/// The profile that whoever sits at the terminal chooses; the first where nobody does.
fn chosen(context: &Context) -> Result<String, Failure> {
    let asks = !context.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !asks {
        return Ok(FIRST_CHARTER.to_owned());
    }
    context.say(
        "規約のひな形を選んでください。あとから選び直せません。",
        "Choose the profile of the charter. It cannot be chosen anew later.",
    );
    for (number, profile) in (1..).zip(PROFILES) {
        let about = super::charter::about(profile, context);
        context.say(&format!("  {number}. {profile}　{about}"), &format!("  {number}. {profile}: {about}"));
    }
    ask(&mut std::io::stdin().lock(), context)
}

/// Asks until a profile is named, by its number or its name. Whoever answers nothing takes the first.
fn ask(answers: &mut impl BufRead, context: &Context) -> Result<String, Failure> {
    loop {
        context.say(
            &format!("番号か名前（空なら {FIRST_CHARTER}）："),
            &format!("Number or name (empty: {FIRST_CHARTER}):"),
        );
        let mut line = String::new();
        if answers.read_line(&mut line).map_err(|e| failed(&e))? == 0 {
            return Err(Failure::new(
                Exit::Usage,
                context.lang.pick(
                    "ひな形が選ばれませんでした。--charter でも指定できます",
                    "no profile was chosen; --charter says it, too",
                ),
            ));
        }
        let answer = line.trim();
        let by_number = answer.parse::<usize>().ok().and_then(|n| PROFILES.get(n.checked_sub(1)?));
        match by_number.or_else(|| PROFILES.iter().find(|profile| **profile == answer)) {
            Some(profile) => return Ok((*profile).to_owned()),
            None if answer.is_empty() => return Ok(FIRST_CHARTER.to_owned()),
            None => context.say(
                &format!("「{answer}」というひな形はありません"),
                &format!("there is no profile `{answer}`"),
            ),
        }
    }
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

fn run(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let config = context.config(args)?;
    let _log = logs::start(config.log.min(tracing::level_filters::LevelFilter::WARN));
    let _hold = config.hold_data_dir().map_err(|flaws| context.flawed(&flaws))?;
    let profile = match args.get_one::<String>("charter") {
        Some(profile) => profile.clone(),
        None => chosen(context)?,
    };
    let charter = app::charter(&profile).map_err(|e| failed(&e))?;
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
                listed: false,
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
                // Whoever founds the council knows whom it hands the two links.
                state: PersonState::Verified,
                pledge: None,
                lang: context.lang.as_str().to_owned(),
                created_at: 0,
            },
            password: None,
            token: None,
            token_name: String::new(),
            invitation: Some(invitation),
            invitation_lasts: charter.parameters().days("invitation_days"),
        });
    }
    if let [first, second] = &people[..]
        && first.person.email.eq_ignore_ascii_case(&second.person.email)
    {
        return Err(Failure::new(
            Exit::Usage,
            context.lang.pick(
                "--secretariat-email と --coordinator-email が同じです。だれもが自分のメールアドレスで入るので、別の人のものを指定してください",
                "--secretariat-email and --coordinator-email are the same; everybody signs in by an address of their own, so name two people",
            ),
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    let store = opened::store(&config, config.clock(), context)?;
    match runtime.block_on(identity::seed(&store, Source::embedded(&profile), orgs, Vec::new(), people)) {
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
            .print_json(&json!({
                "schema": "noroshi.init/1", "charter": charter.seal(), "unverified": charter.unverified(), "invitations": list,
            }));
        return Ok(Exit::Done);
    }
    super::charter::warned(&charter, context);
    let council = charter.parameters().words.get("council").cloned().unwrap_or_default();
    context.say(
        &format!("{}を始めました（規約：{profile}）。次は noroshi serve です。", council.ja),
        &format!("The {} is founded (charter: {profile}). Next: noroshi serve.", council.en),
    );
    for (_, name, email, secret) in &links {
        context.print(&format!("{name} <{email}>\n  {origin}/invitation/{secret}"));
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn a_profile_is_chosen_by_number_or_name_and_nothing_else_is_one() {
        let context = Context::new(Lang::Ja, false, &Default::default());
        let chosen = |typed: &str| ask(&mut typed.as_bytes(), &context).map_err(|failure| failure.exit);
        assert_eq!(chosen("2\n").as_deref(), Ok("generic-isac"));
        assert_eq!(chosen("0\n9\nnobody\njp-2026-act\n").as_deref(), Ok("jp-2026-act"));
        assert_eq!(chosen("\n").as_deref(), Ok(FIRST_CHARTER));
        assert_eq!(chosen("nobody\n"), Err(Exit::Usage), "the end of the input is no choice");
    }
}

//! `noroshi verify`: counts a ballot again from the files that the council gives out, without asking the council, and walks
//! the chain of a council's own journal.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, ValueHint};
use noroshi_council::assembly::{Outcome, Tally};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Context, DATA, Entry, Exit, Failure, with_config_of};
use crate::{
    assembly::roll::{self, Receipt, Roll, Wrong},
    store::{
        Address, Conn,
        db::Purpose,
        journal::{self, Broken, Unbroken},
    },
};

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let file = |id: &'static str, ja: &'static str, en: &'static str| {
            Arg::new(id)
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .value_hint(ValueHint::FilePath)
                .help(lang.pick(ja, en))
        };
        let ballot = Command::new("ballot")
            .about(lang.pick("投票を数え直し、控えの票が数えられているか確かめる", "count a ballot again, and find the vote of a receipt in it"))
            .after_help(lang.pick(
                "ファイルは、議案の「票の確認」のページか GET /api/v1/motions/ID/roll で手に入ります。通信はしません。\n終了コード：0 合う　1 合わない　6 読めない",
                "The file is on the motion's page «Check the votes», or GET /api/v1/motions/ID/roll. Nothing is asked of the network.\nExit codes: 0 it holds, 1 it does not, 6 cannot be read",
            ))
            .arg(file("roll", "全ての票のファイル", "the file of all votes").required(true))
            .arg(file("receipt", "投票した時の控え", "the receipt of a vote").long("receipt"));
        let journal = Command::new("journal")
            .about(lang.pick("記録の各行が、前の行につながっているか確かめる", "walk the journal's chain: whether each line follows from the one before"))
            .after_help(lang.pick(
                "例：\n  noroshi verify journal --data-dir /var/lib/noroshi\n\n読むだけで、何も変えません。サーバーが動いていても使えます。末尾の行が消されてもつながりは切れないので、出力される最後の行のハッシュを別の場所に控え、後で記録の中にあるか確かめてください。\n終了コード：0 切れ目なし　1 切れている　6 読めない",
                "Example:\n  noroshi verify journal --data-dir /var/lib/noroshi\n\nReads only, and changes nothing. The server may be running. Lines cut off at the end leave the rest unbroken: keep the hash of the last line, which is printed, somewhere else, and look later whether it is still in the journal.\nExit codes: 0 unbroken, 1 broken, 6 cannot be read",
            ));
        Command::new("verify")
            .about(lang.pick("投票と記録を確かめる", "check a ballot, or the journal"))
            .after_help(lang.pick(
                "例：\n  noroshi verify ballot votes-G-….json --receipt vote-G-….json\n  noroshi verify journal --data-dir /var/lib/noroshi",
                "Examples:\n  noroshi verify ballot votes-G-….json --receipt vote-G-….json\n  noroshi verify journal --data-dir /var/lib/noroshi",
            ))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(ballot)
            .subcommand(with_config_of(journal, lang, DATA))
    },
    run: |args, context| match args.subcommand() {
        Some(("ballot", args)) => ballot(args, context),
        Some((_, args)) => journal(args, context),
        None => Ok(Exit::Usage),
    },
};

fn read<T: DeserializeOwned>(file: &Path, context: &Context) -> Result<T, Failure> {
    let unusable = |why: String| {
        let file = file.display();
        let said = context
            .lang
            .pick(&format!("{file} を使えません：{why}"), &format!("{file} cannot be used: {why}"))
            .to_owned();
        Failure::new(Exit::Rejected, said)
    };
    let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| {
        let place = format!("{}:{}", error.line(), error.column());
        unusable(
            context
                .lang
                .pick(
                    &format!("投票の一覧か控えのファイルではないか、途中で切れています（{place}）。議案の「票の確認」のページから、もう一度保存してください"),
                    &format!("it is no list of votes or receipt, or was cut off (at {place}). Save it again from the motion's page «Check the votes»"),
                )
                .to_owned(),
        )
    })
}

/// What is wrong, in words: Japanese and English.
fn said(wrong: &Wrong) -> (String, String) {
    let pair = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
    let vote = |no: &usize, ja: &str, en: &str| {
        (format!("{}番目の票：{ja}", no + 1), format!("vote {}: {en}", no + 1))
    };
    match wrong {
        Wrong::Format => pair("この種類のファイルではありません", "it is no file of this kind"),
        Wrong::Text => pair(
            "議案の文に、投票できる構成員か数え方がありません",
            "the motion's text lacks who may vote or how",
        ),
        Wrong::Chain(no) => vote(no, "前の票につながっていません", "it does not follow the one before"),
        Wrong::Signature(no) => vote(no, "署名が合いません", "the signature does not hold"),
        Wrong::Opened(no) => vote(no, "封じた時と中身が違います", "it is not what was sealed"),
        Wrong::Outsider(no) => vote(no, "投票できない者の票です", "it is of nobody who may vote"),
        Wrong::Last(org) => (
            format!("{org} の最後の票が示されていません"),
            format!("the last vote of {org} is not the one that is told"),
        ),
        Wrong::End => pair(
            "票のつながりが、締切の記録まで続いていません",
            "the chain does not end where the close says",
        ),
        Wrong::Count(tally) => (
            format!("数え直すと{}です", counted(tally, true)),
            format!("counted again: {}", counted(tally, false)),
        ),
        Wrong::Result(result) => (
            format!("数から出る結果は「{}」です", result.as_str()),
            format!("what follows from the count is: {}", result.as_str()),
        ),
        Wrong::Missing => pair("控えの票が、一覧にありません", "the vote of the receipt is not among them"),
        Wrong::Stranger => {
            pair("控えは、別の議案か別の鍵のものです", "the receipt is of another motion or key")
        }
        Wrong::Receipt => pair("控えそのものが合いません", "the receipt does not hold by itself"),
    }
}

fn counted(tally: &Tally, ja: bool) -> String {
    let Tally { yes, no, abstain, cast, electorate, void } = tally;
    if ja {
        format!("賛成{yes}、反対{no}、棄権{abstain}（投票 {cast} / {electorate}、脱退 {void}）")
    } else {
        format!("{yes} for, {no} against, {abstain} abstained ({cast} of {electorate} voted, {void} left)")
    }
}

fn ballot(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let file = args.get_one::<PathBuf>("roll").cloned().unwrap_or_default();
    let roll: Roll = read(&file, context)?;
    let receipt =
        args.get_one::<PathBuf>("receipt").map(|file| read::<Receipt>(file, context)).transpose()?;
    let found = roll::verify(&roll);
    let own = receipt.map(|receipt| roll::find(&roll, &receipt));
    let wrong = found.as_ref().err().or(own.as_ref().and_then(|own| own.as_ref().err()));
    let exit = if wrong.is_some() { Exit::Failed } else { Exit::Done };
    if context.json {
        context.print_json(&json!({
            "schema": "noroshi.verify-ballot/1", "holds": wrong.is_none(), "wrong": wrong.map(|wrong| said(wrong).1),
            "tally": found.as_ref().ok().map(|found| found.tally), "result": found.as_ref().ok().map(|found| found.result),
            "votes": roll.votes.len(), "counted": own.and_then(Result::ok),
        }));
        return Ok(exit);
    }
    if let Some(wrong) = wrong {
        let (ja, en) = said(wrong);
        context.print(context.lang.pick(&format!("合いません。{ja}"), &format!("it does not hold: {en}")));
        return Ok(exit);
    }
    if let Ok(found) = &found {
        let result = match found.result {
            Outcome::Carried => ("可決", "carried"),
            Outcome::Lost => ("否決", "lost"),
            Outcome::NoQuorum => ("定足数不足", "no quorum"),
        };
        let (ja, en) = (counted(&found.tally, true), counted(&found.tally, false));
        context.print(
            context
                .lang
                .pick(&format!("合います。{ja}。{}", result.0), &format!("it holds: {en}: {}", result.1)),
        );
    }
    match own {
        Some(Ok(true)) => context.print(context.lang.pick("控えの票は、数えられています", "the vote of the receipt is counted")),
        Some(Ok(false)) => context.print(context.lang.pick(
            "控えの票は一覧にありますが、後で変えたか、締切の前に脱退したため、数えられていません",
            "the vote of the receipt is there and is not counted: it was changed later, or the member had left by the close",
        )),
        _ => {}
    }
    Ok(exit)
}

fn journal(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let address = context.config(args)?.address().map_err(|flaws| context.flawed(&flaws))?;
    let pick = |ja: &str, en: &str| Failure::new(Exit::Rejected, context.lang.pick(ja, en));
    if let Address::Lite(file) = &address
        && !file.exists()
    {
        let file = file.display();
        return Err(pick(
            &format!(
                "{file} がありません。協議会のデータの場所を --data-dir か --database で指定してください"
            ),
            &format!("there is no {file}; say by --data-dir or --database where the council's data is"),
        ));
    }
    let walked = Conn::open(&address, Purpose::Read).and_then(|mut conn| journal::verify(&mut conn));
    let walked = walked.map_err(|error| {
        pick(
            &format!("記録を読めません（{error}）。データベースの場所と権限を確かめてください（noroshi doctor）"),
            &format!("the journal cannot be read ({error}); check where the database is and its permissions (noroshi doctor)"),
        )
    })?;
    let exit = if walked.is_ok() { Exit::Done } else { Exit::Failed };
    if context.json {
        let (chain, broken) = (walked.as_ref().ok(), walked.as_ref().err());
        context.print_json(&json!({
            "schema": "noroshi.verify-journal/1", "holds": chain.is_some(), "lines": chain.map(|chain| chain.lines),
            "last": chain.map(|chain| &chain.last), "broken": broken.map(|b| json!({"line": b.line, "seq": b.seq})),
        }));
        return Ok(exit);
    }
    match walked {
        Ok(Unbroken { lines, last }) => context.print(context.lang.pick(
            &format!("{lines}行が、切れ目なくつながっています。最後の行のハッシュ：{last}"),
            &format!("{lines} lines are one unbroken chain. Hash of the last: {last}"),
        )),
        Err(Broken { line, seq }) => context.print(context.lang.pick(
            &format!("{line}行目（seq {seq}）が、前の行につながっていません。ここか前の行が、書かれた後に変えられたか消されています。このデータベースを証拠として残し、それより前の控えと比べてください"),
            &format!("the chain breaks at line {line} (seq {seq}): it, or a line before it, was altered or taken out after it was written. Keep this database as evidence, and compare it with a backup from before"),
        )),
    }
    Ok(exit)
}

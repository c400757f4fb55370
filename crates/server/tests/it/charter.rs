//! `noroshi charter`: export, edit, check. Needs cvc5, as the proofs do.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

struct Shell(tempfile::TempDir);

impl Shell {
    fn new() -> Shell {
        Shell(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Exit code, stdout and stderr.
    fn run(&self, lang: &str, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_noroshi"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.0.path())
            .current_dir(self.0.path())
            .args(["--lang", lang])
            .args(args)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let mut all = vec!["--json"];
        all.extend_from_slice(args);
        let (code, out, err) = self.run("en", &all);
        (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}")))
    }

    fn exported(&self, name: &str) -> PathBuf {
        let (code, _, err) = self.run("en", &["charter", "export", name]);
        assert_eq!(code, 0, "{err}");
        self.at(name)
    }
}

fn edit(dir: &Path, from: &str, to: &str) {
    let file = dir.join("charter.cedar");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

fn verdicts(report: &Value) -> Vec<&str> {
    report["properties"].as_array().unwrap().iter().map(|p| p["outcome"].as_str().unwrap()).collect()
}

#[test]
fn what_is_exported_is_good_and_nothing_is_written_over() {
    let shell = Shell::new();
    shell.exported("jp-2019-council");
    // The profile of the same name is what it is compared with.
    let (code, report) = shell.json(&["charter", "check", "jp-2019-council"]);
    assert_eq!(verdicts(&report), ["proven", "proven", "proven", "proven", "proven"], "{report}");
    assert_eq!((code, report["changes"].as_array().unwrap().len()), (0, 0));
    assert!(report["hypotheses"][1].as_str().unwrap().contains("@id(\"left-out\")"));
    let (code, _, err) = shell.run("en", &["charter", "export", "jp-2019-council"]);
    assert_eq!(code, 6);
    assert!(err.contains("nothing was written"), "{err}");
    // Under another name nothing is, unless it is said.
    shell.exported("draft");
    let (code, report) = shell.json(&["charter", "check", "draft"]);
    assert_eq!((code, &report["against"]), (0, &Value::Null));
    assert_eq!(verdicts(&report), ["proven", "proven", "not_applicable", "proven", "not_applicable"]);
    let (code, _, err) = shell.run("en", &["charter", "check", "nowhere"]);
    assert_eq!(code, 6, "{err}");
}

#[test]
fn every_profile_is_exported_and_checked_and_an_unverified_one_says_so() {
    let shell = Shell::new();
    for profile in noroshi_charter::PROFILES {
        let unverified = *profile == "jp-2026-act";
        let (code, _, err) = shell.run("en", &["charter", "export", profile, "--profile", profile]);
        assert_eq!((code, err.contains("UNVERIFIED")), (0, unverified), "{err}");
        let (code, report) = shell.json(&["charter", "check", profile]);
        assert_eq!(verdicts(&report), ["proven", "proven", "proven", "proven", "proven"], "{report}");
        assert_eq!((code, &report["unverified"]), (0, &serde_json::json!(unverified)));
        let (_, out, _) = shell.run("ja", &["charter", "export", "--help"]);
        assert!(out.contains(profile) && out.contains("【未確認】"), "{out}");
    }
    let (_, _, err) = shell.run("ja", &["charter", "check", "jp-2026-act"]);
    assert!(err.contains("【未確認】"), "{err}");
}

#[test]
fn what_breaks_an_entrenched_property_fails_with_the_case_in_words() {
    let shell = Shell::new();
    let draft = shell.exported("draft");
    edit(&draft, "when { resource.own && principal.roles.contains(\"admin\") };", "when { false };");
    let (code, out, err) = shell.run("ja", &["charter", "check", "draft", "--against", "jp-2019-council"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("[破れる  ] (4)* 脱退する権利"), "{out}");
    assert!(out.contains("の組織の管理者は、自組織のことについて、脱退することができなくなる。"), "{out}");
    let (code, report) = shell.json(&["charter", "check", "draft", "--against", "jp-2019-council"]);
    assert_eq!((code, verdicts(&report)[3]), (1, "refuted"));
    let case = &report["properties"][3]["counterexamples"][0];
    assert_eq!(case["acts"]["action"], "withdrawMembership", "{case}");
    assert!(case["said"]["en"].as_str().unwrap().contains("could no longer leave the council"));
}

#[test]
fn what_is_no_charter_is_refused_with_file_line_and_article_and_without_a_proof() {
    let shell = Shell::new();
    let draft = shell.exported("draft");
    let file = draft.join("charter.cedar");
    let good = std::fs::read_to_string(&file).unwrap();
    let line = good.lines().count() + 3;
    let more = "\n@article(\"9\")\n@id(\"peek\")\npermit (principal, action == Action::\"readFull\", resource) when { principal.mood == \"curious\" };\n";
    std::fs::write(&file, format!("{good}{more}")).unwrap();
    // A solver that would be noticed if it were started.
    let args = ["charter", "check", "draft", "--solver", "/nonexistent/solver"];
    let (code, out, _) = shell.run("en", &args);
    assert_eq!(code, 1);
    assert!(out.starts_with(&format!("draft/charter.cedar:{line} (article 9): ")), "{out}");
    std::fs::write(&file, format!("{good}\npermit (principal action resource);\n")).unwrap();
    let (code, report) = shell.json(&args);
    assert_eq!((code, &report["valid"]), (1, &Value::Bool(false)));
    assert_eq!(
        (&report["flaws"][0]["file"], &report["flaws"][0]["line"]),
        (&"charter.cedar".into(), &(line - 1).into())
    );
}

#[test]
fn what_is_not_proven_is_not_called_good() {
    let shell = Shell::new();
    shell.exported("draft");
    let (code, report) = shell.json(&["charter", "check", "draft", "--solver", "/nonexistent/solver"]);
    assert_eq!((code, verdicts(&report)[0]), (2, "not_proven"), "{report}");
    let (code, out, _) = shell.run("ja", &["charter", "check", "draft", "--solver", "/bin/true"]);
    assert_eq!(code, 2);
    assert!(out.contains("[証明なし] (1)*") && !out.contains("証明済み"), "{out}");
}

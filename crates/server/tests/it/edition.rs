//! What becomes of a council's charter where newer software asks for more than it says.

use noroshi::{args, charters::Charters, store::Store};
use noroshi_charter::{Amendment, Charter, Source, Wording};
use noroshi_council::Text;

use crate::house;

/// A store whose council has these charters, by what motion each, as they were written down before this software came.
async fn kept(dir: &tempfile::TempDir, charters: Vec<(Source, Option<&'static str>)>) -> Store {
    let address = house::fresh(dir.path());
    let store = Store::open(&address, std::sync::Arc::new(|| 1_500_000_000_000_000)).unwrap();
    store
        .write(move |tx| {
            for (source, motion) in &charters {
                let Source { profile, version, policies, schema, articles, parameters } = source;
                tx.exec(
                    "insert into charter (version, profile, policies, schema, articles, parameters, hash, motion,
                            adopted_at, in_force_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1)",
                    args![*version, profile, policies, schema, articles, parameters, source.hash(), *motion],
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    store
}

/// The shipped charter as software wrote it that did not know yet of sealed ballots, nor of an article that it has now.
fn before() -> (Source, Source) {
    let shipped = Source::embedded("jp-2019-council").unwrap();
    let line = shipped.parameters.lines().find(|line| line.starts_with("ballot_sealed")).unwrap();
    let last = shipped.articles.rfind("[[article]]").unwrap();
    let older = Source {
        parameters: shipped.parameters.replace(line, ""),
        articles: shipped.articles[..last].to_owned(),
        ..shipped.clone()
    };
    assert!(Charter::compile(&older).is_err(), "it lacks what this software asks for");
    (shipped, older)
}

fn opened(store: &Store) -> Result<std::sync::Arc<Charters>, String> {
    Charters::open(store, "jp-2019-council").map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_council_that_never_amended_goes_with_the_shipped_edition() {
    let (shipped, older) = before();
    let dir = tempfile::tempdir().unwrap();
    let store = kept(&dir, vec![(older, None)]).await;
    let charters = opened(&store).unwrap();
    assert_eq!((charters.current().version(), charters.current().hash()), (2, shipped.hash().as_str()));
    // What was given under the older one is protected by it, and a second start changes nothing.
    assert!(
        charters.ruling().over(1).is_ok()
            && charters.ruling().over(2).is_ok()
            && charters.ruling().over(3).is_err()
    );
    assert_eq!(opened(&store).unwrap().current().version(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_assembly_decided_stays_where_newer_software_completes_its_charter() {
    let (shipped, older) = before();
    // Founded with another deadline than the edition has now; amended in a number and an article.
    let founded = Source {
        parameters: older.parameters.replace("debt_hours = { value = 24", "debt_hours = { value = 36"),
        ..older
    };
    assert_ne!(founded.parameters, shipped.parameters);
    let own = Text::new("総会が定めた文", "What the assembly wrote");
    let decided = Amendment {
        numbers: [("k".to_owned(), 5)].into(),
        articles: [("9".to_owned(), own.clone())].into(),
        ..Amendment::default()
    };
    let amended = decided.apply(&founded, 2).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = kept(&dir, vec![(founded, None), (amended.clone(), Some("G-CARRIED"))]).await;
    let charters = opened(&store).unwrap();
    let now = charters.current();
    let number = |name: &str| now.parameters().number(name);
    assert_eq!((now.version(), number("k"), number("debt_hours"), number("ballot_sealed")), (3, 5, 36, 1));
    assert_eq!(now.wording().article("9").unwrap().text, own);
    let (was, is) = (Wording::of(&shipped).unwrap(), now.wording());
    let others = |w: &Wording| w.articles.iter().filter(|a| a.number != "9").cloned().collect::<Vec<_>>();
    assert_eq!(others(&was), others(is));
    assert!(charters.ruling().over(2).is_ok(), "what was given under the amended one is protected by it");
    assert_eq!(opened(&store).unwrap().current().version(), 3, "a second start changes nothing");

    // Its own policies stay too, whatever the edition has.
    let policies =
        Amendment { policies: Some(shipped.policies.clone() + "// ours\n"), ..Amendment::default() };
    let amended = policies.apply(&amended, 2).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut charters = vec![(before().1, None), (amended, Some("G-CARRIED"))];
    let store = kept(&dir, charters.clone()).await;
    let version = opened(&store).unwrap().current().version();
    let policies = store.read(move |conn| Ok(noroshi::charters::versions(conn)?)).await.unwrap();
    assert_eq!(version, 3);
    assert!(policies.last().unwrap().source.policies.ends_with("// ours\n"));

    // What this software cannot live by at all is not put in force: it is said what is wrong.
    charters
        .last_mut()
        .unwrap()
        .0
        .policies
        .push_str("permit (principal, action, resource) when { resource.nothing };");
    let dir = tempfile::tempdir().unwrap();
    let store = kept(&dir, charters).await;
    let flaws = opened(&store).err().unwrap();
    assert!(flaws.contains("version 2") && flaws.contains("policies"), "{flaws}");
    let versions = store.read(move |conn| Ok(noroshi::charters::versions(conn)?)).await.unwrap();
    assert_eq!(versions.len(), 2);
}

//! Everything that one person can read, through every door that there is: each address of the interface with each id of
//! the story, pages along every link, all of TAXII.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{
    super::{
        door::{Door, DoorError},
        story::Made,
    },
    evidence::{Channel, Moment, NEVER, Seen},
};

/// How many addresses of one shape are opened. The pages of hundreds of members are one shape.
const OF_ONE_SHAPE: usize = 4;
/// How many parts of a list are turned over.
const PARTS: usize = 10;

/// The addresses of the interface that can be read.
#[derive(Debug, Clone, Default)]
pub struct Map {
    paths: Vec<String>,
}

impl Map {
    /// Reads them from the description that the server gives of itself.
    ///
    /// # Errors
    /// Fails where there is none.
    pub async fn read(door: &Door, who: &str) -> Result<Map, DoorError> {
        let described = door.get(who, "/api/openapi.json").await?;
        let paths = described["paths"].as_object().ok_or(DoorError::Lacks("paths"))?;
        let read = paths.iter().filter(|(path, is)| is.get("get").is_some() && !path.ends_with("/events"));
        Ok(Map { paths: read.map(|(path, _)| path.clone()).collect() })
    }
}

/// One person's walk.
pub struct Walk<'a> {
    /// Through which door.
    pub door: &'a Door,
    /// Where the interface leads.
    pub map: &'a Map,
    /// The ids of the story, as far as it has come.
    pub made: &'a Made,
    /// When.
    pub when: Moment,
    /// Who.
    pub who: &'a str,
}

impl Walk<'_> {
    fn ids(&self) -> impl Iterator<Item = &str> {
        let made = self.made;
        [&made.consultation, &made.analysis, &made.measure]
            .into_iter()
            .map(String::as_str)
            .filter(|id| !id.is_empty())
            .chain([NEVER])
    }

    fn seen(&self, channel: Channel, place: &str, (status, text): (u16, String)) -> Result<Seen, DoorError> {
        // A server that falls over or measures us shows nothing, and proves nothing.
        if status >= 500 || status == 429 {
            let (path, who) = (place.to_owned(), self.who.to_owned());
            return Err(DoorError::Refused { method: "GET", path, who, status, body: text });
        }
        let (who, place) = (self.who.to_owned(), place.to_owned());
        Ok(Seen { who, when: self.when, channel, place, status, text })
    }

    /// What the interface tells.
    ///
    /// # Errors
    /// Fails where the server does not answer.
    pub async fn api(&self) -> Result<Vec<Seen>, DoorError> {
        let mut all = Vec::new();
        for path in &self.map.paths {
            if path.contains("{id}") {
                for id in self.ids() {
                    let path = path.replace("{id}", id).replace("{org}", "o-c2b").replace("{no}", "1");
                    let answer = self.door.ask("GET", self.who, &path, None).await?;
                    all.push(self.seen(Channel::Api, &path, answer)?);
                }
                continue;
            }
            let mut next = path.clone();
            for _ in 0..PARTS {
                let answer = self.door.ask("GET", self.who, &next, None).await?;
                let value: Value = serde_json::from_str(&answer.1).unwrap_or_default();
                all.push(self.seen(Channel::Api, path, answer)?);
                match value["next"].as_i64() {
                    Some(before) => next = format!("{path}?before={before}"),
                    None => break,
                }
            }
        }
        Ok(all)
    }

    /// What a TAXII client gets.
    ///
    /// # Errors
    /// Fails where the server does not answer.
    pub async fn taxii(&self) -> Result<Vec<Seen>, DoorError> {
        let mut all = Vec::new();
        let mut get = async |place: &str, path: &str| -> Result<Value, DoorError> {
            let answer = self.door.taxii(self.who, path).await?;
            let value = serde_json::from_str(&answer.1).unwrap_or_default();
            all.push(self.seen(Channel::Taxii, place, answer)?);
            Ok(value)
        };
        let found = get("/taxii2/", "/taxii2/").await?;
        for root in texts(&found["api_roots"]) {
            let root = root.find("/taxii2/").map_or(root.as_str(), |at| &root[at..]);
            get(root, root).await?;
            let list = format!("{root}collections/");
            let collections = get(&list, &list).await?;
            for collection in collections["collections"].as_array().into_iter().flatten() {
                let id = collection["id"].as_str().unwrap_or_default();
                let at = format!("{root}collections/{id}/");
                get(&at, &at).await?;
                for what in ["objects", "manifest"] {
                    let place = format!("{at}{what}/");
                    let mut path = place.clone();
                    for _ in 0..PARTS {
                        let page = get(&place, &path).await?;
                        match page["next"].as_str() {
                            Some(next) if page["more"] == true => path = format!("{place}?next={next}"),
                            _ => break,
                        }
                    }
                }
            }
        }
        Ok(all)
    }

    /// What a browser shows: pages from the first along every link, and those of the story's things.
    ///
    /// # Errors
    /// Fails where the server does not answer.
    pub async fn pages(&self, cookie: &str) -> Result<Vec<Seen>, DoorError> {
        let mut all = Vec::new();
        let mut waiting = VecDeque::from(["/".to_owned(), "/trail".to_owned()]);
        for room in ["ask", "analysis", "info", "feedback", "release", "board"] {
            waiting.extend(self.ids().map(|id| format!("/{room}/{id}")));
        }
        let (mut opened, mut shapes) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
        while let Some(path) = waiting.pop_front() {
            if !opened.insert(path.clone()) {
                continue;
            }
            let asked = self.ids().any(|id| path.contains(id));
            let many = shapes.entry(shape(&path)).or_default();
            if !asked && *many >= OF_ONE_SHAPE {
                continue;
            }
            *many += 1;
            let answer = self.door.page(cookie, &path).await?;
            waiting.extend(links(&answer.1));
            all.push(self.seen(Channel::Page, &path, answer)?);
        }
        Ok(all)
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An address without what tells it from others like it: ids, and what is asked of it.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts = path.split('/').map(|part| if part.contains('-') { "{}" } else { part });
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", parts.collect::<Vec<_>>().join("/"), names.join("&"))
}

/// The addresses of ours that a page leads to.
fn links(page: &str) -> Vec<String> {
    const NOT: &[&str] = &["/assets/", "/lang/", "/live", "/api/", "/sign-out"];
    page.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|href| href.replace("&#x2f;", "/").replace("&amp;", "&"))
        .filter_map(|href| href.split('#').next().map(str::to_owned))
        .filter(|href| href.starts_with('/') && NOT.iter().all(|not| !href.starts_with(not)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_where_its_links_do() {
        let page = r##"<a href="&#x2f;info"><a href="/ask?a=1&amp;b=2#top"><a href="#main"><a href="/lang/en?next=&#x2f;">
            <link href="&#x2f;assets&#x2f;a.css"><a href="https://elsewhere.example/">"##;
        assert_eq!(links(page), ["/info", "/ask?a=1&b=2"]);
        assert_eq!(shape("/members/o-ga"), shape("/members/o-gb"));
        assert_ne!(shape("/ask?before=1"), shape("/ask"));
    }
}

//! The TAXII server that the standard's authors wrote as its example, with as many objects as it answers in seconds: what
//! it takes grows with the square of them.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Options, stix};

const OBJECTS: usize = 500;
const COLLECTION: &str = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4";

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &Path, dir: &Path, port: u16) -> Running {
    let objects: Vec<Value> =
        stix::objects(OBJECTS).iter().map(|o| serde_json::from_str(o.text()).unwrap()).collect();
    let media = "application/stix+json;version=2.1";
    let manifest: Vec<Value> = objects
        .iter()
        .map(|o| {
            json!({"id": o["id"], "date_added": o["modified"], "version": o["modified"], "media_type": media})
        })
        .collect();
    let root = format!("http://127.0.0.1:{port}/root/");
    let data = json!({
        "/discovery": {"title": "bench", "default": root, "api_roots": [root]},
        "root": {
            "information": {"title": "bench", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 1_000_000},
            "status": [],
            "collections": [{
                "id": COLLECTION, "title": "bench", "can_read": true, "can_write": false, "media_types": [media],
                "objects": objects, "manifest": manifest,
            }],
        },
    });
    std::fs::write(dir.join("data.json"), data.to_string()).unwrap();
    let conf = json!({
        "backend": {
            "module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
            "filename": dir.join("data.json"),
        },
        "users": {"bench": "bench"},
        "taxii": {"max_page_size": 1000},
    });
    std::fs::write(dir.join("conf.json"), conf.to_string()).unwrap();
    let child = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .arg(dir.join("conf.json"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Running(child.unwrap())
}

/// Asks it for the same pages, one after the other.
pub async fn measure(options: &Options, time: Duration) {
    let Some(program) = &options.medallion else {
        println!("medallion: absent, it is not installed");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _running = start(program, dir.path(), port);
    let client = reqwest::Client::new();
    let url = format!("http://127.0.0.1:{port}/root/collections/{COLLECTION}/objects/?limit=100");
    let ask = async || {
        let request = client.get(&url).basic_auth("bench", Some("bench"));
        let answer = request.header("accept", "application/taxii+json;version=2.1").send().await.ok()?;
        assert!(answer.status().is_success(), "medallion answered {}", answer.status());
        let page: Value = answer.json().await.ok()?;
        page["objects"].as_array().map(Vec::len)
    };
    let begun = Instant::now();
    let count = loop {
        match ask().await {
            Some(count) => break count,
            None if begun.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            None => {
                println!("medallion: it did not start");
                return;
            }
        }
    };
    assert_eq!(count, 100);
    let (begun, mut pages) = (Instant::now(), 0);
    while begun.elapsed() < time {
        ask().await.unwrap();
        pages += 1;
    }
    let rate = f64::from(pages) / begun.elapsed().as_secs_f64();
    println!("{OBJECTS:>8} objects in medallion, its backend in memory, 1 client");
    println!("  medallion                        {rate:>8.1} pages a second");
}

//! Reads a text from the standard input, and prints its indicators as JSON: `extract < report.txt`.

use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    println!("{}", serde_json::to_string(&noroshi_matcher::recognise(&text))?);
    Ok(())
}

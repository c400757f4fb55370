//! Which answers a client takes.

/// What every answer is, errors too.
pub const MEDIA_TYPE: &str = "application/taxii+json;version=2.1";

/// Whether a client that sent this `Accept` takes what we answer. Nothing sent means anything goes. Plain JSON will do:
/// programs that were not written for TAXII ask for it.
#[must_use]
pub fn accepts(header: Option<&str>) -> bool {
    let Some(header) = header.filter(|h| !h.trim().is_empty()) else { return true };
    header.split(',').any(takes)
}

fn takes(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(kind.as_str(), "*/*" | "application/*" | "application/taxii+json" | "application/json") {
        return false;
    }
    parts.all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "version" => kind != "application/taxii+json" || value == "2.1",
            "q" => value.parse::<f32>().is_ok_and(|q| q > 0.0),
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn what_clients_send_is_taken() {
        for good in [
            "application/taxii+json;version=2.1",
            "application/taxii+json; version=2.1",
            "application/taxii+json",
            "Application/TAXII+json; Version=\"2.1\"",
            "application/taxii+json;version=2.0, application/taxii+json;version=2.1;q=0.5",
            "application/json, text/plain, */*",
            "*/*",
            "",
        ] {
            assert!(accepts(Some(good)), "{good}");
        }
        assert!(accepts(None));
    }

    #[test]
    fn what_we_do_not_have_is_not() {
        for bad in [
            "text/html",
            "application/taxii+json;version=9.9",
            "application/vnd.oasis.stix+json",
            "application/vnd.oasis.taxii+json; version=2.0",
            "application/taxii+json;version=2.1;q=0",
        ] {
            assert!(!accepts(Some(bad)), "{bad}");
        }
    }
}

//! What a proof brought out, as programs and pages read it.

use noroshi_proof::{Finding, Outcome, Report, Summary};
use serde_json::{Value, json};

/// The whole report. `noroshi charter check --json` prints it, and motions carry it.
#[must_use]
pub fn document(report: &Report) -> Value {
    let properties: Vec<Value> = report
        .findings
        .iter()
        .map(|Finding { property, outcome }| {
            let mut entry = json!({
                "number": property.number(), "property": property, "entrenched": property.entrenched(),
                "title": property.title(), "outcome": outcome.verdict(),
            });
            match outcome {
                Outcome::Refuted(cases) => entry["counterexamples"] = json!(cases),
                Outcome::NotProven(why) | Outcome::NotApplicable(why) => entry["reason"] = json!(why),
                Outcome::Proven => {}
            }
            entry
        })
        .collect();
    let summary: Vec<Value> = report
        .summary
        .iter()
        .map(|Summary { said, seats, gains, layer, cells, .. }| {
            let seats: Vec<&str> = seats.iter().map(|seat| seat.as_str()).collect();
            json!({ "said": said, "seats": seats, "gains": gains, "layer": layer, "cells": cells })
        })
        .collect();
    json!({
        "schema": "noroshi.charter-check/1", "valid": true, "charter": report.new, "against": report.old,
        "properties": properties, "changes": report.changes, "summary": summary, "questions": report.questions,
        "seconds": report.took.as_secs_f64(),
        "hypotheses": [report.possible, noroshi_proof::PROPERTY_HYPOTHESES],
    })
}

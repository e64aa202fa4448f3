// Rust's serde_json: a value, and a struct with everything optional.
use serde::Deserialize;
use serde_json::{json, Map, Value};
use std::io::{BufRead, Write};

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Callback {
    CallbackCommand: Option<String>,
    GroupId: Option<String>,
    TopicId: Option<String>,
    Operator_Account: Option<String>,
    Owner_Account: Option<String>,
    From_Account: Option<String>,
    Type: Option<String>,
    Name: Option<String>,
}

const KNOWN: &str = "CallbackCommand,GroupId,TopicId,Operator_Account,Owner_Account,From_Account,Type,Name";

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => Some("<other>".into()),
    }
}

fn decode(code: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(code.len());
    let (mut bits, mut have) = (0u32, 0);
    for c in code.bytes() {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | digit as u32;
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    out
}

fn main() {
    let stdin = std::io::stdin();
    let mut lines = stdin.lock().lines();
    let fields: Vec<String> = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let stdout = std::io::stdout();
    let mut out = std::io::BufWriter::new(stdout.lock());
    writeln!(out, "{}", json!({"serde_json value": "body", "serde_json struct": format!("body:{}", KNOWN)})).unwrap();
    out.flush().unwrap();
    for line in lines {
        let line = line.unwrap();
        if line.is_empty() {
            out.flush().unwrap();
            continue;
        }
        let request: Value = serde_json::from_str(&line).unwrap();
        let mut told = Map::new();
        if request["ask"].as_str().unwrap().contains('b') {
            let body = decode(request["b"].as_str().unwrap());
            let value = serde_json::from_slice::<Map<String, Value>>(&body).ok().map(|object| {
                let found: Map<String, Value> = fields.iter().filter_map(|f| Some((f.clone(), json!(text(object.get(f)?)?)))).collect();
                Value::Object(found)
            });
            told.insert("serde_json value".into(), value.unwrap_or(Value::Null));
            let typed = serde_json::from_slice::<Callback>(&body).ok().map(|c| {
                json!({"CallbackCommand": c.CallbackCommand, "GroupId": c.GroupId, "TopicId": c.TopicId, "Operator_Account": c.Operator_Account,
                    "Owner_Account": c.Owner_Account, "From_Account": c.From_Account, "Type": c.Type, "Name": c.Name})
            });
            told.insert("serde_json struct".into(), typed.unwrap_or(Value::Null));
        }
        writeln!(out, "{}", Value::Object(told)).unwrap();
    }
}

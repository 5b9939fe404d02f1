//! Requests signed as AWS's clients sign them, by an implementation of its own, and then spoilt.

use super::{
    case::Case,
    observed::Observed,
    request::{self, HOST},
    session::Session,
};
use fanlight_tests::message::Request;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    time::{SystemTime, UNIX_EPOCH},
};

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// What a signature is made of, and what is done to it.
#[derive(Debug, Clone)]
struct Plan {
    method: &'static str,
    body: String,
    key: &'static str,
    secret: &'static str,
    region: &'static str,
    service: &'static str,
    terminator: &'static str,
    /// Seconds to add to the time of signing.
    shift: i64,
    /// Days to add to the date in the scope alone.
    scope_shift: i64,
    /// The host that is signed.
    host: &'static str,
    signs_host: bool,
    /// Signed in the query: for so many seconds.
    expires: Option<u64>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            method: "GET",
            body: String::new(),
            key: KEY,
            secret: SECRET,
            region: "us-east-1",
            service: "execute-api",
            terminator: "aws4_request",
            shift: 0,
            scope_shift: 0,
            host: HOST,
            signs_host: true,
            expires: None,
        }
    }
}

/// Runs a case.
///
/// # Errors
/// When what is to be spoilt is not known.
pub(super) async fn run(case: &Case, session: &Session) -> Result<Observed, String> {
    let mutation =
        case.get("mutate").and_then(serde_json::Value::as_str).ok_or("the case does not say what to change")?;
    let plan = plan(mutation)?;
    let mut request = sign(&plan)?;
    spoil(&mut request, mutation)?;
    let (answer, elapsed) = request::exchange(session, &request).await?;
    Ok(Observed { answers: vec![answer], elapsed, ..Observed::default() })
}

/// What is different before signing.
fn plan(mutation: &str) -> Result<Plan, String> {
    let plain = Plan::default();
    if let Some(seconds) = mutation.strip_prefix("expires ") {
        let seconds = seconds.parse().map_err(|_| format!("`{mutation}` is not known"))?;
        return Ok(Plan { expires: Some(seconds), ..plain });
    }
    if let Some(change) = mutation.strip_prefix("date ") {
        return Ok(Plan { shift: minutes(change)?, ..plain });
    }
    if let Some(change) = mutation.strip_prefix("scope date ") {
        return Ok(Plan { scope_shift: if change.starts_with('-') { -1 } else { 1 }, ..plain });
    }
    Ok(match mutation {
        "flip one body byte" => Plan { method: "POST", body: "{\"a\":1}".to_owned(), ..plain },
        "drop host from SignedHeaders" => Plan { signs_host: false, ..plain },
        "region eu-west-9" => Plan { region: "eu-west-9", ..plain },
        "AKID unknown" => Plan { key: "AKIDUNKNOWN", ..plain },
        "host swap" => Plan { host: "other.test", ..plain },
        _ if mutation.starts_with("service ") => Plan { service: "s3", ..plain },
        _ if mutation.contains("terminator") => Plan { terminator: "aws3_request", ..plain },
        _ if mutation.contains("secret") => Plan { secret: "wrong", ..plain },
        _ if mutation.contains("presigned") || mutation.contains("query auth") => Plan { expires: Some(300), ..plain },
        _ => plain,
    })
}

/// `-20m`
fn minutes(change: &str) -> Result<i64, String> {
    let (number, unit) = change.split_at(change.len().saturating_sub(1));
    let number: i64 = number.trim_start_matches('+').parse().map_err(|_| format!("`{change}` is no time"))?;
    match unit {
        "s" => Ok(number),
        "m" => Ok(number * 60),
        "h" => Ok(number * 3600),
        "d" => Ok(number * 86400),
        _ => Err(format!("`{change}` is no time")),
    }
}

/// What is different after signing.
fn spoil(request: &mut Request, mutation: &str) -> Result<(), String> {
    let header = |request: &mut Request, name: &str, change: &dyn Fn(&str) -> String| {
        for (known, value) in &mut request.headers {
            if known.eq_ignore_ascii_case(name) {
                *value = change(value);
            }
        }
    };
    let before = ["none", "drop host from SignedHeaders", "region eu-west-9", "AKID unknown", "host swap"];
    let prefixes = ["expires ", "date ", "scope date ", "service "];
    let words = ["terminator", "secret", "presigned", "query auth"];
    if before.contains(&mutation)
        || prefixes.iter().any(|prefix| mutation.starts_with(prefix))
        || words.iter().any(|word| mutation.contains(word))
    {
        return Ok(());
    }
    if let Some(query) = mutation.strip_prefix("append ") {
        let separator = if request.target.contains('?') { "&" } else { "?" };
        request.target.push_str(separator);
        request.target.push_str(query.trim_start_matches(['&', '?']));
        return Ok(());
    }
    match mutation {
        "flip one body byte" => request.body.iter_mut().take(2).last().into_iter().for_each(|byte| *byte ^= 1),
        "both" => {
            let presigned = sign(&Plan { expires: Some(300), ..Plan::default() })?;
            request.target = presigned.target;
        }
        "upper hex" => header(request, "authorization", &|value| {
            value.split_once("Signature=").map_or_else(String::new, |(before, signature)| {
                format!("{before}Signature={}", signature.to_ascii_uppercase())
            })
        }),
        "drop x-amz-date" | "no x-amz-date" => request.headers.retain(|(name, _)| name != "X-Amz-Date"),
        "no authorization" | "drop authorization" => request.headers.retain(|(name, _)| name != "Authorization"),
        "path" | "change path" => request.target = request.target.replacen("/s", "/secret", 1),
        "change method" | "method" => "POST".clone_into(&mut request.method),
        "truncate signature" => header(request, "authorization", &|value| {
            value.char_indices().nth_back(0).map_or_else(String::new, |(end, _)| value.chars().take(end).collect())
        }),
        "empty signature" => header(request, "authorization", &|value| {
            value.split_once("Signature=").map_or_else(String::new, |(before, _)| format!("{before}Signature="))
        }),
        other => return Err(format!("the change `{other}` is not known")),
    }
    Ok(())
}

fn sign(plan: &Plan) -> Result<Request, String> {
    let (stamp, date) = time(plan.shift);
    let scope_date = if plan.scope_shift == 0 { date } else { time(plan.shift + plan.scope_shift * 86400).1 };
    let scope = format!("{scope_date}/{}/{}/{}", plan.region, plan.service, plan.terminator);
    let mut given = request::read(&json!({ "method": plan.method, "path": "/s" }), "")?;
    given.body = plan.body.clone().into_bytes();
    let signed = match (plan.signs_host, plan.expires.is_some()) {
        (true, true) => "host",
        (true, false) => "host;x-amz-date",
        (false, _) => "x-amz-date",
    };
    let mut query = String::new();
    if let Some(expires) = plan.expires {
        let credential = format!("{}/{scope}", plan.key).replace('/', "%2F");
        query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={stamp}&X-Amz-Expires={expires}&X-Amz-SignedHeaders={signed}"
        );
    }
    let host = if plan.signs_host { format!("host:{}\n", plan.host) } else { String::new() };
    let dated = if plan.expires.is_some() { String::new() } else { format!("x-amz-date:{stamp}\n") };
    let payload = hex(&Sha256::digest(&given.body));
    let canonical = format!("{}\n/s\n{query}\n{host}{dated}\n{signed}\n{payload}", plan.method);
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let key = [scope_date.as_str(), plan.region, plan.service, plan.terminator]
        .iter()
        .fold(format!("AWS4{}", plan.secret).into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    let signature = hex(&hmac(&key, text.as_bytes()));
    if plan.expires.is_some() {
        given.target = format!("/s?{query}&X-Amz-Signature={signature}");
    } else {
        given.headers.push(("X-Amz-Date".to_owned(), stamp));
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}", plan.key);
        given.headers.push(("Authorization".to_owned(), authorization));
    }
    Ok(given)
}

/// `20261122T104426Z` and its date.
fn time(shift: i64) -> (String, String) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let seconds = i64::try_from(now).unwrap_or_default() + shift;
    let (days, rest) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    // Days since 1970 to a date, counting years from March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = format!("{year:04}{month:02}{day:02}");
    (format!("{date}T{:02}{:02}{:02}Z", rest / 3600, rest / 60 % 60, rest % 60), date)
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    let short = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.iter_mut().zip(short).for_each(|(place, byte)| *place = byte);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

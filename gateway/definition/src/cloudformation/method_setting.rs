//! `MethodSettings` of a stage.
//!
//! AWS: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-stage-methodsetting.html>

use crate::{
    Diagnostic,
    document::{Map, Node},
    limits,
    read::Reading,
    resources::{HttpMethod, LoggingLevel, MethodSetting, UnauthorizedCacheControl},
    shape,
    vocabulary::{
        self,
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const METHOD_SETTING: &Vocabulary = &[
    ("CacheDataEncrypted", Silent),
    ("CacheTtlInSeconds", Read),
    ("CachingEnabled", Read),
    ("DataTraceEnabled", Read),
    ("HttpMethod", Read),
    ("LoggingLevel", Read),
    ("MetricsEnabled", Silent),
    ("RequireAuthorizationForCacheControl", Read),
    ("ResourcePath", Read),
    ("ThrottlingBurstLimit", Read),
    ("ThrottlingRateLimit", Read),
    ("UnauthorizedCacheControlHeaderStrategy", Read),
];

/// What a stage has and CloudFormation cannot write: `UpdateStage` sets it. Taken, so that it can be tried.
const OF_THE_API_ONLY: [&str; 2] = ["RequireAuthorizationForCacheControl", "UnauthorizedCacheControlHeaderStrategy"];

/// The settings that a deployment's `StageDescription` has for all methods.
pub(super) const OF_ALL_METHODS: [&str; 6] = [
    "CacheTtlInSeconds",
    "CachingEnabled",
    "DataTraceEnabled",
    "LoggingLevel",
    "ThrottlingBurstLimit",
    "ThrottlingRateLimit",
];

/// Reads a list of settings.
pub(super) fn read_all(reading: &mut Reading<'_>, node: &Node) -> Vec<MethodSetting> {
    let items = shape::list(&mut reading.findings, node).unwrap_or_default();
    let mut settings: Vec<MethodSetting> = Vec::new();
    for item in items {
        let Some(map) = shape::map(&mut reading.findings, item) else { continue };
        vocabulary::check(&mut reading.findings, map, "a method setting", METHOD_SETTING);
        let setting = read(reading, map, item);
        let same = |other: &MethodSetting| {
            other.resource_path == setting.resource_path && other.http_method == setting.http_method
        };
        if settings.iter().any(same) {
            let message = format!("`{} {}` has settings already", setting.http_method, setting.resource_path);
            reading.findings.error(&item.place(), message);
        }
        settings.push(setting);
    }
    settings
}

/// Reads one setting; without a path and a verb it is about all methods.
pub(super) fn read(reading: &mut Reading<'_>, map: &Map, node: &Node) -> MethodSetting {
    for key in OF_THE_API_ONLY {
        if let Some(node) = map.get(key) {
            let message = format!("CloudFormation refuses `{key}`; on AWS it is set by `UpdateStage`");
            reading.findings.push(Diagnostic::warning(&node.place(), message));
        }
    }
    let path = shape::text_of(&mut reading.findings, map, "ResourcePath");
    let mut boolean = |key: &str| map.get(key).and_then(|node| shape::boolean(&mut reading.findings, node));
    let (caching_enabled, data_trace_enabled) = (boolean("CachingEnabled"), boolean("DataTraceEnabled"));
    let require_authorization_for_cache_control = boolean("RequireAuthorizationForCacheControl");
    let ttl = map.get("CacheTtlInSeconds");
    let ttl = ttl.and_then(|node| shape::integer(&mut reading.findings, node, &limits::CACHE_TTL));
    MethodSetting {
        resource_path: path.as_deref().map_or_else(|| "/*".to_owned(), resource_path),
        http_method: read_verb(reading, map),
        throttling_rate_limit: map.get("ThrottlingRateLimit").and_then(|node| limit(reading, node)),
        throttling_burst_limit: map.get("ThrottlingBurstLimit").and_then(|node| burst(reading, node)),
        caching_enabled,
        cache_ttl_seconds: ttl.and_then(|ttl| u32::try_from(ttl).ok()),
        require_authorization_for_cache_control,
        unauthorized_cache_control: map
            .get("UnauthorizedCacheControlHeaderStrategy")
            .and_then(|node| unauthorized_cache_control(reading, node)),
        logging_level: map.get("LoggingLevel").and_then(|node| logging_level(reading, node)),
        data_trace_enabled,
        place: node.place(),
    }
}

/// `/~1pets~1{id}` is `/pets/{id}`; a path that is not encoded is taken as it is.
fn resource_path(written: &str) -> String {
    let path = match written.strip_prefix('/') {
        Some(rest) if rest.starts_with("~1") => rest,
        Some(_) | None => written,
    };
    let path = path.replace("~1", "/");
    if path == "*" { "/*".to_owned() } else { path }
}

fn read_verb(reading: &mut Reading<'_>, map: &Map) -> String {
    let Some(node) = map.get("HttpMethod") else { return "*".to_owned() };
    let Some(text) = shape::text(&mut reading.findings, node) else { return "*".to_owned() };
    match HttpMethod::parse(&text) {
        Some(verb) => verb.as_str().to_owned(),
        None => {
            if text != "*" {
                let message = format!("unknown method `{}`", shape::brief(&text));
                reading.findings.push(Diagnostic::error(&node.place(), message).help("a verb, or `*` for all"));
            }
            "*".to_owned()
        }
    }
}

/// A rate; negative means no limit.
fn limit(reading: &mut Reading<'_>, node: &Node) -> Option<f64> {
    let value = node.as_text().and_then(|text| text.trim().parse::<f64>().ok()).filter(|value| value.is_finite());
    if value.is_none() {
        shape::mismatch(&mut reading.findings, node, "a number");
    }
    value
}

fn burst(reading: &mut Reading<'_>, node: &Node) -> Option<i32> {
    let value = node.as_text().and_then(|text| text.trim().parse::<i32>().ok());
    if value.is_none() {
        shape::mismatch(&mut reading.findings, node, "a whole number");
    }
    value
}

fn unauthorized_cache_control(reading: &mut Reading<'_>, node: &Node) -> Option<UnauthorizedCacheControl> {
    match shape::text(&mut reading.findings, node)?.as_str() {
        "FAIL_WITH_403" => Some(UnauthorizedCacheControl::FailWith403),
        "SUCCEED_WITH_RESPONSE_HEADER" => Some(UnauthorizedCacheControl::SucceedWithResponseHeader),
        "SUCCEED_WITHOUT_RESPONSE_HEADER" => Some(UnauthorizedCacheControl::SucceedWithoutResponseHeader),
        _ => {
            let what = "`FAIL_WITH_403`, `SUCCEED_WITH_RESPONSE_HEADER` or `SUCCEED_WITHOUT_RESPONSE_HEADER`";
            shape::mismatch(&mut reading.findings, node, what);
            None
        }
    }
}

fn logging_level(reading: &mut Reading<'_>, node: &Node) -> Option<LoggingLevel> {
    match shape::text(&mut reading.findings, node)?.to_ascii_uppercase().as_str() {
        "OFF" => Some(LoggingLevel::Off),
        "ERROR" => Some(LoggingLevel::Error),
        "INFO" => Some(LoggingLevel::Info),
        _ => {
            shape::mismatch(&mut reading.findings, node, "`OFF`, `ERROR` or `INFO`");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resource_path;

    #[test]
    fn reads_both_spellings_of_a_path() {
        for (written, path) in [
            ("/*", "/*"),
            ("*", "/*"),
            ("/", "/"),
            ("/~1pets", "/pets"),
            ("~1pets~1{id}", "/pets/{id}"),
            ("/~1pets~1{id}", "/pets/{id}"),
            ("/pets/{id}", "/pets/{id}"),
            ("/~1", "/"),
        ] {
            assert_eq!(resource_path(written), path, "{written}");
        }
    }
}

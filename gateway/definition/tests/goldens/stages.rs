//! Stages with their settings, and the domains that lead to them.

use fanlight_definition::resources::{DomainName, MethodSetting, Stage};

pub(super) fn list(out: &mut String, stage: &Stage) {
    out.push_str(&format!("  stage {} {:?}\n", stage.name, stage.variables));
    if stage.cache_cluster_enabled {
        out.push_str("    with a cache\n");
    }
    if let Some(canary) = &stage.canary {
        out.push_str(&format!("    {canary:?}\n"));
    }
    if let Some(format) = &stage.access_log_format {
        out.push_str(&format!("    logs {:?} (line {})\n", format.text, format.place.line));
    }
    for setting in &stage.method_settings {
        list_setting(out, setting);
    }
}

fn list_setting(out: &mut String, setting: &MethodSetting) {
    out.push_str(&format!("    {} {}", setting.http_method, setting.resource_path));
    let said = [
        setting.throttling_rate_limit.map(|rate| format!("rate {rate}")),
        setting.throttling_burst_limit.map(|burst| format!("burst {burst}")),
        setting.caching_enabled.map(|cached| format!("cached {cached}")),
        setting.cache_ttl_seconds.map(|seconds| format!("for {seconds} s")),
        setting.logging_level.map(|level| format!("logs {level:?}")),
        setting.data_trace_enabled.map(|traced| format!("traced {traced}")),
    ];
    for word in said.into_iter().flatten() {
        out.push_str(&format!(", {word}"));
    }
    out.push('\n');
}

pub(super) fn list_domain(out: &mut String, domain: &DomainName) {
    out.push_str(&format!("domain {}\n", domain.name));
    for mapping in &domain.mappings {
        out.push_str(&format!("  {:?} -> {} {:?}\n", mapping.base_path, mapping.api_id, mapping.stage));
    }
}

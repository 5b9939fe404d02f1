//! `apiKeys` and `usagePlan`.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/events/apigateway#setting-api-keys-for-your-rest-api>

use super::{
    keys, make, naming,
    rest_api::{self, Api},
    service::Service,
};
use crate::{
    Diagnostic,
    document::{Entry, Map, Node, Value},
    read::Reading,
    shape, spelling,
    vocabulary::{
        Treatment::{Read, Silent},
        Vocabulary,
    },
};

const KEY: &Vocabulary =
    &[("customerId", Silent), ("description", Silent), ("enabled", Read), ("name", Read), ("value", Read)];

const PLAN: &Vocabulary = &[("quota", Read), ("throttle", Read)];
const QUOTA: &Vocabulary = &[("limit", Read), ("offset", Read), ("period", Read)];
const THROTTLE: &Vocabulary = &[("burstLimit", Read), ("rateLimit", Read)];

/// A plan with its settings; the only one of a service has no name.
struct Plan {
    name: Option<String>,
    settings: Map,
    at: Node,
}

/// Makes the keys and plans of a service.
pub(super) fn read(reading: &mut Reading<'_>, (service, api): (&Service, &Api), resources: &mut Map) {
    let written = |key: &str| {
        // The first versions wrote them beside `apiGateway`.
        let section = service.section("apiGateway").and_then(|section| section.get(key));
        section.or_else(|| service.provider.get(key)).filter(|node| !node.says_no())
    };
    let (api_keys, usage_plan) = (written("apiKeys"), written("usagePlan"));
    let Some(at) = usage_plan.or(api_keys) else { return };
    let plans = plans(reading, usage_plan, at);
    for plan in &plans {
        let node = plan_resource(reading, (service, api), plan);
        resources.entries.insert(naming::usage_plan(plan.name.as_deref()), Entry { key: plan.at.spot, node });
    }
    let items = api_keys.and_then(|node| shape::list(&mut reading.findings, node)).unwrap_or_default();
    let mut number = 0;
    for item in items {
        match of_plan(item) {
            None => {
                number += 1;
                if plans.iter().any(|plan| plan.name.is_none()) {
                    key_resources(reading, (item, None, number), resources);
                } else {
                    let message = "the key belongs to no usage plan, so it opens nothing";
                    let help = "write `plan: [key]`, with the name of a plan";
                    reading.findings.push(Diagnostic::warning(&item.place(), message).help(help));
                }
            }
            Some((name, entry, keys)) => {
                check_plan(reading, (name, entry), &plans);
                for (index, key) in keys.iter().enumerate() {
                    key_resources(reading, (key, Some(name), index + 1), resources);
                }
            }
        }
    }
}

fn plans(reading: &mut Reading<'_>, node: Option<&Node>, at: &Node) -> Vec<Plan> {
    let nothing = at.with(Value::Null);
    let Some(node) = node else { return vec![Plan { name: None, settings: Map::default(), at: nothing }] };
    let Some(items) = node.as_list() else {
        let settings = shape::map(&mut reading.findings, node).cloned().unwrap_or_default();
        return vec![Plan { name: None, settings, at: nothing }];
    };
    let mut plans = Vec::new();
    for item in items {
        for (name, entry) in shape::map(&mut reading.findings, item).into_iter().flat_map(Map::iter) {
            let settings = entry.node.as_map().cloned().unwrap_or_default();
            let at = Node { spot: entry.key, ..entry.node.with(Value::Null) };
            plans.push(Plan { name: Some(name.to_owned()), settings, at });
        }
    }
    plans
}

fn plan_resource(reading: &mut Reading<'_>, (service, api): (&Service, &Api), plan: &Plan) -> Node {
    let Plan { name, settings, at } = plan;
    keys::check(reading, settings, ("a usage plan", PLAN));
    let plan_name = match name {
        Some(name) => format!("{}-{name}-{}", service.name, service.stage),
        None => format!("{}-{}", service.name, service.stage),
    };
    let mut part = |key: &str, vocabulary: &Vocabulary, names: &[(&str, &'static str)]| {
        let node = settings.get(key).filter(|node| !node.says_no())?;
        let map = shape::map(&mut reading.findings, node)?;
        keys::check(reading, map, (&format!("`{key}`"), vocabulary));
        Some(make::map(node, names.iter().filter_map(|(key, name)| Some((*name, map.get(key)?.clone())))))
    };
    let quota = part("quota", QUOTA, &[("limit", "Limit"), ("offset", "Offset"), ("period", "Period")]);
    let throttle = part("throttle", THROTTLE, &[("burstLimit", "BurstLimit"), ("rateLimit", "RateLimit")]);
    let stage = make::map(at, [("ApiId", api.id.clone()), ("Stage", rest_api::stage_name(service))]);
    let properties = [
        ("ApiStages", Some(make::list(at, vec![stage]))),
        ("Quota", quota),
        ("Throttle", throttle),
        ("UsagePlanName", Some(make::text(at, plan_name))),
    ];
    make::resource(at, "AWS::ApiGateway::UsagePlan", properties)
}

/// `plan: [key, ..]`
fn of_plan(node: &Node) -> Option<(&str, &Entry, &[Node])> {
    let (name, entry) = node.as_map()?.single()?;
    Some((name, entry, entry.node.as_list().filter(|_| !name.starts_with("Fn::"))?))
}

fn check_plan(reading: &mut Reading<'_>, (name, entry): (&str, &Entry), plans: &[Plan]) {
    if plans.iter().any(|plan| plan.name.as_deref() == Some(name)) {
        return;
    }
    let message = format!("no usage plan is called `{}`", shape::brief(name));
    let mut unknown = Diagnostic::error(&entry.key_place(), message);
    unknown.help = spelling::suggestion(name, plans.iter().filter_map(|plan| plan.name.as_deref()));
    reading.findings.push(unknown);
}

fn key_resources(reading: &mut Reading<'_>, (node, plan, number): (&Node, Option<&str>, usize), resources: &mut Map) {
    let described = node.as_map().filter(|map| ["name", "value"].iter().any(|key| map.get(key).is_some()));
    if let Some(map) = described {
        keys::check(reading, map, ("an API key", KEY));
    }
    let get = |key: &str| described.and_then(|map| map.get(key)).filter(|node| !matches!(node.value, Value::Null));
    let at = node.with(Value::Null);
    let name = if described.is_some() { get("name").cloned() } else { Some(node.clone()) };
    let properties = [
        ("Enabled", Some(get("enabled").cloned().unwrap_or_else(|| make::text(&at, "true")))),
        ("Name", name),
        ("Value", get("value").cloned()),
    ];
    let key = make::resource(&at, "AWS::ApiGateway::ApiKey", properties);
    let key_id = naming::api_key(plan, number);
    let properties = [
        ("KeyId", Some(make::reference(&at, &key_id))),
        ("KeyType", Some(make::text(&at, "API_KEY"))),
        ("UsagePlanId", Some(make::reference(&at, &naming::usage_plan(plan)))),
    ];
    let plan_key = make::resource(&at, "AWS::ApiGateway::UsagePlanKey", properties);
    resources.entries.insert(key_id, Entry { key: at.spot, node: key });
    resources.entries.insert(naming::usage_plan_key(plan, number), Entry { key: at.spot, node: plan_key });
}

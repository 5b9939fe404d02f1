//! What was used of usage plans, by key and day.

use crate::site::Site;
use fanlight_definition::resources::{ApiKey, Quota, UsagePlan};
use fanlight_execute::{Backends, quota};
use fanlight_store::{Error, quota::DailyUsage};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Days that are shown.
const DAYS: i32 = 31;

/// A usage plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlanUsage {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Its quota; without one, requests are not counted.
    pub(crate) quota: Option<PlanQuota>,
    pub(crate) keys: Vec<KeyUsage>,
}

/// A quota.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlanQuota {
    pub(crate) limit: u64,
    pub(crate) period: String,
}

/// A key of a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyUsage {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) days: Vec<DayUsage>,
}

/// One day of a key. Days without requests are left out, but not today.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DayUsage {
    pub(crate) date: String,
    pub(crate) used: u64,
    pub(crate) remaining: u64,
}

/// What is used of each plan of a site.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn report(site: &Site) -> Result<Vec<PlanUsage>, Error> {
    let today = quota::day(site.backends.now().unix_ms);
    let mut plans = Vec::new();
    for plan in &site.usage_plans {
        let usage = match plan.quota {
            Some(_) => site.backends.quotas.usage(&plan.id, today.saturating_sub(DAYS - 1)).await?,
            None => Vec::new(),
        };
        plans.push(of_plan(plan, &site.api_keys, &usage, today));
    }
    Ok(plans)
}

fn of_plan(plan: &UsagePlan, keys: &[ApiKey], usage: &[DailyUsage], today: i32) -> PlanUsage {
    let name = |id: &String| keys.iter().find(|key| key.id == *id).map_or_else(|| id.clone(), |key| key.name.clone());
    let days = |id: &String| {
        let Some(quota) = plan.quota else { return Vec::new() };
        let own: Vec<_> = usage.iter().filter(|day| day.key_id == *id).collect();
        let mut days: Vec<_> = own.iter().map(|day| of_day(day.day, day.used, day.remaining)).collect();
        if own.last().is_none_or(|last| last.day != today) {
            days.push(of_day(today, 0, remaining(quota, own.last().copied(), today)));
        }
        days
    };
    PlanUsage {
        id: plan.id.clone(),
        name: plan.name.clone(),
        quota: plan.quota.map(|quota| PlanQuota { limit: quota.limit, period: quota::period(quota.period).to_owned() }),
        keys: plan.keys.iter().map(|id| KeyUsage { id: id.clone(), name: name(id), days: days(id) }).collect(),
    }
}

/// What a key that was not used today has left.
fn remaining(quota: Quota, last: Option<&DailyUsage>, today: i32) -> u64 {
    let window = quota::window(quota, today);
    last.filter(|last| last.day >= window.start).map_or(quota.limit, |last| last.remaining)
}

fn of_day(day: i32, used: u64, remaining: u64) -> DayUsage {
    let midnight = Timestamp::from_second(i64::from(day) * 24 * 60 * 60).unwrap_or_default();
    DayUsage { date: midnight.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string(), used, remaining }
}

/// The report for people.
pub(crate) fn table(plans: &[PlanUsage]) -> String {
    let mut text = String::new();
    for PlanUsage { id, name, quota, keys } in plans {
        let terms = quota.as_ref().map_or_else(
            || "no quota, so its requests are not counted".to_owned(),
            |quota| format!("{} requests per {}", quota.limit, quota.period),
        );
        let _infallible = writeln!(text, "{name} ({id}): {terms}");
        for key in keys {
            let _infallible = writeln!(text, "  {} ({})", key.name, key.id);
            for DayUsage { date, used, remaining } in &key.days {
                let _infallible = writeln!(text, "    {date}  used {used}, remaining {remaining}");
            }
        }
    }
    text.trim_end().to_owned()
}

//! Engines in this process: ours, and minijinja with templates that mean the same.

use super::{
    How,
    inputs::{Input, VARIANTS, marked_template},
};
use crate::Result;
use fanlight_vtl::{Inputs, Overrides, Parameters, Template};
use minijinja::{Environment, context};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt, fs,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

/// Between two looks at the CPU time.
const LOOK: Duration = Duration::from_millis(10);

/// Renders one of the variants.
#[derive(Clone)]
pub(crate) struct Engine(Arc<dyn Fn(usize) -> Result<String> + Send + Sync>);

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// The outputs of all inputs.
    pub(crate) fn outputs(&self) -> Result<Vec<String>> {
        (0..VARIANTS).map(|variant| self.render(variant)).collect()
    }

    pub(crate) fn render(&self, variant: usize) -> Result<String> {
        (self.0)(variant)
    }

    /// Renders for that much CPU time on a thread beside the runtime's, and gives the renders per second of it.
    pub(crate) async fn round(&self, duration: Duration) -> Result<f64> {
        let engine = self.clone();
        tokio::task::spawn_blocking(move || {
            let start = used()?;
            let mut renders = 0_u32;
            loop {
                let looked = Instant::now();
                while looked.elapsed() < LOOK {
                    for variant in 0..VARIANTS {
                        black_box(engine.render(variant)?);
                        renders = renders.saturating_add(1);
                    }
                }
                let used = used()?.saturating_sub(start);
                if used >= duration {
                    return Ok(f64::from(renders) / used.as_secs_f64());
                }
            }
        })
        .await?
    }
}

/// CPU time of this thread.
fn used() -> Result<Duration> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = statistics.split_ascii_whitespace().next().ok_or("no CPU time")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}

/// Ours.
pub(crate) fn fanlight(inputs: &[Input], how: How) -> Result<Engine> {
    let prepared = inputs.iter().map(|input| {
        let place = |name: &str| -> Vec<(String, String)> {
            input.params.get(name).into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let parameters = Parameters { path: place("path"), querystring: place("querystring"), header: place("header") };
        Ok((Template::parse(&input.template)?, parameters, input.clone()))
    });
    let prepared = prepared.collect::<Result<Vec<_>>>()?;
    let context = json!({});
    Ok(Engine(Arc::new(move |variant| {
        let (template, parameters, input) = prepared.get(variant).ok_or("no such variant")?;
        // The other sides decode the bytes of the body too.
        let body = str::from_utf8(input.body.as_bytes())?;
        let inputs = Inputs { body, parameters, context: &context, stage_variables: &[] };
        let mut overrides = Overrides::default();
        Ok(match how {
            How::ParsedOnce => inputs.render(template, &mut overrides)?,
            How::ParsedEachTime => inputs.render(&Template::parse(&input.template)?, &mut overrides)?,
        })
    })))
}

/// minijinja, where there is a template for it.
pub(crate) fn minijinja(inputs: &[Input], how: How) -> Result<Engine> {
    let name = inputs.first().map_or("", |input| input.name.as_str());
    let source = match name {
        "small" => include_str!("small.jinja"),
        "medium" => include_str!("medium.jinja"),
        "large" => include_str!("large.jinja"),
        _ => return Err(format!("there is no template for `{name}`").into()),
    };
    let mut environment = Environment::new();
    let mut prepared = Vec::new();
    for input in inputs {
        let source = marked_template(source.trim_end(), &input.mark);
        environment.add_template_owned(input.mark.clone(), source.clone())?;
        prepared.push((source, input.clone()));
    }
    let reads_body = name != "small";
    Ok(Engine(Arc::new(move |variant| {
        let (source, Input { body, params, mark, .. }) = prepared.get(variant).ok_or("no such variant")?;
        let context = if reads_body {
            context! { root => serde_json::from_slice::<minijinja::Value>(body.as_bytes())? }
        } else {
            let subject = params.get("querystring").and_then(|place: &BTreeMap<_, _>| place.get("subject"));
            context! { body => str::from_utf8(body.as_bytes())?, subject => subject }
        };
        Ok(match how {
            How::ParsedOnce => environment.get_template(mark)?.render(context)?,
            How::ParsedEachTime => environment.render_str(source, context)?,
        })
    })))
}

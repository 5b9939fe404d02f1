//! Runs a scenario on a target.

use crate::{
    Outcome,
    binary::Binary,
    compare, folder,
    in_process::{InProcess, LISTENER_HEADERS},
    message,
    plan::{Action, Plan, Step},
    scenario::{Block, Scenario},
    scripted::DOMAIN,
    signer, token,
    update::Update,
    upstream::Upstreams,
};
use aws_lambda_events::apigw::{
    ApiGatewayProxyRequest, ApiGatewayV2CustomAuthorizerV2Request, ApiGatewayV2httpRequest,
};
use serde_json::Value;
use std::fmt::Write as _;

/// Where a scenario runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The lifecycle as a library, with scripted backends.
    InProcess,
    /// The built binary, with real functions and sockets.
    Binary,
}

impl Target {
    /// For the name of a trial.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProcess => "in-process",
            Self::Binary => "binary",
        }
    }
}

enum Running {
    InProcess(Box<InProcess>, folder::Folder),
    Binary(Box<Binary>),
}

/// Runs all steps.
///
/// # Errors
/// Every expectation that is not met, with its line.
pub async fn scenario(scenario: &Scenario, plan: &Plan, target: Target, update: &mut Update) -> Outcome<()> {
    let mut problems = String::new();
    let mut running = start(plan, target).await?;
    for step in &plan.steps {
        if let Err(problem) = running.step(plan, step, update).await {
            let _infallible = writeln!(problems, "{}.md:{}: {problem}", scenario.name, step.block.line);
        }
    }
    if let Running::Binary(binary) = running
        && let Err(problem) = binary.stop().await
    {
        let _infallible = writeln!(problems, "{}.md: {problem}", scenario.name);
    }
    match (&plan.xfail, problems.is_empty()) {
        (None, true) | (Some(_), false) => Ok(()),
        (None, false) => Err(problems),
        (Some(reason), true) => Err(format!("expected to fail, and does not: {reason}")),
    }
}

async fn start(plan: &Plan, target: Target) -> Outcome<Running> {
    match target {
        Target::InProcess => {
            let names = |text: &str| addresses(plan, text, |name| format!("{name}{DOMAIN}"));
            let folder = folder::make(plan, names)?;
            Ok(Running::InProcess(Box::new(InProcess::start(plan, &folder)?), folder))
        }
        Target::Binary => {
            let upstreams = Upstreams::start(&plan.upstreams).await?;
            let address = |name: &str| upstreams.addresses.get(name).map(ToString::to_string).unwrap_or_default();
            let folder = folder::make(plan, |text| addresses(plan, text, address))?;
            Ok(Running::Binary(Box::new(Binary::new(folder, upstreams, plan.flags.clone()))))
        }
    }
}

/// Replaces each `[UPSTREAM name]`.
fn addresses(plan: &Plan, text: &str, address: impl Fn(&str) -> String) -> String {
    let mut text = text.to_owned();
    for upstream in &plan.upstreams {
        text = text.replace(&format!("[UPSTREAM {}]", upstream.name), &address(&upstream.name));
    }
    text
}

impl Running {
    async fn step(&mut self, plan: &Plan, step: &Step, update: &mut Update) -> Outcome<()> {
        let Step { action, block } = step;
        let expected = self.addresses(plan, &block.text);
        match action {
            Action::Exchange(request) => self.exchange(plan, request, block, update).await,
            Action::Event => {
                let events = self.take_events(block.name()?)?;
                self.document(block, &expected, events, update)
            }
            Action::Received => {
                let requests = self.take_received(block.name()?);
                self.document(block, &expected, requests, update)
            }
            Action::Diagnostics => {
                let found = match self {
                    Self::InProcess(running, folder) => folder.hide(&running.diagnostics),
                    Self::Binary(binary) => binary.diagnostics(expected.lines().count()).await?,
                };
                difference(block, compare::lines(&expected, &found)?, &found, update)
            }
            Action::Clock => match self {
                Self::InProcess(running, _) => running.backends.pass(&expected),
                Self::Binary(_) => Err("time cannot be made to pass for a real process".to_owned()),
            },
            Action::Console => self.console(block, &expected, update).await,
            Action::Memory => {
                let most: u64 = expected.trim().parse().map_err(|_| "expected a number of MB")?;
                let growth = self.binary()?.growth_mb().await?;
                if growth < most {
                    Ok(())
                } else {
                    Err(format!("the host grew by {growth} MB, expected less than {most}"))
                }
            }
            Action::Restart => self.binary()?.restart(expected.trim()).await,
            Action::Save => {
                let binary = self.binary()?;
                binary.folder().save(block.name()?, &expected)
            }
            Action::Stdout => self.binary()?.stdout(&expected).await,
            Action::Wire => {
                let found = self.binary()?.wire(&expected).await?;
                difference(block, compare::lines(&expected, &found)?, &found, update)
            }
        }
    }

    async fn exchange(&mut self, plan: &Plan, request: &Block, response: &Block, update: &mut Update) -> Outcome<()> {
        for function in &plan.functions {
            self.take_events(&function.name)?;
        }
        plan.upstreams.iter().for_each(|upstream| drop(self.take_received(&upstream.name)));
        let now = match self {
            Self::InProcess(running, _) => running.backends.unix_seconds(),
            Self::Binary(_) => signer::unix_seconds()?,
        };
        let mut parsed = message::request(&token::put(&plan.tokens, &self.addresses(plan, &request.text), now)?)?;
        if request.has("signed") {
            parsed = signer::sign(parsed, &request.words, now)?;
        }
        let chunked = request.has("chunked");
        let (answer, unknown) = match self {
            Self::InProcess(running, _) => (running.exchange(&parsed, chunked).await?, &LISTENER_HEADERS[..]),
            Self::Binary(binary) if request.has("h2") => (binary.exchange_h2(&parsed).await?, &[][..]),
            Self::Binary(binary) => (binary.exchange(&parsed, chunked).await?, &[][..]),
        };
        let expected = self.addresses(plan, &response.text);
        match message::check(&expected, &answer, unknown) {
            Ok(()) => Ok(()),
            Err(_) if update.is_wanted() => {
                update.replace(response, &message::rewritten(&expected, &answer, unknown));
                Ok(())
            }
            Err(problem) => Err(problem),
        }
    }

    /// Compares one JSON document with the last of those that came.
    fn document(&self, block: &Block, expected: &str, mut came: Vec<Value>, update: &mut Update) -> Outcome<()> {
        let last = came.pop().ok_or("nothing came")?;
        let expected: Value =
            serde_json::from_str(expected).map_err(|error| format!("the block is no JSON: {error}"))?;
        let pretty = serde_json::to_string_pretty(&last).map_err(|error| error.to_string())?;
        difference(block, compare::json(&expected, &last)?, &pretty, update)
    }

    async fn console(&mut self, block: &Block, expected: &str, update: &mut Update) -> Outcome<()> {
        let binary = self.binary()?;
        let mut found = String::new();
        for line in expected.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let output = binary.console(line).await?;
            let _infallible = writeln!(found, "$ {line}\n{output}");
        }
        difference(block, compare::lines(expected, found.trim_end())?, found.trim_end(), update)
    }

    fn binary(&mut self) -> Outcome<&mut Binary> {
        match self {
            Self::Binary(binary) => Ok(binary),
            Self::InProcess(..) => Err("only the binary can do this".to_owned()),
        }
    }

    /// All events of a function since the last call; those of proxies must be readable by the crate that Rust functions
    /// use.
    fn take_events(&self, function: &str) -> Outcome<Vec<Value>> {
        let events = match self {
            Self::InProcess(running, _) => running.backends.take_events(function),
            Self::Binary(binary) => binary.folder().take_events(function)?,
        };
        // A custom integration's template may make anything of a request; what a proxy gets has a context.
        for event in events.iter().filter(|event| event.get("requestContext").is_some()) {
            readable(event).map_err(|error| format!("aws_lambda_events cannot read the event: {error}: {event}"))?;
        }
        Ok(events)
    }

    fn take_received(&self, upstream: &str) -> Vec<Value> {
        match self {
            Self::InProcess(running, _) => running.backends.received.take(upstream),
            Self::Binary(binary) => binary.upstreams().received.take(upstream),
        }
    }

    fn addresses(&self, plan: &Plan, text: &str) -> String {
        addresses(plan, text, |name| match self {
            Self::InProcess(..) => format!("{name}{DOMAIN}"),
            Self::Binary(binary) => binary.upstreams().addresses.get(name).map(ToString::to_string).unwrap_or_default(),
        })
    }
}

fn difference(block: &Block, difference: Option<String>, found: &str, update: &mut Update) -> Outcome<()> {
    match difference {
        None => Ok(()),
        Some(_) if update.is_wanted() => {
            // A masked number is a text, or the block would be no JSON.
            let covered = crate::mask::cover(found).replace(": [EPOCH]", ": \"[EPOCH]\"");
            update.replace(block, &covered);
            Ok(())
        }
        Some(difference) => Err(format!("{difference}\n--- found\n{found}")),
    }
}

/// Whether the typed events of Rust functions are made of this one, each payload format by its own type.
fn readable(event: &Value) -> Result<(), serde_json::Error> {
    let format = event.get("version").and_then(Value::as_str);
    match (format, event.get("routeArn")) {
        (Some("2.0"), Some(_)) => {
            serde_json::from_value::<ApiGatewayV2CustomAuthorizerV2Request>(event.clone()).map(drop)
        }
        (Some("2.0"), None) => serde_json::from_value::<ApiGatewayV2httpRequest>(event.clone()).map(drop),
        (_, _) => serde_json::from_value::<ApiGatewayProxyRequest>(event.clone()).map(drop),
    }
}

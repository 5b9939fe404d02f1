//! Mapping templates against Apache Velocity 1.7 on the JVM: renders per second of CPU time, one worker each. velocityjs
//! and minijinja stand beside for orientation.

mod allocations;
mod in_process;
mod inputs;
mod program;
mod row;
mod velocity;
mod velocityjs;

use crate::{Plan, Result};
use allocations::{Allocations, counted};
use inputs::{Input, VARIANTS};
use row::{Others, Row};
use std::fs;
use velocity::Velocity;
use velocityjs::VelocityJs;

/// What does nothing but read the body.
const READING: &str = "#set($document = $input.path('$'))";

/// How often a template is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Before it is measured.
    ParsedOnce,
    /// For each render.
    ParsedEachTime,
}

impl How {
    const fn name(self) -> &'static str {
        match self {
            Self::ParsedOnce => "parsed once",
            Self::ParsedEachTime => "parse and render",
        }
    }

    /// For programs.
    const fn argument(self) -> &'static str {
        match self {
            Self::ParsedOnce => "once",
            Self::ParsedEachTime => "each",
        }
    }

    /// What is promised for an input.
    fn min(self, input: &str) -> Option<f64> {
        match (self, input) {
            (Self::ParsedOnce, "small") => Some(1.6),
            (Self::ParsedOnce, "medium" | "large") => Some(2.0),
            (Self::ParsedEachTime, "small" | "medium") => Some(5.0),
            (Self::ParsedOnce | Self::ParsedEachTime, _) => None,
        }
    }
}

/// Measures.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let inputs = inputs::read()?;
    let folder = tempfile::tempdir()?;
    let others = Others {
        velocity: Velocity::compile(folder.path()).await,
        velocityjs: VelocityJs::install(folder.path()).await,
    };
    println!("vtl: mapping templates against Velocity 1.7 on the JVM; renders per second of CPU time, one worker");
    println!("  rounds are CPU time; {VARIANTS} variants of each input in turn, made for this run");
    for input in &inputs {
        let variants = input.variants();
        let file = folder.path().join("inputs.json");
        fs::write(&file, serde_json::to_vec(&variants)?)?;
        for how in [How::ParsedOnce, How::ParsedEachTime] {
            Row { plan, how, variants: &variants, file: &file }.measure(&others).await?;
        }
        allocated(&variants)?;
    }
    Ok(())
}

/// Prints what one render allocates on average.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
fn allocated(variants: &[Input]) -> Result<()> {
    let name = variants.first().map_or("", |input| input.name.as_str());
    let reading: Vec<Input> =
        variants.iter().map(|input| Input { template: READING.to_owned(), ..input.clone() }).collect();
    let parsed_once = per_render(variants, How::ParsedOnce)?;
    let parsed_each_time = per_render(variants, How::ParsedEachTime)?;
    let reading = per_render(&reading, How::ParsedOnce)?;
    let output: usize = in_process::fanlight(variants, How::ParsedOnce)?.outputs()?.iter().map(String::len).sum();
    let body: usize = variants.iter().map(|input| input.body.len()).sum();
    println!(
        "vtl {name} allocations per render: parsed once {parsed_once}, parse and render {parsed_each_time}; only reading \
         the body, where a template does, {reading}; {} bytes of body, {} of output",
        body / VARIANTS,
        output / VARIANTS
    );
    Ok(())
}

fn per_render(variants: &[Input], how: How) -> Result<Allocations> {
    let engine = in_process::fanlight(variants, how)?;
    let mut all = Allocations::default();
    for variant in 0..VARIANTS {
        let (output, allocations) = counted(|| engine.render(variant));
        output?;
        all.count += allocations.count;
        all.bytes += allocations.bytes;
    }
    Ok(Allocations { count: all.count / VARIANTS, bytes: all.bytes / VARIANTS })
}

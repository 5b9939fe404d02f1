//! One input, measured in one way: ours against each of the others.

use super::{
    How,
    in_process::{self, Engine},
    inputs::Input,
    program::Program,
    velocity::Velocity,
    velocityjs::VelocityJs,
};
use crate::{Plan, Result, compare::median};
use std::{path::Path, time::Duration};

/// CPU time before the first round of the JVM, for its full compiler.
const WARM_UP: Duration = Duration::from_secs(10);

/// CPU time before the first round of the others.
const SHORT_WARM_UP: Duration = Duration::from_secs(1);

/// Rounds of what is there for orientation.
const ORIENTATION_ROUNDS: usize = 2;

/// The engines that have to be made ready, or why one is not there.
#[derive(Debug)]
pub(crate) struct Others {
    pub(crate) velocity: Result<Velocity>,
    pub(crate) velocityjs: Result<VelocityJs>,
}

/// One input, measured in one way.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) plan: Plan,
    pub(crate) how: How,
    /// The same input with different marks.
    pub(crate) variants: &'a [Input],
    /// The variants for programs.
    pub(crate) file: &'a Path,
}

/// An engine that ours is compared with.
#[derive(Debug)]
enum Reference {
    Program(Box<Program>),
    Engine(Engine),
}

/// Renders per second of CPU time in each round.
#[derive(Debug, Default)]
struct Comparison {
    ours: Vec<f64>,
    reference: Vec<f64>,
}

impl Row<'_> {
    /// Measures and prints.
    pub(crate) async fn measure(&self, others: &Others) -> Result<()> {
        let ours = in_process::fanlight(self.variants, self.how)?;
        self.against_velocity(&ours, &others.velocity).await?;
        let velocityjs = match &others.velocityjs {
            Ok(velocityjs) => velocityjs.start(self.file, self.how).map(Reference::program),
            Err(reason) => Err(reason.to_string().into()),
        };
        self.orientation(&ours, "velocityjs", velocityjs).await?;
        let minijinja = in_process::minijinja(self.variants, self.how).map(Reference::Engine);
        self.orientation(&ours, "minijinja", minijinja).await
    }

    #[expect(clippy::print_stdout, reason = "the measurements are the output")]
    async fn against_velocity(&self, ours: &Engine, velocity: &Result<Velocity>) -> Result<()> {
        let (name, velocity) = match velocity {
            Ok(velocity) => (self.name(), velocity),
            Err(reason) => {
                println!("{} skipped: {reason}", self.name());
                return Ok(());
            }
        };
        let mut velocity = Reference::program(velocity.start(self.file, self.how)?);
        let (expected, got) = (velocity.outputs().await?, ours.outputs()?);
        if let Some((expected, got)) = expected.iter().zip(&got).find(|(expected, got)| expected != got) {
            return Err(format!("{name}: the sides render differently: {expected:?} and {got:?}").into());
        }
        velocity.round(WARM_UP).await?;
        let comparison = alternate(self.plan, ours, &mut velocity).await?;
        let verdict = match self.how.min(self.input()) {
            Some(min) => format!("ratio={:.2} min={min:.2}", comparison.ratio()),
            None => format!("compared={:.2}", comparison.ratio()),
        };
        println!("{name} {} {verdict}", comparison.columns());
        Ok(())
    }

    #[expect(clippy::print_stdout, reason = "the measurements are the output")]
    async fn orientation(&self, ours: &Engine, other: &str, reference: Result<Reference>) -> Result<()> {
        let name = format!("{} {other}", self.name());
        let mut reference = match reference {
            Ok(reference) => reference,
            Err(reason) => {
                println!("{name} skipped: {reason}");
                return Ok(());
            }
        };
        // The others keep line breaks that Velocity eats, and minijinja encodes a space in its own way.
        let essence = |text: &String| text.replace("%20", "+").split_whitespace().collect::<String>();
        let alike = ours.outputs()?.iter().map(essence).eq(reference.outputs().await?.iter().map(essence));
        reference.round(SHORT_WARM_UP).await?;
        let plan = Plan { rounds: self.plan.rounds.min(ORIENTATION_ROUNDS), ..self.plan };
        let comparison = alternate(plan, ours, &mut reference).await?;
        let outputs = if alike { "alike" } else { "different" };
        println!("{name} {} outputs={outputs} compared={:.2}", comparison.columns(), comparison.ratio());
        Ok(())
    }

    fn input(&self) -> &str {
        self.variants.first().map_or("", |input| input.name.as_str())
    }

    fn name(&self) -> String {
        format!("vtl {} {}", self.input(), self.how.name())
    }
}

impl Reference {
    fn program(program: Program) -> Self {
        Self::Program(Box::new(program))
    }

    async fn outputs(&mut self) -> Result<Vec<String>> {
        match self {
            Self::Program(program) => program.outputs().await,
            Self::Engine(engine) => engine.outputs(),
        }
    }

    async fn round(&mut self, duration: Duration) -> Result<f64> {
        match self {
            Self::Program(program) => program.round(duration).await,
            Self::Engine(engine) => engine.round(duration).await,
        }
    }
}

/// Measures both sides in alternation, ours first, and prints each round.
#[expect(clippy::print_stdout, reason = "the measurements are the output")]
async fn alternate(plan: Plan, ours: &Engine, reference: &mut Reference) -> Result<Comparison> {
    ours.round((plan.round / 3).min(SHORT_WARM_UP)).await?;
    let mut comparison = Comparison::default();
    for number in 1..=plan.rounds {
        let (one, other) = (ours.round(plan.round).await?, reference.round(plan.round).await?);
        println!("  {number}: ours {one:.0}, reference {other:.0}");
        comparison.ours.push(one);
        comparison.reference.push(other);
    }
    Ok(comparison)
}

impl Comparison {
    /// Best round to best round, as in the other benchmarks.
    fn ratio(&self) -> f64 {
        best(&self.ours) / best(&self.reference)
    }

    fn columns(&self) -> String {
        let paired = median(self.ours.iter().zip(&self.reference).map(|(ours, reference)| ours / reference).collect());
        format!(
            "ours={:.0}/cpu_s reference={:.0}/cpu_s median_ratio={paired:.2}",
            best(&self.ours),
            best(&self.reference)
        )
    }
}

fn best(rounds: &[f64]) -> f64 {
    rounds.iter().copied().fold(0.0, f64::max)
}

//! From a file to resources, whatever kind of definition it is.

use crate::{
    Diagnostic, Place, Resources, Sources, cdk, cloudformation,
    diagnostic::Findings,
    document,
    document::{Entry, Map, Node},
    intrinsics::Made,
    openapi,
    resources::Revision,
    serverless,
};
use indexmap::IndexMap;
use std::{
    collections::HashSet,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a reader must know besides the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The pretended region.
    pub region: String,
    /// The pretended account.
    pub account_id: String,
    /// `AWS::StackName`; the name of the definition's folder when it is not given.
    pub stack_name: Option<String>,
    /// The name of every stage in place of the one that the definition gives; an OpenAPI file gives none, which makes
    /// it `Prod`.
    pub stage: Option<String>,
    /// Values for template parameters, and for `${param:..}` of a `serverless.yml`.
    pub parameter_overrides: IndexMap<String, String>,
    /// Values for `${opt:..}` of a `serverless.yml`; `region` among them is the region that somebody asked for.
    pub opt: IndexMap<String, String>,
    /// Values for `${env:..}` of a `serverless.yml`.
    pub environment: Environment,
    /// The how-manieth reading of this owner this is.
    pub revision: Revision,
}

/// Variables of the process's environment. The values are secrets: they are never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(pub IndexMap<String, String>);

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            stack_name: None,
            stage: None,
            parameter_overrides: IndexMap::new(),
            opt: IndexMap::new(),
            environment: Environment::default(),
            revision: Revision(0),
        }
    }
}

/// What a reader found.
#[derive(Debug, Clone)]
pub struct Read {
    /// The resources; `None` when any of the diagnostics is an error.
    pub resources: Option<Resources>,
    /// Everything there is to say, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were read, to show their lines and to watch them.
    pub sources: Sources,
}

/// One reading: what every part of it needs and adds to.
pub(crate) struct Reading<'a> {
    pub(crate) options: &'a ReadOptions,
    pub(crate) findings: Findings,
    pub(crate) sources: Sources,
    /// Files that are being included at this moment, against circles.
    pub(crate) including: Vec<Arc<PathBuf>>,
    /// What intrinsics have made so far, against bombs.
    pub(crate) made: Made,
    /// Parameters that something else reads than the template at hand.
    pub(crate) parameters_elsewhere: HashSet<String>,
    /// What the stacks of one definition give to each other.
    pub(crate) exports: Exports,
}

/// Values that stacks export.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    /// The names that are imported.
    pub(crate) wanted: HashSet<String>,
    pub(crate) values: IndexMap<String, String>,
}

/// What a file turns out to be.
enum Kind {
    Template,
    OpenApi,
    Serverless,
    CdkOutput,
    /// Recognised, and not read yet.
    Later {
        name: &'static str,
        key: &'static str,
    },
    Unknown,
}

/// Reads the definition in a file. Its kind is told from its content: a SAM template, an OpenAPI 3.0 or a
/// Swagger 2.0 document, a `serverless.yml`, the manifest of a `cdk.out`.
#[must_use]
pub fn read(path: &Path, options: &ReadOptions) -> Read {
    let file = Arc::new(path.to_path_buf());
    let mut reading = Reading {
        options,
        findings: Findings::default(),
        sources: Sources::default(),
        including: vec![Arc::clone(&file)],
        made: Made::default(),
        parameters_elsewhere: HashSet::new(),
        exports: Exports::default(),
    };
    let resources = read_file(&mut reading, &file);
    let sound = reading.findings.errors() == 0;
    Read { resources: resources.filter(|_| sound), diagnostics: reading.findings.finish(), sources: reading.sources }
}

fn read_file(reading: &mut Reading<'_>, file: &Arc<PathBuf>) -> Option<Resources> {
    let text = reading.sources.load(&mut reading.findings, file, &Place::whole(file))?;
    let root = document::parse(&mut reading.findings, file, &text)?;
    let Some(map) = root.as_map() else {
        reading.findings.push(unknown(&root));
        return None;
    };
    match kind(map) {
        Kind::Template => cloudformation::read(reading, file, &root),
        Kind::OpenApi => openapi::read(reading, file, &root),
        Kind::Serverless => serverless::read(reading, file, root),
        Kind::CdkOutput => cdk::read(reading, file, &root),
        Kind::Later { name, key } => {
            let message = format!("this is {name}, which is not read yet");
            let place = map.entries.get(key).map_or_else(|| root.place(), Entry::key_place);
            reading.findings.push(Diagnostic::error(&place, message).help(EXPECTED));
            None
        }
        Kind::Unknown => {
            reading.findings.push(unknown(&root));
            None
        }
    }
}

const EXPECTED: &str = "expected a SAM template (`Transform: AWS::Serverless-2016-10-31`) or an OpenAPI 3.0 document \
     (`openapi: 3.0.1`)";

fn unknown(root: &Node) -> Diagnostic {
    Diagnostic::error(&root.place(), "this is no definition of an API").help(EXPECTED)
}

fn kind(map: &Map) -> Kind {
    let has = |key: &str| map.get(key).is_some();
    if has("Resources") || has("Transform") || has("AWSTemplateFormatVersion") {
        Kind::Template
    } else if has("openapi") || has("swagger") {
        Kind::OpenApi
    } else if has("service") && ["provider", "functions", "resources"].into_iter().any(has) {
        Kind::Serverless
    } else if has("artifacts") && has("version") {
        Kind::CdkOutput
    } else if has("asyncapi") {
        Kind::Later { name: "an AsyncAPI document", key: "asyncapi" }
    } else {
        Kind::Unknown
    }
}

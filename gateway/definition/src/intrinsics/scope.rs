//! What intrinsics may refer to.

use crate::{
    Diagnostic, Place,
    document::{Map, Node},
    read::Reading,
};
use indexmap::IndexMap;
use std::path::PathBuf;

/// Everything with a name in one definition.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) stack_name: String,
    /// Whether names may belong to a template that is not there, as in an OpenAPI file by itself.
    pub(crate) names: Names,
    /// Whether the template asks for the language extensions.
    pub(crate) extensions: bool,
    /// The folder that included files are looked for in.
    pub(crate) folder: PathBuf,
    pub(crate) parameters: IndexMap<String, Parameter>,
    pub(crate) mappings: Map,
    pub(crate) conditions: Map,
    /// What the CDK would upload: keys of objects in S3, to paths below the folder.
    pub(crate) assets: IndexMap<String, String>,
    /// What stands before the logical id in the name of a function that is given none.
    pub(crate) function_prefix: String,
    /// Resources by logical id.
    pub(crate) targets: IndexMap<String, Target>,
}

/// What an unknown name means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Names {
    /// A mistake.
    #[default]
    Complete,
    /// Something of a template that is not there.
    Partial,
}

/// A template parameter.
#[derive(Debug, Clone)]
pub(crate) enum Parameter {
    /// It has a value.
    Text(String),
    /// It has a list of values.
    List(Vec<String>),
    /// A parameter of Systems Manager, which only AWS could look up: its name stands for it, which is said once somebody
    /// asks.
    Stored { value: Box<Self>, place: Place, help: String },
    /// Nobody gave a value: an error where it is declared, once somebody asks.
    Missing { place: Place, help: String },
    /// Its fault has been reported.
    Broken,
}

/// A resource, as far as others may refer to it.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Function {
        name: String,
        alias: Option<String>,
    },
    Api {
        id: String,
        stage: Option<String>,
    },
    Layer {
        arn: String,
    },
    /// Any other resource that is read.
    Known {
        kind: String,
        /// What `Ref` gives.
        reference: String,
        /// What `Fn::GetAtt` gives.
        attributes: Vec<(&'static str, String)>,
    },
    /// A resource that nothing here serves.
    Unserved {
        kind: String,
    },
    /// Its condition does not hold.
    Absent {
        condition: String,
    },
}

impl Scope {
    /// Says that something belongs to the language extensions, if the template does not ask for them.
    pub(crate) fn check_extensions(&self, reading: &mut Reading<'_>, node: &Node, name: &str) {
        if !self.extensions && self.names == Names::Complete {
            let message = format!("`{name}` needs the language extensions, which the template does not ask for");
            let help = "add `AWS::LanguageExtensions` to `Transform`, before the others";
            reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
        }
    }

    /// All names that `Ref` knows, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.keys().chain(self.targets.keys()).map(String::as_str)
    }

    /// The node of a condition.
    pub(crate) fn condition(&self, name: &str) -> Option<&Node> {
        self.conditions.get(name)
    }
}

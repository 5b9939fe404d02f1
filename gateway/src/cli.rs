//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::IpAddr, path::PathBuf};

/// A serverless function host with the API gateway built in.
#[derive(Debug, Parser)]
#[command(name = "fanlight", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Host what a definition asks for, and reload it when a file changes
    #[command(aliases = ["start", "start-api", "offline", "dev"])]
    Serve(Serve),
    /// Read and compile a definition, print every diagnostic and the routes it would serve
    #[command(alias = "validate")]
    Check(Check),
    /// Follow the exchanges of a running host, step by step
    Trace(Trace),
    /// Let a running host forget what Lambda authorizers answered and what the caches of its stages hold
    Flush(Flush),
    /// Send one request through the lifecycle, without a listener, and print what each step saw and did
    Request(Request),
    /// Render a mapping template as API Gateway does, or say where and why it fails
    Render(Render),
    /// Show what the services behind service proxies received, a line of JSON for each call
    Journal(Journal),
    /// Show what was used of the usage plans of a running host, by key and day
    Usage(Usage),
}

/// Which definition, and how it is read.
#[derive(Debug, Clone, Args)]
pub(crate) struct Source {
    /// The definition: a template, a `serverless.yml`, a `cdk.out`, an OpenAPI file, or the folder of one
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// The same, for those who are used to it
    #[arg(short = 't', long = "template", alias = "template-file", value_name = "FILE", conflicts_with = "path")]
    pub(crate) template: Option<PathBuf>,
    /// The name of the stage, in place of the definition's
    #[arg(long)]
    pub(crate) stage: Option<String>,
    /// The pretended region
    #[arg(long, env = "AWS_REGION")]
    pub(crate) region: Option<String>,
    /// Values for parameters of a template or a `serverless.yml`, as `Key=Value` or `ParameterKey=Key,ParameterValue=Value`
    #[arg(long, num_args = 1.., value_name = "KEY=VALUE")]
    pub(crate) parameter_overrides: Vec<String>,
    /// Where the host keeps its state
    #[arg(long, default_value = ".fanlight", value_name = "DIR")]
    pub(crate) data: PathBuf,
}

/// `fanlight journal`
#[derive(Debug, Clone, Args)]
pub(crate) struct Journal {
    /// Only this service, such as `sqs`
    pub(crate) service: Option<String>,
    /// Wait for more
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Where the host keeps its state
    #[arg(long, default_value = ".fanlight", value_name = "DIR")]
    pub(crate) data: PathBuf,
}

/// `fanlight serve`
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) source: Source,
    /// The address to listen on [default: 127.0.0.1]
    #[arg(long)]
    pub(crate) host: Option<IpAddr>,
    /// The port to listen on, 0 for any free one [default: 3000]
    #[arg(short, long)]
    pub(crate) port: Option<u16>,
    /// Install what the functions need first: npm ci, pip install, cargo build
    #[arg(long)]
    pub(crate) install: bool,
    /// Print every step of each exchange
    #[arg(long)]
    pub(crate) trace: bool,
    /// Print no line per request and none that functions log
    #[arg(short, long, conflicts_with = "trace")]
    pub(crate) quiet: bool,
    /// The file that access logs are appended to, `-` for standard error [default: access.log in the data directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) access_log: Option<PathBuf>,
    /// Serve the APIs of SQS and its kin for SDKs on this port of 127.0.0.1, by convention 4566; signatures are not verified
    #[arg(long, value_name = "PORT")]
    pub(crate) control_port: Option<u16>,
    /// Do not reload when a file changes
    #[arg(long)]
    pub(crate) no_watch: bool,
}

/// `fanlight check`
#[derive(Debug, Clone, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) source: Source,
}

/// `fanlight trace`
#[derive(Debug, Clone, Args)]
pub(crate) struct Trace {
    /// The data directory of the host
    #[arg(long, default_value = ".fanlight", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// One JSON document per exchange
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the exchanges the host remembers, and end
    #[arg(long)]
    pub(crate) recent: bool,
}

/// `fanlight flush`
#[derive(Debug, Clone, Args)]
pub(crate) struct Flush {
    /// The data directory of the host
    #[arg(long, default_value = ".fanlight", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Only the answers of this API, by its id or logical id
    #[arg(long, requires = "stage")]
    pub(crate) api: Option<String>,
    /// Only the answers of this stage
    #[arg(long, requires = "api")]
    pub(crate) stage: Option<String>,
}

/// `fanlight usage`
#[derive(Debug, Clone, Args)]
pub(crate) struct Usage {
    /// The name or id of a usage plan [default: all of them]
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<String>,
    /// The data directory of the host
    #[arg(long, default_value = ".fanlight", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `fanlight request`
#[derive(Debug, Clone, Args)]
pub(crate) struct Request {
    /// The verb
    #[arg(value_name = "METHOD")]
    pub(crate) method: String,
    /// The path, with its query, as a client would send it
    #[arg(value_name = "PATH")]
    pub(crate) target: String,
    /// The definition: a template, a `serverless.yml`, a `cdk.out`, an OpenAPI file, or the folder of one
    #[arg(short, long, alias = "template-file", default_value = ".", value_name = "PATH")]
    pub(crate) template: PathBuf,
    /// The name of the stage, in place of the definition's
    #[arg(long)]
    pub(crate) stage: Option<String>,
    /// Values for parameters of a template or a `serverless.yml`, as `Key=Value` or `ParameterKey=Key,ParameterValue=Value`
    #[arg(long, num_args = 1.., value_name = "KEY=VALUE")]
    pub(crate) parameter_overrides: Vec<String>,
    /// Where the host keeps its state
    #[arg(long, default_value = ".fanlight", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The body: text, or `@FILE`
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) body: Option<String>,
    /// A header
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// Steps, or the execution log as `TestInvokeMethod` gives it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RequestFormat,
}

/// What `fanlight request` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RequestFormat {
    /// Each step with its input and output
    #[default]
    Steps,
    /// The execution log in AWS's words
    Log,
}

/// `fanlight render`
#[derive(Debug, Clone, Args)]
pub(crate) struct Render {
    /// The template's file; `-` reads standard input
    #[arg(value_name = "TEMPLATE", required_unless_present = "text")]
    pub(crate) template: Option<PathBuf>,
    /// The template itself
    #[arg(long, conflicts_with = "template", value_name = "TEMPLATE")]
    pub(crate) text: Option<String>,
    /// The body: text, or `@FILE`
    #[arg(short, long, value_name = "TEXT|@FILE")]
    pub(crate) body: Option<String>,
    /// A path parameter
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) path: Vec<String>,
    /// A query string parameter
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) query: Vec<String>,
    /// A header
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) header: Vec<String>,
    /// A stage variable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) stage_variable: Vec<String>,
    /// A member of $context, such as `identity.sourceIp=10.0.0.1`
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) context: Vec<String>,
    /// All of it in one JSON file: `body`, `params` with `path`, `querystring` and `header`, `context`, `stageVariables`
    #[arg(short, long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Print each reference with its value to standard error
    #[arg(long)]
    pub(crate) explain: bool,
}

//! The environment variables of a guest: those of the definition, Lambda's own, and the headers of the invocation.
//!
//! A command has no Runtime API to ask, so what that API says in headers stands in variables, named as CGI names headers:
//! `Lambda-Runtime-Aws-Request-Id` is `LAMBDA_RUNTIME_AWS_REQUEST_ID`. Nothing of the host's own environment is passed on.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use fanlight_runtime::{FunctionConfig, Invocation};
use wasmtime_wasi::WasiCtxBuilder;

/// The variables that are the same for every invocation. Lambda's own win over the definition's.
pub(crate) fn of_function(config: &FunctionConfig, handler: &str) -> Vec<(String, String)> {
    let own = [
        ("_HANDLER", handler.to_owned()),
        ("AWS_DEFAULT_REGION", config.region.clone()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", config.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", config.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_REGION", config.region.clone()),
        ("LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN", config.arn.clone()),
        ("TZ", ":UTC".to_owned()),
    ];
    let defined = config.environment.iter().filter(|(name, _)| own.iter().all(|(reserved, _)| reserved != name));
    let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    defined.cloned().chain(own).collect()
}

/// Adds the variables that belong to one invocation.
pub(crate) fn add_invocation(wasi: &mut WasiCtxBuilder, invocation: &Invocation) {
    wasi.env("LAMBDA_RUNTIME_AWS_REQUEST_ID", &invocation.request_id);
    if let Some(trace_id) = &invocation.trace_id {
        wasi.env("_X_AMZN_TRACE_ID", trace_id);
    }
    if let Some(client_context) = &invocation.client_context {
        wasi.env("LAMBDA_RUNTIME_CLIENT_CONTEXT", client_context);
    }
}

//! Which file of a folder is its definition.

use crate::{
    Diagnostic, Place,
    diagnostic::Findings,
    document,
    document::{Map, Node},
    source::Sources,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];
const SERVERLESS: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];
const OPENAPI: [&str; 6] =
    ["openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json"];
/// Definitions that are code, which is not run, and what makes a file of them.
const CODE: [(&str, &str, &str); 6] = [
    ("serverless.ts", "a Serverless Framework service as code", "run `serverless print > serverless.yml`"),
    ("serverless.js", "a Serverless Framework service as code", "run `serverless print > serverless.yml`"),
    ("serverless.cjs", "a Serverless Framework service as code", "run `serverless print > serverless.yml`"),
    ("serverless-compose.yml", "several Serverless Framework services", "name the folder of one of them"),
    ("cdk.out", "the output of a CDK app without its `manifest.json`", "run `cdk synth`"),
    ("cdk.json", "a CDK app whose output is not there", "run `cdk synth`, which writes `cdk.out`"),
];

/// The definition of a folder: its SAM template, the template that its `samconfig.toml` names, its `serverless.yml`, the
/// manifest of its `cdk.out`, or its OpenAPI file. A path to a file is that file.
///
/// # Errors
///
/// One diagnostic that names what was looked for, or what is there and not read.
pub fn find(path: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    let whole = |path: &Path| Place::whole(&Arc::new(path.to_path_buf()));
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => return Ok(path.to_path_buf()),
        Ok(_) => {}
        Err(error) => {
            let reason = crate::source::reason(&error);
            let message = format!("cannot read `{}`: {reason}", path.display());
            return Err(Box::new(Diagnostic::error(&whole(path), message)));
        }
    }
    let first = |names: &[&str]| names.iter().map(|name| path.join(name)).find(|file| file.is_file());
    if let Some(file) = first(&TEMPLATES) {
        return Ok(file);
    }
    if let Some(file) = samconfig_template(path)? {
        return Ok(file);
    }
    if let Some(file) = first(&SERVERLESS).or_else(|| cdk_manifest(path)).or_else(|| first(&OPENAPI)) {
        return Ok(file);
    }
    if let Some((name, what, help)) = CODE.iter().find(|(name, _, _)| path.join(name).exists()) {
        let file = path.join(name);
        let message = format!("`{}` is {what}", file.display());
        return Err(Box::new(Diagnostic::error(&whole(&file), message).help(*help)));
    }
    let message = format!("`{}` holds no definition", path.display());
    let help = format!(
        "looked for {}, samconfig.toml, {}, cdk.out, {}",
        TEMPLATES.join(", "),
        SERVERLESS.join(", "),
        OPENAPI.join(", ")
    );
    Err(Box::new(Diagnostic::error(&whole(path), message).help(help)))
}

/// The manifest of a CDK app's output: in the folder that `cdk.json` names, in `cdk.out`, or in the folder itself when it
/// is such an output.
fn cdk_manifest(folder: &Path) -> Option<PathBuf> {
    let own = cdk_output(&folder.join("cdk.json"));
    // Every output has a file of this name beside its manifest.
    let is_output = folder.join("cdk.out").is_file();
    let outputs = own.map(|own| folder.join(own)).into_iter().chain([folder.join("cdk.out")]);
    let outputs = outputs.chain(is_output.then(|| folder.to_path_buf()));
    outputs.map(|output| output.join("manifest.json")).find(|file| file.is_file())
}

/// `output` of a `cdk.json`; what is wrong with the file concerns the CDK alone.
fn cdk_output(file: &Path) -> Option<String> {
    let file = Arc::new(file.to_path_buf());
    let mut findings = Findings::default();
    let text = Sources::default().load(&mut findings, &file, &Place::whole(&file))?;
    let root = document::parse(&mut findings, &file, &text)?;
    root.as_map().and_then(|map: &Map| map.get("output")).and_then(Node::as_text).map(ToOwned::to_owned)
}

/// The template that `samconfig.toml` names for `sam build` or `sam local`, if any.
fn samconfig_template(folder: &Path) -> Result<Option<PathBuf>, Box<Diagnostic>> {
    let file = folder.join("samconfig.toml");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(None) };
    let config: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let place = Place { line: number(line), column: number(column), ..Place::whole(&Arc::new(file.clone())) };
        let reason = error.message().lines().next().unwrap_or_default().to_owned();
        Box::new(Diagnostic::error(&place, format!("the file is not valid TOML: {reason}")))
    })?;
    let named = ["local_start_api", "global", "build", "deploy"].iter().find_map(|command| {
        let parameters = config.get("default")?.get(command)?.get("parameters")?;
        ["template_file", "template"].iter().find_map(|key| parameters.get(key)?.as_str())
    });
    Ok(named.map(|name| folder.join(name)))
}

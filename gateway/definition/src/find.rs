//! Which file of a folder is its definition.

use crate::{Diagnostic, Place};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];
const OPENAPI: [&str; 6] =
    ["openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json"];
/// What is recognised and not read yet.
const LATER: [(&str, &str); 5] = [
    ("serverless.yml", "a Serverless Framework service"),
    ("serverless.yaml", "a Serverless Framework service"),
    ("serverless.json", "a Serverless Framework service"),
    ("cdk.out", "the output of a CDK app"),
    ("cdk.json", "a CDK app"),
];

/// The definition of a folder: its SAM template, the template that its `samconfig.toml` names, or its OpenAPI file.
/// A path to a file is that file.
///
/// # Errors
///
/// One diagnostic that names what was looked for, or what is there and not read yet.
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
    if let Some(file) = first(&OPENAPI) {
        return Ok(file);
    }
    if let Some((name, what)) = LATER.iter().find(|(name, _)| path.join(name).exists()) {
        let file = path.join(name);
        let message = format!("`{}` is {what}, which is not read yet", file.display());
        return Err(Box::new(
            Diagnostic::error(&whole(&file), message).help("write a SAM template or an OpenAPI 3.0 file"),
        ));
    }
    let message = format!("`{}` holds no definition", path.display());
    let help = format!("looked for {}, samconfig.toml, {}", TEMPLATES.join(", "), OPENAPI.join(", "));
    Err(Box::new(Diagnostic::error(&whole(path), message).help(help)))
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

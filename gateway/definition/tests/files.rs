//! What is on disk and what is not: folders, unreadable files, dependencies.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test ends where it cannot go on")]

use fanlight_definition::{ReadOptions, Severity, find, missing_dependencies, read, render, render_line};
use std::{fs, path::Path};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn found(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let text = match find(folder.path()) {
        Ok(path) => path.display().to_string(),
        Err(diagnostic) => {
            let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
            render_line(&diagnostic) + &help
        }
    };
    text.replace(&folder.path().display().to_string(), "DIR")
}

#[test]
fn a_template_comes_before_samconfig_and_openapi() {
    let all = [("openapi.yaml", ""), ("template.yml", ""), ("samconfig.toml", ""), ("template.json", "")];
    assert_eq!(found(&all), "DIR/template.yml");
    assert_eq!(found(&all[..1]), "DIR/openapi.yaml");
    assert_eq!(found(&[("openapi.json", "")]), "DIR/openapi.json");
}

#[test]
fn samconfig_names_the_template() {
    let config = "version = 0.1\n[default.build.parameters]\ntemplate_file = \"infra/app.yaml\"\n";
    assert_eq!(found(&[("samconfig.toml", config), ("openapi.yaml", "")]), "DIR/infra/app.yaml");
    assert_eq!(found(&[("samconfig.toml", "version = 0.1\n"), ("openapi.yaml", "")]), "DIR/openapi.yaml");
    let broken = found(&[("samconfig.toml", "a = 1\n  [default\n")]);
    assert!(broken.starts_with("error: DIR/samconfig.toml:2:"), "{broken}");
    assert!(broken.contains("the file is not valid TOML: "), "{broken}");
}

#[test]
fn serverless_and_the_cdk_come_before_openapi() {
    let cdk = ("cdk.out/manifest.json", "{}");
    assert_eq!(found(&[("openapi.yaml", ""), cdk, ("serverless.yml", "")]), "DIR/serverless.yml");
    assert_eq!(found(&[("openapi.yaml", ""), cdk, ("cdk.json", "{}")]), "DIR/cdk.out/manifest.json");
    assert_eq!(found(&[("serverless.json", "{}")]), "DIR/serverless.json");
    let elsewhere = [("cdk.json", "{\"output\": \"build/cdk\"}"), ("build/cdk/manifest.json", "{}"), cdk];
    assert_eq!(found(&elsewhere), "DIR/build/cdk/manifest.json");
    assert_eq!(found(&[("cdk.out", "{}"), ("manifest.json", "{}")]), "DIR/manifest.json");
    // A manifest by itself may be that of anything.
    assert!(found(&[("manifest.json", "{}")]).contains("holds no definition"));
}

#[test]
fn definitions_that_are_code_are_named() {
    assert_eq!(
        found(&[("serverless.ts", "")]),
        "error: DIR/serverless.ts: `DIR/serverless.ts` is a Serverless Framework service as code\n\
         help: run `serverless print > serverless.yml`"
    );
    assert_eq!(
        found(&[("cdk.json", "{\"app\": \"node bin/app.js\"}")]),
        "error: DIR/cdk.json: `DIR/cdk.json` is a CDK app whose output is not there\n\
         help: run `cdk synth`, which writes `cdk.out`"
    );
    assert!(found(&[("cdk.out/App.template.json", "{}")]).contains("without its `manifest.json`"));
    assert_eq!(found(&[("swagger.json", "{}"), ("cdk.json", "{}")]), "DIR/swagger.json");
}

#[test]
fn a_folder_without_a_definition_says_what_was_looked_for() {
    assert_eq!(
        found(&[("index.js", "")]),
        "error: DIR: `DIR` holds no definition\n\
         help: looked for template.yaml, template.yml, template.json, samconfig.toml, serverless.yml, serverless.yaml, \
         serverless.json, cdk.out, openapi.yaml, openapi.yml, openapi.json, swagger.yaml, swagger.yml, swagger.json"
    );
    let missing = find(Path::new("/no/such/folder")).expect_err("nothing is there");
    assert_eq!(render_line(&missing), "error: /no/such/folder: cannot read `/no/such/folder`: there is no such file");
    let folder = folder(&[("any.yaml", "")]);
    let file = folder.path().join("any.yaml");
    assert_eq!(find(&file).expect("a file is itself"), file);
}

#[test]
fn an_unreadable_file_is_one_diagnostic() {
    let folder = folder(&[("large.yaml", &"# large\n".repeat(800_000))]);
    for (name, message) in [
        ("none.yaml", "there is no such file"),
        ("", "it is a folder"),
        ("large.yaml", "is larger than 6 MB, the most that AWS imports"),
    ] {
        let file = folder.path().join(name);
        let found = read(&file, &ReadOptions::default());
        assert!(found.resources.is_none());
        assert_eq!(found.diagnostics.len(), 1, "{name}");
        assert!(found.diagnostics[0].message.contains(message), "{:?}", found.diagnostics);
        assert_eq!(found.sources.files().count(), 1, "it is watched all the same");
        assert!(render(&found.diagnostics, &found.sources, false).starts_with("error: "));
    }
}

#[test]
fn colors_are_asked_for() {
    let folder = folder(&[("a.yaml", "name: pets\n")]);
    let found = read(&folder.path().join("a.yaml"), &ReadOptions::default());
    assert!(render(&found.diagnostics, &found.sources, true).contains('\u{1b}'));
    assert!(!render(&found.diagnostics, &found.sources, false).contains('\u{1b}'));
}

#[test]
fn what_users_wrote_does_not_steer_the_terminal() {
    for text in ["name: \u{1b}[31mred\n", "openapi: 3.0.1\n\"\\e[31mkey\": 1\npaths: {}\n", "\u{9b}31m: 1\n"] {
        let folder = folder(&[("a.yaml", text)]);
        let found = read(&folder.path().join("a.yaml"), &ReadOptions::default());
        let rendered = render(&found.diagnostics, &found.sources, false);
        assert!(!rendered.contains(['\u{1b}', '\u{9b}']), "{rendered:?}");
    }
}

#[test]
fn ids_do_not_depend_on_the_folder() {
    let text = "openapi: 3.0.1\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: mock}}}}\n";
    let ids: Vec<String> = (0..2)
        .map(|_| {
            let folder = folder(&[("openapi.yaml", text)]);
            let found = read(&folder.path().join("openapi.yaml"), &ReadOptions::default());
            found.resources.expect("resources").rest_apis[0].id.clone()
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn ten_thousand_routes_have_ids_of_their_own() {
    let mut text = String::from("openapi: 3.0.1\npaths:\n");
    for route in 0..10_000 {
        text.push_str(&format!("  /r{route}/{{id}}: {{get: {{x-amazon-apigateway-integration: {{type: mock}}}}}}\n"));
    }
    let folder = folder(&[("openapi.yaml", &text)]);
    let found = read(&folder.path().join("openapi.yaml"), &ReadOptions::default());
    let resources = found.resources.expect("resources");
    let mut ids: Vec<&str> = resources.rest_apis[0].resources.iter().map(|resource| resource.id.as_str()).collect();
    assert_eq!(ids.len(), 10_000);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10_000);
}

#[test]
fn a_flood_of_findings_is_cut_off_and_counted() {
    let mut text = String::from("openapi: 3.0.1\npaths: {}\n");
    for key in 0..2_000 {
        text.push_str(&format!("key{key}: 1\n"));
    }
    let folder = folder(&[("openapi.yaml", &text)]);
    let found = read(&folder.path().join("openapi.yaml"), &ReadOptions::default());
    assert_eq!(found.diagnostics.len(), 501);
    assert_eq!(found.diagnostics[500].message, "1501 more findings are not shown");
    assert_eq!(found.diagnostics[500].severity, Severity::Error);
}

#[test]
fn what_is_larger_than_aws_takes_is_refused() {
    let long = |length: usize| "a".repeat(length);
    let mock =
        |more: &str| format!("paths: {{/a: {{get: {{x-amazon-apigateway-integration: {{type: mock{more}}}}}}}}}");
    let pool = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/a";
    let pools = |count: usize| {
        let list = vec![pool; count].join(", ");
        let authorizer =
            format!("x-amazon-apigateway-authorizer: {{type: cognito_user_pools, providerARNs: [{list}]}}");
        format!(
            "components: {{securitySchemes: {{a: {{type: apiKey, name: A, in: header, {authorizer}}}}}}}\n{}",
            mock("")
        )
    };
    let template = |length| mock(&format!(", requestTemplates: {{a/b: {}}}", long(length)));
    let policy = |length| format!("x-amazon-apigateway-policy: {{a: {}}}\n{}", long(length), mock(""));
    let model = |length| format!("components: {{schemas: {{A: {{title: {}}}}}}}\n{}", long(length), mock(""));
    for (fits, too_large, message) in [
        (template(307_200), template(307_201), "the template has 307201 bytes; AWS takes 307200"),
        (policy(8184), policy(8185), "the resource policy has 8193 bytes; AWS takes 8192"),
        (model(409_588), model(409_589), "the model has 409601 bytes; AWS takes 409600"),
        (pools(1000), pools(1001), "1001 user pools; AWS takes 1000"),
    ] {
        let messages = |rest: &str| {
            let folder = folder(&[("openapi.yaml", &format!("openapi: 3.0.1\n{rest}\n"))]);
            let found = read(&folder.path().join("openapi.yaml"), &ReadOptions::default());
            found.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect::<Vec<_>>()
        };
        assert_eq!(messages(&fits), Vec::<String>::new(), "{message}");
        assert_eq!(messages(&too_large), [message]);
    }
}

/// What is missing for a function of one runtime in a folder with these files, and what is advised.
fn missing(runtime: &str, handler: &str, files: &[(&str, &str)]) -> Option<String> {
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    \
         Properties: {{CodeUri: ., Handler: {handler}, Runtime: {runtime}}}\n"
    );
    let folder = folder(&[files, &[("template.yaml", &template)]].concat());
    let found = read(&folder.path().join("template.yaml"), &ReadOptions::default());
    assert!(found.resources.is_some(), "{}", render(&found.diagnostics, &found.sources, false));
    let resources = found.resources.expect("resources");
    let root = folder.path().canonicalize().expect("the folder");
    let diagnostic = missing_dependencies(&resources.functions[0], &root.join("build"))?;
    let text = format!("{}\n{}", diagnostic.message, diagnostic.help.unwrap_or_default());
    Some(text.replace(&root.display().to_string(), "DIR"))
}

#[test]
fn missing_packages_of_node_are_named() {
    let package = r#"{"dependencies": {"express": "5", "serverless-http": "4"}}"#;
    let index = ("index.js", "");
    assert_eq!(
        missing("nodejs20.x", "index.handler", &[index, ("package.json", package), ("package-lock.json", "{}")]),
        Some(
            "`Fn` needs `express` and 1 more from `package.json`, not installed\n\
             run with `--install`, or run `npm ci --prefix DIR`"
                .to_owned()
        )
    );
    let one = [index, ("package.json", package), ("node_modules/express/package.json", "{}")];
    assert_eq!(
        missing("nodejs20.x", "index.handler", &one),
        Some(
            "`Fn` needs `serverless-http` from `package.json`, not installed\n\
             run with `--install`, or run `npm install --prefix DIR`"
                .to_owned()
        )
    );
    let both = [&one[..], &[("node_modules/serverless-http/package.json", "{}")]].concat();
    assert_eq!(missing("nodejs20.x", "index.handler", &both), None);
    assert_eq!(missing("nodejs20.x", "index.handler", &[index]), None);
    assert_eq!(missing("nodejs20.x", "index.handler", &[index, ("package.json", "{}")]), None);
}

#[test]
fn missing_requirements_of_python_are_named() {
    let app = ("app.py", "");
    let requirements = ("requirements.txt", "# for the app\nfastapi\nmangum\n");
    assert_eq!(
        missing("python3.12", "app.handler", &[app, requirements]),
        Some(
            "`Fn` needs the packages of `requirements.txt`, not installed\n\
             run with `--install`, or run `pip install --requirement DIR/requirements.txt --target DIR/build`"
                .to_owned()
        )
    );
    let installed = [app, requirements, ("build/fastapi-0.1.dist-info/METADATA", "")];
    assert_eq!(missing("python3.12", "app.handler", &installed), None);
    let vendored = [app, requirements, ("fastapi-0.1.dist-info/METADATA", "")];
    assert_eq!(missing("python3.12", "app.handler", &vendored), None);
    assert_eq!(missing("python3.12", "app.handler", &[app, ("requirements.txt", "# none\n")]), None);
}

#[test]
fn a_program_that_is_not_built_is_named() {
    let manifest = ("Cargo.toml", "");
    assert_eq!(
        missing("provided.al2023", "bootstrap", &[manifest]),
        Some(
            "`Fn` is not built: there is no `bootstrap`\n\
             run with `--install`, or run `cargo build --release --manifest-path DIR/Cargo.toml`"
                .to_owned()
        )
    );
    assert_eq!(missing("provided.al2023", "bootstrap", &[manifest, ("build/bootstrap", "")]), None);
    assert_eq!(missing("provided.al2023", "bootstrap", &[("bootstrap", "")]), None);
}

#[test]
fn a_template_of_the_cdk_finds_its_assets_by_itself() {
    let template = r#"{"Resources": {"Pets": {"Type": "AWS::Lambda::Function", "Properties": {
        "Code": {"S3Bucket": "any", "S3Key": "1a.zip"}, "Handler": "index.handler", "Runtime": "nodejs20.x"}}}}"#;
    let assets =
        r#"{"files": {"1a": {"source": {"path": "asset.1a"}, "destinations": {"d": {"objectKey": "1a.zip"}}}}}"#;
    let folder = folder(&[
        ("App.template.json", template),
        ("App.assets.json", assets),
        ("asset.1a/index.js", "exports.handler = async () => ({});"),
    ]);
    let found = read(&folder.path().join("App.template.json"), &ReadOptions::default());
    assert_eq!(render(&found.diagnostics, &found.sources, false), "");
    assert_eq!(found.sources.files().count(), 2, "the assets are watched");
}

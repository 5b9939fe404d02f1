//! What a function finds around it: environment variables, folders.

use crate::harness::{Setup, node};
use fanlight_runtime::process::Credentials;
use serde_json::{Value, json};

const SHOW: &str = "exports.handler = async () => ({ ...process.env });";

async fn variables(setup: Setup) -> (Value, tempfile::TempDir) {
    let fixture = setup.node(&[("index.js", SHOW)], "index.handler").await;
    let variables = fixture.ok("{}").await;
    (variables, fixture.folder)
}

#[tokio::test]
async fn exactly_lambdas_variables() {
    let (variables, folder) = variables(Setup::default()).await;
    let names: Vec<_> = {
        let mut names: Vec<_> = variables.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    };
    let expect = [
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LD_LIBRARY_PATH",
        "NODE_PATH",
        "PATH",
        "TMPDIR",
        "TZ",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    ];
    assert_eq!(names, expect);
    for (name, value) in [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs20.x"),
        ("AWS_LAMBDA_FUNCTION_NAME", "subject"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/subject"),
        ("LAMBDA_TASK_ROOT", folder.path().to_str().unwrap()),
        ("_HANDLER", "index.handler"),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    assert!(variables["PATH"].as_str().unwrap().ends_with(":/usr/local/bin:/usr/bin:/bin"));
}

#[tokio::test]
async fn the_definitions_variables_come_over_defaults_and_under_reserved_ones() {
    let mut setup = Setup::default().config(|config| {
        config.environment = [
            ("TABLE", "pets"),
            ("TZ", "Asia/Tokyo"),
            ("AWS_REGION", "moon-1"),
            ("NODE_PATH", "/mine"),
            ("TMPDIR", "/tmp"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    });
    setup.settings.credentials = Some(Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: Some("token".into()),
    });
    let (variables, folder) = variables(setup).await;
    assert_eq!(variables["TABLE"], "pets");
    assert_eq!(variables["TZ"], "Asia/Tokyo");
    assert_eq!(variables["TMPDIR"], "/tmp");
    assert_eq!(variables["AWS_REGION"], "eu-west-1");
    let code = folder.path().display();
    assert_eq!(variables["NODE_PATH"], format!("/mine:{code}/node_modules:{code}"));
    assert_eq!(variables["AWS_ACCESS_KEY_ID"], "AKIDEXAMPLE");
    assert_eq!(variables["AWS_SECRET_ACCESS_KEY"], "secret");
    assert_eq!(variables["AWS_SESSION_TOKEN"], "token");
}

#[tokio::test]
async fn the_working_folder_is_the_code_and_tmp_is_private_and_survives_a_crash() {
    let code = "const fs = require('fs'), os = require('os');
        exports.handler = async (event) => {
            const before = fs.readdirSync(os.tmpdir());
            fs.writeFileSync(os.tmpdir() + '/mark', 'x');
            if (event.exit) process.exit(1);
            return { before, cwd: process.cwd(), mode: (fs.statSync(os.tmpdir() + '/..').mode & 0o777).toString(8) };
        };";
    let fixture = node(code).await;
    fixture.error(r#"{"exit":true}"#).await;
    let folder = fixture.folder.path().to_str().unwrap();
    assert_eq!(fixture.ok("{}").await, json!({"before": ["mark"], "cwd": folder, "mode": "700"}));
    let other = node(code).await;
    assert_eq!(other.ok("{}").await["before"], json!([]));
}

#[tokio::test]
async fn nothing_is_left_on_disk() {
    let place = tempfile::tempdir().unwrap();
    let mut setup = Setup::default();
    setup.settings.folder = Some(place.path().to_path_buf());
    let fixture = setup.node(&[("index.js", SHOW)], "index.handler").await;
    fixture.ok("{}").await;
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    fixture.shutdown().await;
    drop(fixture);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_killed_host_left_is_removed_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let lock = |name: &str| {
        std::fs::create_dir(place.path().join(name)).unwrap();
        std::fs::File::create(place.path().join(name).join("lock")).unwrap()
    };
    drop(lock("fanlight-host-1-stale"));
    let live = lock("fanlight-host-2-live");
    live.lock().unwrap();
    drop(lock("other"));
    std::fs::create_dir(place.path().join("fanlight-host-notes")).unwrap();
    let mut setup = Setup::default();
    setup.settings.folder = Some(place.path().to_path_buf());
    let fixture = setup.node(&[("index.js", SHOW)], "index.handler").await;
    let left = |name: &str| place.path().join(name).exists();
    assert!(
        !left("fanlight-host-1-stale") && left("fanlight-host-2-live") && left("other") && left("fanlight-host-notes")
    );
    assert!(fixture.ok("{}").await.is_object());
}

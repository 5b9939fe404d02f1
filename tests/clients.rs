//! Clients that others have written: requests signed by AWS's SDK, tokens made by a library.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html>

use fanlight_tests::{Outcome, host};
use std::{ffi::OsStr, fs, io, path::Path};

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      Auth:
        Authorizers:
          Pool: { UserPoolArn: 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Pets' }
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: index.handler
      Runtime: nodejs20.x
      Events:
        Signed:
          Type: Api
          Properties: { RestApiId: !Ref Api, Path: '/signed/{proxy+}', Method: ANY, Auth: { Authorizer: AWS_IAM } }
        Me: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /me, Method: GET, Auth: { Authorizer: Pool } } }
";

const HANDLER: &str = "exports.handler = async ({ requestContext: { authorizer, identity } }) =>
  ({ statusCode: 200, body: JSON.stringify({ authorizer, identity }) });
";

const SETTINGS: &str = "[[access_keys]]
id = \"AKIDEXAMPLE\"
secret = \"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\"
user_arn = \"arn:aws:iam::000000000000:user/ann\"

[[access_keys]]
id = \"ASIDEXAMPLE\"
secret = \"a-secret-for-a-while\"
session_token = \"a/session+token==\"
user_arn = \"arn:aws:sts::000000000000:assumed-role/shop/s\"

[[user_pools]]
id = \"us-east-1_Pets\"
jwks = \"jwks.json\"
";

fn told<T>(result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| error.to_string())
}

/// Runs the script.
async fn client(arguments: &[&OsStr]) -> Outcome<()> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = tests.join("../target/clients/bin/python");
    if !python.exists() {
        return Err("the clients are not installed: run tests/prepare.sh".to_owned());
    }
    let mut client = tokio::process::Command::new(python);
    client.arg(tests.join("clients/client.py")).args(arguments).kill_on_drop(true);
    let output = told(client.output().await)?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn what_an_sdk_signs_and_a_library_makes_is_taken() -> Outcome<()> {
    told(tokio::runtime::Builder::new_current_thread().enable_all().build())?.block_on(async {
        let folder = told(tempfile::tempdir())?;
        let path = folder.path();
        for (name, text) in [("template.yaml", TEMPLATE), ("index.js", HANDLER), ("fanlight.toml", SETTINGS)] {
            told(fs::write(path.join(name), text))?;
        }
        client(&[path.as_os_str()]).await?;
        let flags = ["--no-watch".to_owned()];
        let host = host::Host::start(path, &path.join("data"), &flags).await?.map_err(|refused| refused.stderr)?;
        let address = format!("http://{}", host.address);
        let outcome = client(&[path.as_os_str(), address.as_ref()]).await;
        host.stop().await.and(outcome)
    })
}

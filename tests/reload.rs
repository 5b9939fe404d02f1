//! Reloads that no scenario can write down: folders that are replaced, files that are none of the host's business, and
//! requests that come all the while.
//!
//! AWS: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html>

use fanlight_tests::{Outcome, folder, host, message, plan, scenario, wire};
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::sync::watch;

/// A running host, its project and the code of the function behind `GET /`.
struct Running {
    host: host::Host,
    folder: folder::Folder,
    code: PathBuf,
}

impl Running {
    async fn start() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let scenario = scenario::read(&root, &root.join("reload/handler.md"))?;
        let folder = folder::make(&plan::of(&scenario)?, ToOwned::to_owned)?;
        let host = host::Host::start(folder.project(), folder.data(), &[]).await?.map_err(|refused| refused.stderr)?;
        let code = folder.project().join("functions/pets");
        Ok(Self { host, folder, code })
    }

    fn write(&self, body: &str) -> Outcome<()> {
        let text = format!("exports.handler = async () => ({{ body: '{body}' }});\n");
        told(fs::write(self.code.join("index.js"), text))
    }
}

fn told<T>(result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| error.to_string())
}

async fn answer(connection: &mut wire::Connection) -> Outcome<(u16, String)> {
    let (answer, _) = connection.exchange(&message::request("GET /")?, false).await?;
    Ok((answer.status, answer.text()))
}

async fn expect(address: SocketAddr, body: &str) -> Outcome<()> {
    let found = answer(&mut wire::Connection::open(address).await?).await?;
    if found == (200, body.to_owned()) { Ok(()) } else { Err(format!("expected `{body}`, found {found:?}")) }
}

fn block_on(test: impl Future<Output = Outcome<()>>) -> Outcome<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(test)
}

#[test]
fn a_folder_that_is_replaced_is_watched_on() -> Outcome<()> {
    block_on(async {
        let running = Running::start().await?;
        let address = running.host.address;
        expect(address, "one").await?;
        told(fs::remove_dir_all(&running.code))?;
        told(fs::create_dir(&running.code))?;
        running.write("built anew")?;
        expect(address, "built anew").await?;
        running.write("and changed")?;
        expect(address, "and changed").await?;
        let aside = running.folder.project().join("aside");
        told(fs::rename(&running.code, &aside))?;
        expect(address, "and changed").await?;
        told(fs::rename(&aside, &running.code))?;
        running.write("back again")?;
        expect(address, "back again").await?;
        running.host.stop().await
    })
}

#[test]
fn files_that_are_no_code_reload_nothing() -> Outcome<()> {
    block_on(async {
        let mut running = Running::start().await?;
        let address = running.host.address;
        expect(address, "one").await?;
        for (name, text) in [("notes.txt", "a"), ("notes.txt", "b"), ("out", "c"), ("host.log", "d"), ("a.sqlite", "e")]
        {
            told(fs::write(running.code.join(name), text))?;
            told(fs::write(running.folder.project().join(name), text))?;
        }
        expect(address, "one").await?;
        running.write("two")?;
        expect(address, "two").await?;
        // The first reload is that of the handler.
        while !running.host.line().await?.starts_with("reloaded (revision 1): index.js") {}
        running.host.stop().await
    })
}

/// How often the handler is saved while requests come; every third time it is broken.
const SAVES: usize = 30;

#[test]
fn no_request_fails_while_handlers_are_saved() -> Outcome<()> {
    block_on(async {
        let running = Running::start().await?;
        let address = running.host.address;
        let (stop, mut stopped) = watch::channel(false);
        let asking = async {
            let mut connection = wire::Connection::open(address).await?;
            let mut answers = 0;
            while !*stopped.borrow_and_update() {
                let (status, body) = answer(&mut connection).await?;
                if status != 200 {
                    return Err(format!("{status} {body}"));
                }
                answers += 1;
            }
            Ok(answers)
        };
        let saving = async {
            let mut good = "one".to_owned();
            for save in 0..SAVES {
                if save % 3 == 2 {
                    told(fs::write(running.code.join("index.js"), "exports.handler = ("))?;
                } else {
                    good = save.to_string();
                    running.write(&good)?;
                }
                expect(address, &good).await?;
            }
            stop.send_replace(true);
            Ok::<_, String>(())
        };
        let (answers, saved) = tokio::join!(asking, saving);
        saved?;
        if answers? < SAVES {
            return Err("hardly a request was answered meanwhile".to_owned());
        }
        running.host.stop().await
    })
}

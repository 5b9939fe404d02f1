//! `fanlight serve`: hosts a definition until it is told to stop.

use super::{fail, locate, report, routes, tally};
use crate::{
    access_log_file::AccessLogFile,
    answer::Front,
    aws_api, cli, control,
    crew::Crew,
    functions::Retired,
    install, listen,
    observe::Observer,
    print::{Printer, Verbosity},
    reload::{Gate, Reloader},
    settings::Settings,
    site::{Built, Plan, Served, Site, Source, build, judge},
};
use arc_swap::ArcSwap;
use fanlight_definition::Resources;
use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::Instant,
};

/// Runs the command.
pub(crate) fn run(arguments: &cli::Serve) -> ExitCode {
    let started = std::time::Instant::now();
    let (source, settings) = match locate(&arguments.source) {
        Ok(located) => located,
        Err(code) => return code,
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot be started: {error}")),
    };
    runtime.block_on(async {
        match serve(arguments, (source, settings), started.into()).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&message),
        }
    })
}

async fn serve(arguments: &cli::Serve, (source, settings): (Source, Settings), started: Instant) -> Result<(), String> {
    let address = SocketAddr::new(
        arguments.host.unwrap_or_else(|| settings.host()),
        arguments.port.unwrap_or_else(|| settings.port()),
    );
    let printer = Printer::start(verbosity(arguments)).map_err(|error| error.to_string())?;
    let (plan, retired) = Plan::new(source, &printer, arguments.control_port);
    let plan = Arc::new(plan);
    if arguments.install {
        let resources = judge(&plan.source, &settings, 0, None).resources;
        let functions = resources.map(|resources| resources.functions).unwrap_or_default();
        install::prepare((&plan, &settings), &functions, &printer).await?;
    }
    let Built { served, diagnostics, sources } = build(&plan, 0, None, &[]).await;
    report(&diagnostics, &sources);
    let Some(Served { site, resources }) = served else {
        return Err(format!("nothing is served: {}", tally(&diagnostics)));
    };
    drop((diagnostics, sources));
    let site = Arc::new(ArcSwap::from_pointee(site));

    let listener = TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let data = plan.source.data.clone();
    let control =
        control::bind(&data).await.map_err(|error| format!("{}: {error}", control::socket(&data).display()))?;
    let access_log = AccessLogFile::new(access_log(arguments, &settings, &plan), printer.clone());
    let observer = Arc::new(Observer::new(printer.clone(), access_log));
    let (reloader, gate) = watch(arguments, &plan, &site, &printer, &resources)?;
    let host = control::Host { observer: Arc::clone(&observer), site: Arc::downgrade(&site) };
    let crew = Crew::start().map_err(|error| format!("threads cannot be started: {error}"))?;
    let front = Arc::new(Front { site: Arc::clone(&site), gate, observer: Arc::clone(&observer) });

    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        if let Err(error) = control::serve(control, host).await {
            tracing::warn!(%error, "the control socket is closed");
        }
    });
    plan.sinks.feed(&resources, &site);
    sinks(&plan, arguments.control_port, &resources.account_id, &mut tasks).await?;
    let retiring = tokio::spawn(retire(retired));
    if let Some(reloader) = reloader {
        tasks.spawn(reloader.run());
    }
    // Whoever reads that the host is ready may tell it to stop.
    let mut signals = Signals::catch().map_err(|error| format!("signals cannot be caught: {error}"))?;
    announce(&printer, &resources, address, started);
    drop(resources);
    accept((listener, &crew), front, &mut signals, || {
        printer.line("stopping; once more stops at once");
        // Another host may take over the data directory from here on.
        control::unbind(&data);
    })
    .await;
    tasks.shutdown().await;
    plan.sinks.stop().await;
    plan.quotas.give_back().await;
    end(site, plan, retiring).await;
    Ok(())
}

/// Lets services deliver, and answer SDKs if they are to.
async fn sinks(plan: &Plan, port: Option<u16>, account_id: &str, tasks: &mut JoinSet<()>) -> Result<(), String> {
    tasks.spawn(Arc::clone(&plan.sinks).run());
    let Some(port) = port else { return Ok(()) };
    let listener = aws_api::bind(port).await?;
    let api = aws_api::Api { sinks: Arc::clone(&plan.sinks), account_id: account_id.into() };
    tasks.spawn(async move {
        if let Err(error) = aws_api::serve(listener, api).await {
            tracing::warn!(%error, "the services' APIs are closed");
        }
    });
    Ok(())
}

/// Accepts until a signal comes, then lets running exchanges finish; a second signal does not wait for them.
async fn accept(
    (listener, crew): (TcpListener, &Crew),
    front: Arc<Front>,
    signals: &mut Signals,
    stopping: impl FnOnce(),
) {
    let (stop, stopped) = watch::channel(false);
    let accepting = listen::run(listener, crew, front, stopped);
    tokio::pin!(accepting);
    tokio::select! {
        () = accepting.as_mut() => return,
        () = signals.next() => {}
    }
    stopping();
    stop.send_replace(true);
    tokio::select! {
        () = accepting.as_mut() => {}
        () = signals.next() => {}
    }
}

/// Watches the definition from before the first request on.
fn watch(
    arguments: &cli::Serve,
    plan: &Arc<Plan>,
    site: &Arc<ArcSwap<Site>>,
    printer: &Printer,
    resources: &Resources,
) -> Result<(Option<Reloader>, Gate), String> {
    if arguments.no_watch {
        return Ok((None, Gate::OPEN));
    }
    let reloader = Reloader::new(Arc::clone(plan), Arc::clone(site), printer.clone(), resources.clone());
    let (reloader, gate) = reloader.map_err(|error| format!("files cannot be watched: {error}; see --no-watch"))?;
    Ok((Some(reloader), gate))
}

/// Lets go of everything that holds functions, and waits until the last of their processes has ended.
async fn end(site: Arc<ArcSwap<Site>>, plan: Arc<Plan>, retiring: tokio::task::JoinHandle<()>) {
    drop(site);
    drop(plan);
    if retiring.await.is_err() {
        tracing::warn!("functions may not have been shut down");
    }
}

/// Shuts functions down as soon as no site has them any more.
async fn retire(mut retired: Retired) {
    let mut ending = JoinSet::new();
    while let Some(function) = retired.recv().await {
        ending.spawn(async move { function.shutdown().await });
        while ending.try_join_next().is_some() {}
    }
    while ending.join_next().await.is_some() {}
}

fn verbosity(arguments: &cli::Serve) -> Verbosity {
    match (arguments.quiet, arguments.trace) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Trace,
        (false, false) => Verbosity::Requests,
    }
}

/// Where access logs go: the flag wins over the setting.
fn access_log(arguments: &cli::Serve, settings: &Settings, plan: &Plan) -> PathBuf {
    let named = arguments.access_log.as_ref().or(settings.access_log.as_ref());
    named.cloned().unwrap_or_else(|| plan.source.data.join("access.log"))
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> String {
    let advice = match error.kind() {
        std::io::ErrorKind::AddrInUse => "; stop the other program or choose another port with --port",
        std::io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege, choose another with --port",
        _ => "",
    };
    format!("cannot listen on {address}: {error}{advice}")
}

fn announce(printer: &Printer, resources: &Resources, address: SocketAddr, started: Instant) {
    let base = format!("http://{address}");
    printer.line(routes::table(resources, Some(address)));
    printer.line(format!("\nready on {base} in {} ms", started.elapsed().as_millis()));
}

/// SIGTERM and SIGINT, caught from the moment this is made.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn catch() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Resolves at the next of them.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

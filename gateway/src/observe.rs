//! What the host remembers and tells of its exchanges.

use crate::{
    access_log_file::AccessLogFile,
    limits,
    print::{Printer, Verbosity, printable},
};
use fanlight_execute::{
    Exchange, Trace,
    trace::{CapturedStep, Step},
};
use http::{Method, StatusCode, Uri};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::broadcast;

/// One finished exchange, as `fanlight trace` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Milliseconds since 1970, when the request came.
    pub(crate) unix_ms: i64,
    pub(crate) request_id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// Until the head of the response was ready.
    pub(crate) micros: u64,
    /// The path template that matched.
    pub(crate) resource: Option<String>,
    /// The function or address behind it.
    pub(crate) target: Option<String>,
    /// The gateway response type and the reason, when it was refused.
    pub(crate) failure: Option<(String, String)>,
    /// What each step saw, when somebody looked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<RecordedStep>,
}

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RecordedStep {
    pub(crate) step: String,
    pub(crate) at_us: u64,
    pub(crate) values: Vec<(String, String)>,
}

impl From<&CapturedStep> for RecordedStep {
    fn from(step: &CapturedStep) -> Self {
        let values = step.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { step: Step::as_str(step.step).to_owned(), at_us: step.at_us, values }
    }
}

/// An exchange as it is remembered: moved, not copied, since most are never looked at.
#[derive(Debug)]
struct Remembered {
    unix_ms: i64,
    request_id: String,
    method: Method,
    uri: Uri,
    status: StatusCode,
    elapsed: Duration,
    trace: Trace,
}

/// Takes finished exchanges.
#[derive(Debug)]
pub(crate) struct Observer {
    printer: Printer,
    recent: Mutex<VecDeque<Remembered>>,
    live: broadcast::Sender<Arc<Record>>,
    access_log: AccessLogFile,
}

impl Observer {
    pub(crate) fn new(printer: Printer, access_log: AccessLogFile) -> Self {
        let (live, _) = broadcast::channel(limits::TRACE_BACKLOG);
        let recent = Mutex::new(VecDeque::with_capacity(limits::REMEMBERED_EXCHANGES));
        Self { printer, recent, live, access_log }
    }

    /// A trace for an exchange that begins; a full one only while somebody looks.
    pub(crate) fn begin(&self) -> Trace {
        let looks = self.printer.verbosity() == Verbosity::Trace || self.live.receiver_count() > 0;
        if looks { Trace::capturing() } else { Trace::default() }
    }

    /// Remembers, prints and passes on.
    pub(crate) fn finish(&self, exchange: Exchange, status: StatusCode, elapsed: Duration) {
        let Exchange { request, id, started, trace, access_log, .. } = exchange;
        if let Some(line) = access_log {
            self.access_log.line(line);
        }
        let (method, uri) = (request.method, request.uri);
        self.remember(Remembered { unix_ms: started.unix_ms, request_id: id, method, uri, status, elapsed, trace });
    }

    /// A request that was refused before any API was known.
    pub(crate) fn refused(
        &self,
        (request_id, unix_ms): (String, i64),
        (method, uri): (Method, Uri),
        (status, reason): (StatusCode, &str),
    ) {
        let trace = Trace { failure: Some(("REFUSED", reason.to_owned())), ..Trace::default() };
        self.remember(Remembered { unix_ms, request_id, method, uri, status, elapsed: Duration::ZERO, trace });
    }

    fn remember(&self, mut finished: Remembered) {
        let followed = self.live.receiver_count() > 0;
        if followed || self.printer.verbosity() != Verbosity::Quiet {
            let record = finished.record();
            match self.printer.verbosity() {
                Verbosity::Quiet => {}
                Verbosity::Requests => self.printer.line(line(&record)),
                Verbosity::Trace => self.printer.line(full(&record)),
            }
            if followed {
                // A follower that has just gone is none.
                let _gone = self.live.send(Arc::new(record));
            }
        }
        finished.trace.capture = None;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = if recent.len() == limits::REMEMBERED_EXCHANGES { recent.pop_front() } else { None };
        recent.push_back(finished);
        drop(recent);
        drop(oldest); // outside the lock
    }

    /// The exchanges that are remembered, oldest first.
    pub(crate) fn recent(&self) -> Vec<Record> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Remembered::record).collect()
    }

    /// Exchanges from now on, with every step.
    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<Record>> {
        self.live.subscribe()
    }
}

impl Remembered {
    fn record(&self) -> Record {
        let trace = &self.trace;
        let steps = trace.capture.iter().flat_map(|capture| &capture.steps);
        Record {
            unix_ms: self.unix_ms,
            request_id: self.request_id.clone(),
            method: self.method.to_string(),
            path: self.uri.path().to_owned(),
            status: self.status.as_u16(),
            micros: u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX),
            resource: trace.resource_path.as_ref().map(ToString::to_string),
            target: trace.target.as_ref().map(ToString::to_string),
            failure: trace.failure.as_ref().map(|(kind, reason)| ((*kind).to_owned(), reason.clone())),
            steps: steps.map(Into::into).collect(),
        }
    }
}

/// `12:01:33 GET /pets/1 200 1.3 ms PetFn`
pub(crate) fn line(record: &Record) -> String {
    let time = Timestamp::from_millisecond(record.unix_ms).unwrap_or_default().to_zoned(TimeZone::system());
    let Record { method, path, status, micros, target, failure, .. } = record;
    let milliseconds = Duration::from_micros(*micros).as_secs_f64() * 1000.0;
    let mut line = format!("{} {method} {path} {status} {milliseconds:.1} ms", time.strftime("%H:%M:%S"));
    if let Some(target) = target {
        let _infallible = write!(line, " {target}");
    }
    if let Some((kind, reason)) = failure {
        let _infallible = write!(line, " {kind}: {reason}");
    }
    printable(&line)
}

/// The line, then every step.
pub(crate) fn full(record: &Record) -> String {
    let mut text = line(record);
    for RecordedStep { step, at_us, values } in &record.steps {
        let _infallible = write!(text, "\n  {step} ({at_us} us)");
        for (name, value) in values {
            let _infallible = write!(text, "\n    {name}: {}", printable(value));
        }
    }
    text
}

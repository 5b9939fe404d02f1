//! The store of this host: opened when a definition needs it, and looked at for damage beside everything else.

use crate::print::Printer;
use fanlight_definition::{Diagnostic, Resources, resources::ApiKey};
use fanlight_store::{ApiKeys, Embedded, Error, Options, Part};
use std::{
    collections::HashSet,
    io::Read,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{runtime::Handle, task::JoinSet};

/// The store, and who is told about it.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) store: Arc<Embedded>,
    printer: Printer,
    /// One for each part that has been opened; they end with the host.
    checks: Mutex<Vec<(Part, JoinSet<()>)>>,
    /// Keys that the person at the terminal has been told.
    told: Mutex<HashSet<String>>,
}

impl Storage {
    pub(crate) fn new(data: &Path, printer: Printer) -> Self {
        let store = Arc::new(Embedded::new(data, Options::default()));
        Self { store, printer, checks: Mutex::default(), told: Mutex::default() }
    }

    /// Opens what a definition needs, and gives its keys the values that it leaves to the host. For threads that may block.
    pub(crate) fn prepare(&self, resources: &mut Resources, diagnostics: &mut Vec<Diagnostic>) {
        let runtime = Handle::current();
        if let Some(plan) = resources.usage_plans.iter().find(|plan| plan.quota.is_some())
            && let Err(error) = runtime.block_on(self.open(Part::Data))
        {
            diagnostics.push(Diagnostic::error(&plan.place, format!("the quota cannot be counted: {error}")));
        }
        for key in resources.api_keys.iter_mut().filter(|key| key.value.is_none()) {
            match runtime.block_on(self.value(key)) {
                Ok(value) => key.value = Some(value),
                Err(error) => {
                    let message = format!("the value of the API key cannot be kept: {error}");
                    diagnostics.push(Diagnostic::error(&key.place, message));
                }
            }
        }
    }

    /// The value that the host made for a key. It is printed once per run, since nobody else knows it.
    async fn value(&self, key: &ApiKey) -> Result<String, Error> {
        self.open(Part::Control).await?;
        let new = random_value().map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
        let value = self.store.keep_api_key(&key.id, &new).await?;
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(key.id.clone()) {
            self.printer.line(format!("API key {} ({}): {value}", key.name, key.id));
        }
        Ok(value)
    }

    async fn open(&self, part: Part) -> Result<(), Error> {
        self.store.open(part).await?;
        let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        if !checks.iter().any(|(checked, _)| *checked == part) {
            let mut check = JoinSet::new();
            check.spawn(report_damage(Arc::clone(&self.store), part, self.printer.clone()));
            checks.push((part, check));
        }
        Ok(())
    }
}

async fn report_damage(store: Arc<Embedded>, part: Part, printer: Printer) {
    let file = store.file(part);
    match store.quick_check(part).await {
        Ok(damage) if damage.is_empty() => tracing::info!(file = %file.display(), "the file is sound"),
        Ok(damage) => {
            let list = damage.join("\n  ");
            printer.line(format!("error: {} is damaged; restore it from a backup:\n  {list}", file.display()));
        }
        Err(error) => printer.line(format!("error: {} cannot be checked: {error}", file.display())),
    }
}

/// As many characters as AWS's keys have.
const VALUE_LENGTH: usize = 40;

/// Letters and digits from the kernel's random numbers.
fn random_value() -> std::io::Result<String> {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut source = std::fs::File::open("/dev/urandom")?;
    let mut value = String::with_capacity(VALUE_LENGTH);
    let mut bytes = [0; 64];
    while value.len() < VALUE_LENGTH {
        source.read_exact(&mut bytes)?;
        // Four times the alphabet; what is above would make some letters likelier than others.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)).map(|letter| char::from(*letter)));
        value.extend(letters.take(VALUE_LENGTH - value.len()));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_long_as_aws_s_and_never_the_same() {
        let values: HashSet<String> = (0..1_000).map(|_| random_value().unwrap()).collect();
        assert_eq!(values.len(), 1_000);
        let fits = |value: &String| value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(values.iter().all(fits));
    }
}

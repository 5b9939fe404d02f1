//! Which contract a module speaks, told from its exports before anything is compiled.

use wasmparser::{Encoding, ExternalKind, Parser, Payload};

/// How a guest takes its event and gives its response.
///
/// Components of the `fanlight:function` world and of `wasi:http/incoming-handler` will be further variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contract {
    /// A WASI preview 1 command, a core module that exports the function `_start`: the event is its standard input, the
    /// response its standard output, its log the standard error. Each invocation runs in a fresh instance.
    Command,
}

/// What a module shows of itself.
#[derive(Debug)]
pub(crate) struct Inspection {
    /// The contract, or what was found in its place.
    pub contract: Result<Contract, String>,
    /// What its memories need from the start.
    pub memory_bytes: u64,
}

/// Reads the exports and memories of a binary module or component. Does not validate: compilation does.
pub(crate) fn inspect(binary: &[u8]) -> wasmparser::Result<Inspection> {
    let mut encoding = Encoding::Module;
    let mut exports: Vec<(String, Option<ExternalKind>)> = Vec::new();
    let mut memory_bytes: u64 = 0;
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(binary) {
        match payload? {
            Payload::Version { encoding: found, .. } => {
                if depth == 0 {
                    encoding = found;
                }
                depth = depth.saturating_add(1);
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ExportSection(section) if depth == 1 => {
                for export in section {
                    let export = export?;
                    exports.push((export.name.to_owned(), Some(export.kind)));
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push((export?.name.name.to_owned(), None));
                }
            }
            Payload::MemorySection(section) if depth == 1 => {
                for memory in section {
                    let memory = memory?;
                    let page = 1_u64 << memory.page_size_log2.unwrap_or(16).min(16);
                    memory_bytes = memory_bytes.saturating_add(memory.initial.saturating_mul(page));
                }
            }
            _ => {}
        }
    }
    let command = exports.iter().any(|(name, kind)| name == "_start" && *kind == Some(ExternalKind::Func));
    let contract = match encoding {
        Encoding::Module if command => Ok(Contract::Command),
        Encoding::Module => Err(format!("a core module that exports {}", names(&exports))),
        Encoding::Component => Err(format!("a component that exports {}", names(&exports))),
    };
    Ok(Inspection { contract, memory_bytes })
}

fn names(exports: &[(String, Option<ExternalKind>)]) -> String {
    const SHOWN: usize = 8;
    if exports.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = exports.iter().take(SHOWN).map(|(name, _)| format!("`{name}`")).collect();
    match exports.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

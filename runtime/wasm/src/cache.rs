//! Compiled code on disk, so that a restart compiles nothing.
//!
//! A cached file is native code that the host will run, so it is only taken from a folder and a file that belong to this
//! user and that nobody else can even read, and only as long as its checksum holds. The name is the SHA-256 of the module
//! and wasmtime's compatibility hash (version, settings, CPU): another engine looks for another file.

use nix::{fcntl::OFlag, unistd};
use sha2::{Digest, Sha256};
use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions, Permissions},
    hash::{Hash, Hasher},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use wasmtime::{Engine, Module};

/// What follows the code in a file: this mark, then the CRC-32 of the code. It tells a file that a full disk or a failing
/// one has spoiled; against malice there is the owner and the mode.
const MARK: [u8; 4] = *b"FLW1";
const TRAILER_BYTES: u64 = 8;

/// A private folder of compiled code.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    compatibility: String,
    n_written: AtomicU64,
}

impl Cache {
    /// Opens or creates the folder. One that others may enter is left alone, with a word in the log.
    pub(crate) fn open(folder: &Path, engine: &Engine) -> Option<Self> {
        match prepare(folder) {
            Ok(()) => Some(Self {
                folder: folder.to_owned(),
                compatibility: compatibility(engine),
                n_written: AtomicU64::new(0),
            }),
            Err(reason) => {
                tracing::warn!(folder = %folder.display(), %reason, "compiled WebAssembly is not cached");
                None
            }
        }
    }

    /// The compiled form of a module, if it was stored and is sound.
    pub(crate) fn load(&self, engine: &Engine, binary: &[u8]) -> Option<Module> {
        let path = self.path(binary);
        match open(&path) {
            Ok(file) => deserialize(engine, file, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(reason) => {
                tracing::warn!(file = %path.display(), %reason, "compiled WebAssembly is ignored");
                None
            }
        }
    }

    /// Keeps the compiled form of a module. Failing to is no error: the next start compiles again.
    pub(crate) fn store(&self, binary: &[u8], module: &Module) {
        let path = self.path(binary);
        let stored = module.serialize().map_err(io::Error::other).and_then(|code| self.write(&path, &code));
        if let Err(reason) = stored {
            tracing::warn!(file = %path.display(), %reason, "compiled WebAssembly is not cached");
        }
    }

    fn path(&self, binary: &[u8]) -> PathBuf {
        let digest = hexadecimal(&Sha256::digest(binary));
        self.folder.join(format!("{digest}-{}.cwasm", self.compatibility))
    }

    /// Written beside, synced, then renamed: a file under its name is whole, and a mapped one is never written to.
    fn write(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        let number = self.n_written.fetch_add(1, Ordering::Relaxed);
        let beside = self.folder.join(format!(".{}-{number}.tmp", std::process::id()));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            file.write_all(code)?;
            file.write_all(&MARK)?;
            file.write_all(&crc32fast::hash(code).to_le_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, path)
        })();
        if written.is_err()
            && let Err(reason) = std::fs::remove_file(&beside)
        {
            tracing::debug!(file = %beside.display(), %reason, "no temporary file to remove");
        }
        written
    }
}

fn prepare(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // The umask may have taken more than it should.
        std::fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    let metadata = std::fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    private(&metadata)
}

fn private(metadata: &Metadata) -> io::Result<()> {
    if metadata.uid() != unistd::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(io::Error::other("others have access to it"));
    }
    Ok(())
}

/// Opens a file and checks, on the open file, whose it is and that it is whole.
fn open(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    private(&metadata)?;
    let length = metadata.len().checked_sub(TRAILER_BYTES).ok_or_else(|| io::Error::other("it is too short"))?;
    let checksum = checksum(Read::by_ref(&mut file).take(length))?;
    let mut mark = [0; 4];
    let mut stored = [0; 4];
    file.read_exact(&mut mark)?;
    file.read_exact(&mut stored)?;
    if mark != MARK || u32::from_le_bytes(stored) != checksum {
        return Err(io::Error::other("its checksum is wrong"));
    }
    Ok(file)
}

fn checksum(mut code: impl Read) -> io::Result<u32> {
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n_read = code.read(&mut buffer)?;
        match buffer.get(..n_read) {
            Some([]) | None => return Ok(hasher.finalize()),
            Some(part) => hasher.update(part),
        }
    }
}

fn deserialize(engine: &Engine, file: File, path: &Path) -> Option<Module> {
    // SAFETY: the file is what `Module::serialize` gave `Cache::write`. It was opened without following links and the open
    // file was found to belong to this user, with no access for others, and to hold what its checksum says. It stays so
    // while it is mapped: `write` only ever replaces a file by renaming another over it. Code of another version, CPU or
    // setting is refused by wasmtime itself.
    #[expect(unsafe_code, reason = "loading compiled code is unsafe by nature; see SAFETY")]
    let module = unsafe { Module::deserialize_open_file(engine, file) };
    module
        .inspect_err(|reason| {
            tracing::warn!(file = %path.display(), reason = format!("{reason:#}"), "compiled WebAssembly is ignored");
        })
        .ok()
}

/// wasmtime offers a `Hash` only; fed to SHA-256 it is the same from one start to the next.
fn compatibility(engine: &Engine) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }
    let mut hasher = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    let digest = hasher.0.finalize();
    hexadecimal(digest.get(..8).unwrap_or(&digest))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

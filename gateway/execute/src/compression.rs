//! Compressed payloads: a request's is always undone before anything looks at it; a response's is made for an API that asks
//! for it and a client that accepts it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html>

use crate::{
    body::Body,
    exchange::{Request, Response},
    failure::Failure,
    limits::INFLATE_BUFFER_BYTES,
};
use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt;

/// The codings of API Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`
    Gzip,
    /// `deflate`: zlib's format, though some senders mean the bare one.
    Deflate,
}

impl Coding {
    fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("gzip") {
            Some(Self::Gzip)
        } else if name.eq_ignore_ascii_case("deflate") {
            Some(Self::Deflate)
        } else {
            None
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }
}

/// Undoes the `Content-Encoding` of a request, never giving out more than `limit` bytes.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE` for another coding and for a body that is not coded so, `REQUEST_TOO_LARGE`.
pub async fn undo(request: &Request, body: Body, limit: u64) -> Result<Body, Failure> {
    let Some(value) = request.headers.get(header::CONTENT_ENCODING).filter(|_| !body.is_empty()) else {
        return Ok(body);
    };
    let name = value.to_str().unwrap_or_default().trim();
    if name.is_empty() || name.eq_ignore_ascii_case("identity") {
        return Ok(body);
    }
    let several = request.headers.get_all(header::CONTENT_ENCODING).iter().count() > 1;
    let coding = Coding::parse(name)
        .filter(|_| !several)
        .ok_or_else(|| Failure::UnsupportedMediaType(format!("no content coding `{name}`")))?;
    let mut inflater = Inflater::new(coding, limit);
    match body {
        Body::Buffered(bytes) => inflater.feed(&bytes),
        Body::Stream(mut stream) => {
            let mut fed = Ok(());
            while let (Ok(()), Some(frame)) = (&fed, stream.frame().await) {
                if let Ok(data) = frame?.into_data() {
                    fed = inflater.feed(&data);
                }
            }
            fed
        }
    }
    .and_then(|()| inflater.finish())
    .map(Body::Buffered)
    .map_err(|error| match error {
        Broken::TooLarge => Failure::RequestTooLarge,
        Broken::NotCoded => Failure::UnsupportedMediaType(format!("the body is no {name}")),
    })
}

/// Undoes the coding of an endpoint's response for a template.
///
/// # Errors
/// What the log should say.
pub fn undo_response(headers: &HeaderMap, body: Bytes, limit: u64) -> Result<Bytes, String> {
    let named = headers.get(header::CONTENT_ENCODING).and_then(|value| Coding::parse(value.to_str().ok()?.trim()));
    let Some(coding) = named.filter(|_| !body.is_empty()) else { return Ok(body) };
    let mut inflater = Inflater::new(coding, limit);
    inflater.feed(&body).and_then(|()| inflater.finish()).map_err(|broken| match broken {
        Broken::TooLarge => format!("the response is larger than {limit} bytes without its coding"),
        Broken::NotCoded => format!("the response says it is {} and is not", coding.name()),
    })
}

/// Compresses a response of at least `minimum` bytes that is not coded yet, for a client that names a coding of API
/// Gateway. `*` and no `Accept-Encoding` at all name none.
///
/// # Errors
/// `INTEGRATION_FAILURE` when the endpoint breaks off.
pub async fn compress(
    (minimum, limit): (Option<u32>, u64),
    request: &HeaderMap,
    response: &mut Response,
) -> Result<(), Failure> {
    let coding = accepted(request).filter(|_| !response.headers.contains_key(header::CONTENT_ENCODING));
    let (Some(minimum), Some(coding)) = (minimum, coding) else { return Ok(()) };
    if response.body.len().is_some_and(|length| length == 0 || length < minimum.into()) {
        return Ok(());
    }
    let body = std::mem::replace(&mut response.body, Body::EMPTY);
    let body = body
        .read_limited(limit)
        .await
        .map_err(|error| Failure::IntegrationFailure(format!("the response broke off or is too large: {error}")))?;
    let large = u32::try_from(body.len()).unwrap_or(u32::MAX) >= minimum && !body.is_empty();
    match large.then(|| deflate(coding, &body)).flatten() {
        None => response.body = Body::Buffered(body),
        Some(compressed) => {
            response.body = Body::Buffered(compressed);
            response.headers.remove(header::CONTENT_LENGTH);
            response.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
    }
    Ok(())
}

/// The coding that the client likes best.
fn accepted(request: &HeaderMap) -> Option<Coding> {
    let values = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let elements = values.flat_map(|value| value.split(','));
    let weighted = elements.filter_map(|element| {
        let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok());
        Some((Coding::parse(name.trim())?, weight.filter(|weight| *weight > 0.0)?))
    });
    // Among equals the first.
    weighted.reduce(|best, other| if other.1 > best.1 { other } else { best }).map(|(coding, _)| coding)
}

fn deflate(coding: Coding, body: &[u8]) -> Option<Bytes> {
    let mut compress = match coding {
        Coding::Gzip => Compress::new_gzip(Compression::default(), WINDOW_BITS),
        Coding::Deflate => Compress::new(Compression::default(), true),
    };
    // Room for what cannot be compressed, and for the frame around it.
    let mut out = Vec::with_capacity(body.len() + body.len() / 1000 + 64);
    loop {
        let rest = body.get(usize::try_from(compress.total_in()).ok()?..)?;
        match compress.compress_vec(rest, &mut out, FlushCompress::Finish).ok()? {
            Status::StreamEnd => return Some(out.into()),
            Status::Ok | Status::BufError => out.reserve(1024),
        }
    }
}

/// The window of all gzip streams.
const WINDOW_BITS: u8 = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    TooLarge,
    NotCoded,
}

/// Undoes a coding piece by piece, so that a small body that stands for a huge one is noticed before it has come.
struct Inflater {
    coding: Coding,
    inflate: Option<Decompress>,
    ended: bool,
    out: Vec<u8>,
    limit: usize,
}

impl Inflater {
    fn new(coding: Coding, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { coding, inflate: None, ended: false, out: Vec::new(), limit }
    }

    fn feed(&mut self, mut input: &[u8]) -> Result<(), Broken> {
        let mut buffer = vec![0; INFLATE_BUFFER_BYTES];
        while !input.is_empty() {
            if self.ended {
                match self.coding {
                    // More members may follow the first.
                    Coding::Gzip => (self.inflate, self.ended) = (None, false),
                    Coding::Deflate => return Err(Broken::NotCoded),
                }
            }
            let inflate = self.inflate.get_or_insert_with(|| decompress(self.coding, input));
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let status = inflate.decompress(input, &mut buffer, FlushDecompress::None).map_err(|_| Broken::NotCoded)?;
            let step = |from: u64, to: u64| usize::try_from(to - from).unwrap_or(usize::MAX);
            let (read, written) = (step(read, inflate.total_in()), step(written, inflate.total_out()));
            input = input.get(read..).unwrap_or_default();
            self.take(buffer.get(..written).unwrap_or_default())?;
            match status {
                Status::StreamEnd => self.ended = true,
                Status::Ok | Status::BufError if read == 0 && written == 0 => return Err(Broken::NotCoded),
                Status::Ok | Status::BufError => {}
            }
        }
        self.drain(&mut buffer)
    }

    /// What is left inside when all input is taken and the buffer was full.
    fn drain(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        while let (Some(inflate), false) = (&mut self.inflate, self.ended) {
            let before = inflate.total_out();
            let status = inflate.decompress(&[], buffer, FlushDecompress::None).map_err(|_| Broken::NotCoded)?;
            let written = usize::try_from(inflate.total_out() - before).unwrap_or(usize::MAX);
            self.ended = status == Status::StreamEnd;
            if written == 0 {
                return Ok(());
            }
            self.take(buffer.get(..written).unwrap_or_default())?;
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        if self.out.len() + bytes.len() > self.limit {
            return Err(Broken::TooLarge);
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// A body that breaks off is not all there.
    fn finish(self) -> Result<Bytes, Broken> {
        if self.ended { Ok(self.out.into()) } else { Err(Broken::NotCoded) }
    }
}

/// zlib's format begins with a method of 8 and a check.
fn decompress(coding: Coding, input: &[u8]) -> Decompress {
    let zlib = match input {
        [first, second, ..] => first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31),
        [_] | [] => true,
    };
    match coding {
        Coding::Gzip => Decompress::new_gzip(WINDOW_BITS),
        Coding::Deflate => Decompress::new(zlib),
    }
}

#[cfg(test)]
mod tests;

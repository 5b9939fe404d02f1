// Runs an unmodified AWS Lambda handler for Node.js 18 or later.
//
// Speaks the calls of the Lambda Runtime API, framed as src/process/runtime_api/unix.rs says, over one connection to the
// Unix socket that AWS_LAMBDA_RUNTIME_API names ("unix:/path"). The response of an invocation and the call for the next go
// out in one write; what comes back is the next event. When the socket closes, the host is gone, and so is everything that
// was started here.
'use strict';

const net = require('net');
const { format } = require('util');
const { Writable } = require('stream');
const { RuntimeError, errorDocument, errorForLog, loadHandler } = require('./node_handler.cjs');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const env = process.env;

// ---- The environment: as it is, with the trace of the invocation ----------------------------------------------------
//
// Really setting a variable for each invocation would leak: the C library keeps every value that it was ever given.

const TRACE = '_X_AMZN_TRACE_ID';
let traceId;

process.env = new Proxy(env, {
  get: (target, name) => (name === TRACE ? traceId : target[name]),
  has: (target, name) => (name === TRACE ? traceId !== undefined : name in target),
  set(target, name, value) {
    if (name === TRACE) traceId = String(value);
    else target[name] = value;
    return true;
  },
  deleteProperty(target, name) {
    if (name === TRACE) traceId = undefined;
    return delete target[name];
  },
  ownKeys: (target) => (traceId === undefined ? Reflect.ownKeys(target) : [...Reflect.ownKeys(target), TRACE]),
  getOwnPropertyDescriptor(target, name) {
    if (name !== TRACE) return Reflect.getOwnPropertyDescriptor(target, name);
    return traceId === undefined
      ? undefined
      : { value: traceId, writable: true, enumerable: true, configurable: true };
  },
});

// ---- Log ----------------------------------------------------------------------------------------------------------

let requestId;

function log(level, text) {
  process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${text.replace(/\n/g, '\r')}\n`);
}

console.log = (...values) => log('INFO', format(...values));
console.info = (...values) => log('INFO', format(...values));
console.debug = (...values) => log('DEBUG', format(...values));
console.warn = (...values) => log('WARN', format(...values));
console.error = (...values) => log('ERROR', format(...values));
console.fatal = (...values) => log('FATAL', format(...values));
console.trace = function trace(...values) {
  const here = { name: 'Trace', message: format(...values) };
  Error.captureStackTrace(here, trace);
  log('TRACE', `Trace: ${here.message}${here.stack.slice(here.stack.indexOf('\n'))}`);
};

// ---- Response streams: collected and sent as a whole ----------------------------------------------------------------

class ResponseStream extends Writable {
  constructor(options) {
    super(options);
    this.chunks = [];
    this.contentType = 'application/octet-stream';
    this._onBeforeFirstWrite = undefined;
  }
  setContentType(contentType) {
    this.contentType = contentType;
  }
  write(chunk, encoding, callback) {
    const before = this._onBeforeFirstWrite;
    if (before) {
      this._onBeforeFirstWrite = undefined;
      before((prelude) => super.write(prelude));
    }
    if (typeof chunk !== 'string' && !Buffer.isBuffer(chunk) && !(chunk instanceof Uint8Array)) chunk = JSON.stringify(chunk);
    return super.write(chunk, encoding, callback);
  }
  end(chunk, encoding, callback) {
    if (typeof chunk === 'function') [chunk, callback] = [undefined, chunk];
    if (typeof encoding === 'function') [encoding, callback] = [undefined, encoding];
    if (chunk !== undefined && chunk !== null) this.write(chunk, encoding);
    else if (this._onBeforeFirstWrite) this.write(Buffer.alloc(0));
    return super.end(callback);
  }
  _write(chunk, encoding, callback) {
    this.chunks.push(chunk);
    callback();
  }
}

globalThis.awslambda = {
  ...globalThis.awslambda,
  streamifyResponse(handler, options) {
    handler[STREAMING] = 'response';
    if (options && options.highWaterMark !== undefined) {
      handler[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')] = parseInt(options.highWaterMark, 10);
    }
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType(PRELUDE_TYPE);
      const text = JSON.stringify(prelude);
      stream._onBeforeFirstWrite = (write) => write(Buffer.concat([Buffer.from(text), Buffer.alloc(8)]));
      return stream;
    },
  },
};

// ---- The Runtime API --------------------------------------------------------------------------------------------------

const NEXT = 'next\n';
let socket;
let onEvent;

/** Sends a call with its document, and whatever is to follow it, in one write. */
function post(call, body, errorType, followedBy, done) {
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const head = `${call} ${size}${errorType}\n`;
  if (typeof body === 'string') {
    // ASCII takes the short way.
    socket.write(head + body + followedBy, size === body.length ? 'latin1' : 'utf8', done);
  } else {
    socket.write(Buffer.concat([Buffer.from(head), body, Buffer.from(followedBy)]), done);
  }
}

const printable = (type) => ` ${String(type).replace(/[^\x20-\x7E]/g, ' ')}`;

let whole; // the buffer of a message that has not arrived in full, and how much of it is there
let have = 0;
let started; // the beginning of a head

/** Takes what came; the buffer is the socket's and is used again. */
function receive(count, shared) {
  let chunk = shared.subarray(0, count);
  if (whole !== undefined) {
    const taken = chunk.copy(whole, have);
    have += taken;
    if (have < whole.length) return true;
    const complete = whole;
    whole = undefined;
    message(complete);
    chunk = chunk.subarray(taken);
  } else if (started !== undefined) {
    chunk = Buffer.concat([started, chunk]);
    started = undefined;
  }
  while (chunk !== undefined && chunk.length > 0) chunk = message(chunk);
  return true;
}

/** Takes one message off the front; what is left of it waits for more. */
function message(chunk) {
  const end = chunk.indexOf(10);
  if (end < 0) {
    started = Buffer.from(chunk);
    return undefined;
  }
  const head = chunk.latin1Slice(0, end).split('\t');
  const start = end + 1;
  const size = start + Number(head[5]);
  if (chunk.length < size) {
    whole = Buffer.allocUnsafe(size);
    have = chunk.copy(whole);
    return undefined;
  }
  onEvent(head, chunk.utf8Slice(start, size));
  return chunk.subarray(size);
}

function hostGone() {
  try {
    process.kill(0, 'SIGKILL');
  } catch {
    process.reallyExit(1);
  }
}

// ---- Invocations ------------------------------------------------------------------------------------------------------

let onDrained; // what happens when the event loop is empty
let handler;
let fail; // fails the running invocation, or the initialisation

process.on('beforeExit', () => {
  const drained = onDrained;
  onDrained = undefined;
  drained?.();
});

/** An invocation. What is called first settles it. */
class Invocation {
  constructor(id) {
    this.id = id;
    this.open = true;
    this.settled = false;
    this.waits = true;
  }
  close() {
    const wasOpen = this.open;
    this.open = false;
    onDrained = undefined;
    if (wasOpen) socket.ref();
    return wasOpen;
  }
  /** The result counts at once; it is sent at once too, or when nothing is left to run. */
  succeed(result, waits) {
    if (!this.open || this.settled) return;
    let body;
    try {
      body = JSON.stringify(result === undefined ? null : result) ?? 'null';
    } catch {
      return this.fail(new Error('Unable to stringify response body'));
    }
    this.settled = true;
    const send = () => {
      if (this.close()) post(`response ${this.id}`, body, '', NEXT);
    };
    if (waits) onDrained = send;
    else send();
  }
  send(body) {
    if (!this.close()) return;
    post(`response ${this.id}`, body, '', NEXT);
  }
  fail(error) {
    if (this.settled || !this.close()) return;
    log('ERROR', `Invoke Error \t${errorForLog(error)}`);
    const document = errorDocument(error);
    post(`error ${this.id}`, JSON.stringify(document), printable(document.errorType), NEXT);
  }
  /** The last answer of this process. */
  failAndExit(error, status) {
    if (!this.close()) process.exit(status);
    const document = errorDocument(error);
    const type = printable(document.errorType);
    post(`error ${this.id}`, JSON.stringify(document), type, '', () => process.exit(status));
  }
  callback(error, result) {
    if (error !== undefined && error !== null) this.fail(error);
    else this.succeed(result, this.waits);
  }
}

// Reading the environment is a call into the system.
const about = {
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
};

class Context {
  #invocation;
  #deadline;
  constructor(invocation, [id, deadline, arn, , clientContext]) {
    this.#invocation = invocation;
    this.#deadline = Number(deadline);
    this.functionVersion = about.functionVersion;
    this.functionName = about.functionName;
    this.memoryLimitInMB = about.memoryLimitInMB;
    this.logGroupName = about.logGroupName;
    this.logStreamName = about.logStreamName;
    this.clientContext = clientContext === '' ? undefined : JSON.parse(Buffer.from(clientContext, 'latin1').toString());
    this.identity = undefined;
    this.invokedFunctionArn = arn;
    this.awsRequestId = id;
    this.tenantId = undefined;
    this.getRemainingTimeInMillis = () => this.#deadline - Date.now();
    this.done = (error, result) => {
      invocation.waits = false;
      invocation.callback(error, result);
    };
    this.succeed = (result) => this.done(null, result);
    this.fail = (error) => this.done(error === undefined || error === null ? 'handled' : error);
  }
  get callbackWaitsForEmptyEventLoop() {
    return this.#invocation.waits;
  }
  set callbackWaitsForEmptyEventLoop(value) {
    this.#invocation.waits = Boolean(value);
  }
}
Object.defineProperty(Context.prototype, 'callbackWaitsForEmptyEventLoop', { enumerable: true });

const neverSettled = () =>
  new RuntimeError(
    'Runtime.NodeJsExit',
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that ' +
      'was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes'
  );

function start(head, body) {
  requestId = head[0];
  traceId = head[3] === '' ? undefined : head[3];
  const invocation = new Invocation(requestId);
  fail = (error, status) => invocation.failAndExit(error, status);
  // From here on only the function's own work keeps the event loop alive.
  socket.unref();
  try {
    run(invocation, head, JSON.parse(body));
  } catch (error) {
    invocation.fail(error);
  }
}

function run(invocation, head, event) {
  const context = new Context(invocation, head);
  if (handler[STREAMING]) return stream(invocation, event, context);
  // A handler that neither answers nor returns a promise has answered `null` when nothing of it is left to run.
  const silent = () => invocation.succeed(null);
  onDrained = silent;
  const result = handler(event, context, (error, value) => invocation.callback(error, value));
  if (typeof result?.then !== 'function' || !invocation.open) return;
  if (onDrained === silent) onDrained = () => invocation.fail(neverSettled());
  result.then(
    (value) => invocation.succeed(value),
    (error) => invocation.fail(error)
  );
}

function stream(invocation, event, context) {
  const response = new ResponseStream({
    highWaterMark: handler[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')],
  });
  const finish = () => invocation.send(Buffer.concat(response.chunks));
  response.on('error', (error) => invocation.fail(error));
  const result = handler(event, response, context);
  if (typeof result?.then !== 'function') throw new Error('Streaming does not support non-async handlers.');
  onDrained = () => invocation.fail(neverSettled());
  result.then(
    (value) => {
      if (value !== undefined) console.warn('Streaming handlers ignore return values.');
      if (response.writableFinished) finish();
      else if (response.writableEnded) response.once('finish', finish);
      else {
        onDrained = () => invocation.fail(new Error('Response stream is not finished.'));
        response.once('finish', finish);
      }
    },
    (error) => invocation.fail(error)
  );
}

process.on('uncaughtException', (error) => {
  log('ERROR', `Uncaught Exception \t${errorForLog(error)}`);
  fail(error, 129);
});

process.on('unhandledRejection', (reason, promise) => {
  const error = new RuntimeError('Runtime.UnhandledPromiseRejection', String(reason));
  error.reason = reason;
  error.promise = promise;
  log('ERROR', `Unhandled Promise Rejection \t${errorForLog(error)}`);
  fail(error, 128);
});

// ---- The beginning ----------------------------------------------------------------------------------------------------

function failInitialisation(error, status) {
  const document = errorDocument(error);
  post('init-error', JSON.stringify(document), printable(document.errorType), '', () => process.exit(status));
}

async function main() {
  fail = failInitialisation;
  onEvent = start;
  // One buffer for all reads: a new one for each costs more than parsing what is in it.
  const onread = { buffer: Buffer.allocUnsafe(64 * 1024), callback: receive };
  socket = net.connect({ path: env.AWS_LAMBDA_RUNTIME_API.replace(/^unix:/, ''), onread });
  socket.on('close', hostGone);
  socket.on('error', hostGone);
  await new Promise((resolve) => socket.once('connect', resolve));
  // A handler file whose top-level await never settles ends with the event loop.
  socket.unref();
  onDrained = () => failInitialisation(neverSettled(), 129);
  try {
    handler = await loadHandler(env._HANDLER || '');
  } catch (error) {
    log('ERROR', `Uncaught Exception \t${errorForLog(error)}`);
    return failInitialisation(error, 129);
  }
  onDrained = undefined;
  fail = (error, status) => process.exit(status);
  socket.ref();
  socket.write(NEXT);
}

main();

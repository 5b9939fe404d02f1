// Finds the handler of a function as Lambda does, and describes errors as Lambda does.
'use strict';

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');

const root = process.env.LAMBDA_TASK_ROOT || process.cwd();

// ---- Errors -------------------------------------------------------------------------------------------------------

class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
    this.stack = this.stack.replace(/^[^\n]*/, `${type}: ${message}`);
  }
}

const isError = (value) => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/** The document that an invocation fails with. */
function errorDocument(error) {
  try {
    if (isError(error)) {
      return {
        errorType: String(error.name).replace(/\x7F/g, '%7F'),
        errorMessage: String(error.message).replace(/\x7F/g, '%7F'),
        trace: String(error.stack).replace(/\x7F/g, '%7F').split('\n'),
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: 'callback called with Error argument, but it could not be described', trace: [] };
  }
}

/** The same for the log: with the error's own properties. */
function errorForLog(error) {
  try {
    if (!isError(error)) return JSON.stringify(errorDocument(error));
    const { name, message, stack, ...rest } = error;
    const plain = (value) => (isError(value) ? JSON.parse(errorForLog(value)) : value);
    for (const key of Object.keys(rest)) rest[key] = plain(rest[key]);
    return JSON.stringify({
      errorType: error.name,
      errorMessage: error.message,
      ...rest,
      stack: String(error.stack).split('\n'),
    });
  } catch {
    return JSON.stringify(errorDocument(error));
  }
}

// ---- The handler ----------------------------------------------------------------------------------------------------

const isFile = (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

function isModulePackage(folder) {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (path.basename(at) === 'node_modules') return false;
    try {
      return JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).type === 'module';
    } catch {
      if (at === path.dirname(at)) return false;
    }
  }
}

async function loadModule(folder, name) {
  const file = path.resolve(root, folder, name);
  const load = createRequire(path.join(root, 'noop.js'));
  if (isFile(file)) return load(file);
  const isModule = isFile(`${file}.js`) && isModulePackage(path.dirname(file));
  if (isFile(`${file}.js`) && !isModule) return load(`${file}.js`);
  if (isModule) return await import(pathToFileURL(`${file}.js`).href);
  if (isFile(`${file}.mjs`)) return await import(pathToFileURL(`${file}.mjs`).href);
  if (isFile(`${file}.cjs`)) return load(`${file}.cjs`);
  // A folder with an index, or a module of a layer.
  try {
    return load(file);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || fs.existsSync(file)) throw error;
    return load(load.resolve(name, { paths: [root, path.join(root, folder)] }));
  }
}

async function loadHandler(text) {
  if (/(^|\/)\.\.(\/|$)/.test(text)) {
    throw new RuntimeError(
      'Runtime.MalformedHandlerName',
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`
    );
  }
  const base = path.basename(text);
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match) throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const [, name, nested] = match;
  let module;
  try {
    module = await loadModule(text.slice(0, text.length - base.length), name);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', String(error));
    // Lambda passes the error of a missing ES module on as it is.
    if (error?.code === 'MODULE_NOT_FOUND') throw new RuntimeError('Runtime.ImportModuleError', String(error));
    throw error;
  }
  const handler = nested.split('.').reduce((value, key) => value?.[key], module);
  if (handler === undefined || handler === null) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${text} is undefined or not exported`);
  }
  if (typeof handler !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${text} is not a function`);
  return handler;
}

module.exports = { RuntimeError, errorDocument, errorForLog, loadHandler };

"""Runs an unmodified AWS Lambda handler for Python 3.9 or later.

Speaks the calls of the Lambda Runtime API, framed as src/process/runtime_api/unix.rs says, over one connection to the Unix
socket that AWS_LAMBDA_RUNTIME_API names ("unix:/path"). The response of an invocation and the call for the next go out in
one write; what comes back is the next event. When the socket closes, the host is gone, and so is everything that was
started here.
"""

import os
import sys

# The folder of this file is not the function's.
if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
    sys.path.pop(0)

import _socket
import json
import time

_NEXT = b"next\n"


class RuntimeFault(Exception):
    """A failure of the function that has a name of Lambda's own."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)


# ---- The Runtime API ----------------------------------------------------------------------------------------------


class Host:
    def __init__(self, address):
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._socket.connect(address)
        self._input = b""

    def send(self, data):
        try:
            self._socket.sendall(data)
        except OSError:
            _host_gone()

    def post(self, call, body, error_type, followed_by):
        head = "%s %d%s\n" % (call, len(body), error_type)
        self.send(head.encode("latin-1", "replace") + body + followed_by)

    def event(self):
        """The fields and the body of the next event."""
        while True:
            end = self._input.find(b"\n")
            if end >= 0:
                break
            self._input += self._receive()
        fields = self._input[:end].decode("utf-8", "replace").split("\t")
        start, size = end + 1, int(fields.pop())
        if len(self._input) < start + size:
            chunks, have = [self._input], len(self._input)
            while have < start + size:
                chunks.append(self._receive())
                have += len(chunks[-1])
            self._input = b"".join(chunks)
        body, self._input = self._input[start : start + size], self._input[start + size :]
        return fields, body

    def _receive(self):
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        return data or _host_gone()


def _host_gone():
    os.killpg(0, 9)


def _printable(error_type):
    return " " + "".join(letter if " " <= letter <= "~" else " " for letter in error_type)


# ---- Log -----------------------------------------------------------------------------------------------------------


def _set_up_logging():
    import logging

    class Handler(logging.Handler):
        def emit(self, record):
            sys.stdout.write(self.format(record))

    class Filter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = Context.current
            return True

    handler = Handler()
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s\n"
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(Filter())
    logging.root.addHandler(handler)


def _log_error(document):
    text = "[ERROR] %s: %s" % (document["errorType"], document["errorMessage"])
    if document["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(document["stackTrace"])
    sys.stdout.write(text.rstrip("\n").replace("\n", "\r") + "\n")


# ---- Errors --------------------------------------------------------------------------------------------------------


def _document(error_type, message, trace, request_id):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def _describe(error, request_id):
    if isinstance(error, RuntimeFault):
        return _document(error.error_type, str(error), error.trace, request_id)
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return _document(type(error).__name__, str(error), traceback.format_list(frames), request_id)


def _encode(document):
    # A lone surrogate cannot be sent, but its error can.
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


# ---- The handler -----------------------------------------------------------------------------------------------------


def _load(text):
    try:
        module_name, function_name = text.rsplit(".", 1)
    except ValueError as error:
        raise RuntimeFault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (text, error)) from None
    name = module_name.replace("/", ".")
    if name in sys.builtin_module_names:
        message = "Cannot use built-in module %s as a handler module" % module_name
        raise RuntimeFault("Runtime.BuiltInModuleConflict", message)
    import importlib

    try:
        module = importlib.import_module(name)
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        raise RuntimeFault("Runtime.ImportModuleError", message) from None
    except SyntaxError as error:
        where = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        message = "Syntax error in module '%s': %s" % (module_name, error)
        raise RuntimeFault("Runtime.UserCodeSyntaxError", message, [where]) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        raise RuntimeFault("Runtime.HandlerNotFound", message) from None


class CognitoIdentity:
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, given):
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class Client:
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, given):
        for name in self.__slots__:
            setattr(self, name, given.get(name))


class ClientContext:
    __slots__ = ("custom", "env", "client")

    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = Client(given["client"]) if given.get("client") else None


class Context:
    """The second argument of a handler."""

    current = None
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")

    def __init__(self, fields):
        self.aws_request_id, deadline, self.invoked_function_arn, _, client = fields
        self.tenant_id = None
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity({})
        self._epoch_deadline_time_in_ms = int(deadline)

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        names = (
            "aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
            "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id",
        )
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names)


# ---- Invocations -----------------------------------------------------------------------------------------------------


def _default(value):
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def _ensures_ascii():
    """Lambda's runtimes before Python 3.12 escape what is not ASCII."""
    version = os.environ.get("AWS_EXECUTION_ENV", "").rpartition("python")[2].split(".")
    try:
        return tuple(map(int, version)) < (3, 12)
    except ValueError:
        return False


_encoder = json.JSONEncoder(ensure_ascii=_ensures_ascii(), default=_default)


def _invoke(handler, fields, body):
    try:
        event = json.loads(body)
    except Exception as error:
        raise RuntimeFault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error) from None
    result = handler(event, Context(fields))
    if isinstance(result, bytes):
        return result
    try:
        return _encoder.encode(result).encode()
    except Exception as error:
        raise RuntimeFault("Runtime.MarshalError", "Unable to marshal response: %s" % error) from None


def _serve(host, handler):
    host.send(_NEXT)
    while True:
        fields, body = host.event()
        Context.current = request_id = fields[0]
        if fields[3]:
            os.environ["_X_AMZN_TRACE_ID"] = fields[3]
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        try:
            result = _invoke(handler, fields, body)
        except Exception as error:
            document = _describe(error, request_id)
            _log_error(document)
            host.post("error " + request_id, _encode(document), _printable(document["errorType"]), _NEXT)
        else:
            host.post("response " + request_id, result, "", _NEXT)


def main():
    host = Host(os.environ["AWS_LAMBDA_RUNTIME_API"].replace("unix:", "", 1))
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    _set_up_logging()
    try:
        handler = _load(os.environ.get("_HANDLER", ""))
    except Exception as error:
        document = _describe(error, "")
        _log_error(document)
        host.post("init-error", _encode(document), _printable(document["errorType"]), b"")
        sys.exit(1)
    _serve(host, handler)


if __name__ == "__main__":
    main()

"""Logs as JSON lines on stderr that hold no personal data, because only known keys come through.

A key that is not in `KNOWN_KEYS` is left out, and named in `refused`, so that its value never reaches a disk;
with ``strict`` (tests) it raises. People appear as short keyed hashes that change with each start of a node.
Records of libraries go the same way: of their texts only the unfilled template is written, of exceptions the
types and places in the code, never its message, which may quote a value.
"""

import asyncio
import hmac
import logging
import secrets
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
import structlog

KNOWN_KEYS = frozenset(
    {
        "attempt",
        "bytes",
        "code",
        "count",
        "duration_ms",
        "engine",
        "epoch",
        "error",
        "event",
        "event_type",
        "frames",
        "jurisdiction",
        "lag",
        "level",
        "logger",
        "method",
        "name",
        "operation",
        "person",
        "pid",
        "port",
        "probe",
        "reason",
        "region",
        "request_id",
        "retry_after_s",
        "route",
        "state",
        "status",
        "stream",
        "table",
        "tenant",
        "timestamp",
        "upload_id",
        "version",
        "where",
        "workout_id",
    }
)
"""Add a key here with the code that logs it, after asking whether its values could tell of a person."""

MAX_TEXT_CHARS = 200
MAX_FRAMES = 30
FLUSH_AFTER_S = 0.02

_OWN_LOGGERS = ("region_node", "federation", "policies", "cli", "locales")


class UndeclaredLogKey(Exception):
    """A bug of the code that logs: declare the key in `KNOWN_KEYS`, or do not log it."""


EventDict = MutableMapping[str, Any]
Processor = Callable[[Any, str, EventDict], EventDict]


def only_known_keys(*, strict: bool) -> Processor:
    def processor(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
        refused = sorted(event_dict.keys() - KNOWN_KEYS)
        if refused and strict:
            raise UndeclaredLogKey(", ".join(refused))
        for key in refused:
            del event_dict[key]
        if refused:
            event_dict["refused"] = refused
        for key, value in event_dict.items():
            if isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
                event_dict[key] = value[:MAX_TEXT_CHARS]
        return event_dict

    return processor


def without_message(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    """Turn `exc_info` into the types of the exception and its causes, and where it passed."""
    raised = event_dict.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    elif isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event_dict["error"] = " < ".join(_types(raised))
        event_dict["frames"] = frames(raised.__traceback__)
    return event_dict


def _types(raised: BaseException) -> list[str]:
    names: list[str] = []
    cause: BaseException | None = raised
    while cause is not None and len(names) < MAX_FRAMES:
        names.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return names


def frames(trace: TracebackType | None) -> list[str]:
    """The last places of a traceback; file names are cut to what lies inside the packages."""
    found = traceback.extract_tb(trace)[-MAX_FRAMES:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in found]


@lru_cache(maxsize=2)
def _millisecond(milliseconds: int) -> str:
    second, rest = divmod(milliseconds, 1000)
    return f"{_second(second)}.{rest:03d}Z"


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def timestamp() -> str:
    """Now, in UTC, to the millisecond."""
    return _millisecond(int(time.time() * 1000))


def _stamped(_logger: Any, _method: str, event_dict: EventDict) -> EventDict:
    event_dict["timestamp"] = timestamp()
    return event_dict


_encode = msgspec.json.Encoder(enc_hook=lambda value: type(value).__name__).encode


def _render(_logger: Any, _method: str, event_dict: EventDict) -> bytes:
    return _encode(event_dict)


def configure_logging(*, level: str = "info", stream: BinaryIO | None = None, strict: bool = False) -> None:
    """Send everything that this process logs to *stream* (stderr) as JSON lines; call once, at start."""
    sink = stream or sys.stderr.buffer
    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        without_message,
        only_known_keys(strict=strict),
        _stamped,
        _render,
    ]
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(file=sink),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler()]
    root.setLevel(level.upper())
    for name in list(logging.root.manager.loggerDict):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in ("sanic.access", "websockets", "sanic.websockets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class _LibraryHandler(logging.Handler):
    """Brings records of the standard library's logging into the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        # A text without arguments may have been filled in before: only our own are known to be constant.
        own = record.name.startswith(_OWN_LOGGERS)
        text = str(record.msg) if own or record.args else "text withheld"
        fields: dict[str, Any] = {
            "logger": record.name,
            "where": f"{'/'.join(record.pathname.split('/')[-2:])}:{record.lineno}",
        }
        if record.exc_info:
            fields["exc_info"] = record.exc_info
        log = structlog.get_logger()
        log.log(max(record.levelno, logging.DEBUG), text, **fields)


@lru_cache(maxsize=1)
def _hash_key() -> bytes:
    return secrets.token_bytes(32)


@lru_cache(maxsize=4096)
def short_hash(person_id: str) -> str:
    """Names a person in the logs of one process: lines can be joined, but nobody can be looked up."""
    return hmac.digest(_hash_key(), person_id.encode(), "sha256")[:6].hex()


class RequestLog:
    """One line per request; made for speed, and of a fixed form, so nothing else can get in.

    Lines reach the stream in order, together, within FLUSH_AFTER_S: a system call per request costs more
    than the line. `line` is called in an event loop; call `flush` before it ends.
    """

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stderr.buffer
        self._waiting = False

    def line(self, entry: "RequestLine") -> None:
        self._stream.write(_encode_line(entry) + b"\n")
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(FLUSH_AFTER_S, self.flush)

    def flush(self) -> None:
        self._waiting = False
        self._stream.flush()


class RequestLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`route` is the template, never the path; `person` is a `short_hash`."""

    timestamp: str
    level: str
    event: str
    request_id: str
    route: str
    method: str
    status: int
    duration_ms: float
    tenant: str = ""
    person: str = ""
    code: str = ""


_encode_line = msgspec.json.Encoder().encode

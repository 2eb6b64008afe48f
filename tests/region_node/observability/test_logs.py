"""Logs: JSON lines that nothing personal gets into."""

import json
import logging
from io import BytesIO

import pytest
import structlog

from region_node.observability.logs import (
    MAX_TEXT_CHARS,
    RequestLine,
    RequestLog,
    UndeclaredLogKey,
    configure_logging,
    short_hash,
    timestamp,
)

SECRET = "anna@example.org"


@pytest.fixture
def kept():
    """What logging was before the test, put back after it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream(kept):  # noqa: ARG001 - what it puts back is what this one changes
    sink = BytesIO()
    configure_logging(level="debug", stream=sink)
    return sink


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail():
    try:
        {}[SECRET]
    except KeyError as fault:
        raise ValueError(f"no such person: {SECRET}") from fault


def test_a_line_is_json_with_level_and_time(stream):
    structlog.get_logger().warning("a probe failed", probe="storage", count=3)
    (line,) = lines(stream)
    assert ("a probe failed", "warning", "storage", 3) == tuple(
        line[key] for key in ("event", "level", "probe", "count")
    )
    assert line["timestamp"].endswith("Z")
    assert len("2026-01-01T00:00:00.000Z") == len(timestamp())


def test_an_undeclared_key_loses_its_value(stream):
    structlog.get_logger().info("signed in", email=SECRET, status=200)
    (line,) = lines(stream)
    assert (["email"], 200) == (line["refused"], line["status"])
    assert SECRET.encode() not in stream.getvalue()


@pytest.mark.usefixtures("kept")
def test_an_undeclared_key_is_an_error_in_tests():
    configure_logging(stream=BytesIO(), strict=True)
    with pytest.raises(UndeclaredLogKey, match="email"):
        structlog.get_logger().info("signed in", email=SECRET)


def test_an_exception_is_written_without_its_message(stream):
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("a request failed", route="/v1/things/{thing_id}")
    (line,) = lines(stream)
    assert "builtins.ValueError < builtins.KeyError" == line["error"]
    assert line["frames"][-1].endswith(" fail")
    assert SECRET.encode() not in stream.getvalue()


def test_a_long_text_is_cut(stream):
    structlog.get_logger().info("x", reason="r" * 5000)
    assert MAX_TEXT_CHARS == len(lines(stream)[0]["reason"])


def test_libraries_say_what_happened_but_not_to_whom(stream):
    library = logging.getLogger("some.library")
    library.error("cannot reach %s", SECRET)
    library.error(f"cannot reach {SECRET}")
    try:
        fail()
    except ValueError:
        library.exception("gave up on %s", SECRET)
    filled, formatted, raised = lines(stream)
    assert ("cannot reach %s", "some.library", "error") == tuple(
        filled[key] for key in ("event", "logger", "level")
    )
    assert ("text withheld", True) == (formatted["event"], "test_logs.py" in formatted["where"])
    assert raised["error"].startswith("builtins.ValueError")
    assert SECRET.encode() not in stream.getvalue()


@pytest.mark.usefixtures("kept")
def test_levels_below_the_set_one_are_not_written():
    sink = BytesIO()
    configure_logging(level="warning", stream=sink)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    assert b"" == sink.getvalue()


def test_a_person_is_a_short_hash_that_joins_lines():
    assert short_hash("eu_1") == short_hash("eu_1")
    assert short_hash("eu_1") != short_hash("eu_2")
    assert 12 == len(short_hash("eu_1"))


async def test_a_request_line_leaves_out_what_is_empty():
    sink = BytesIO()
    RequestLog(sink).line(
        RequestLine(
            timestamp="t",
            level="info",
            event="request",
            request_id="r",
            route="/v1/things",
            method="GET",
            status=200,
            duration_ms=1.5,
        )
    )
    (line,) = lines(sink)
    assert {"person", "tenant", "code"}.isdisjoint(line)
    assert ("request", 1.5) == (line["event"], line["duration_ms"])

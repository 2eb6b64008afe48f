"""Where output goes: data on stdout, everything else on stderr; text for people, JSON for programs."""

import sys
from enum import StrEnum
from typing import Any

import msgspec
import yaml
from rich.console import Console

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False)


class OutputFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


def emit(document: Any, output: OutputFormat = OutputFormat.JSON) -> None:
    """Write one document to stdout: JSON on a single line, or a YAML document."""
    if output is OutputFormat.YAML:
        sys.stdout.write(yaml.safe_dump(msgspec.to_builtins(document), sort_keys=False, explicit_start=True))
    else:
        sys.stdout.buffer.write(msgspec.json.encode(document) + b"\n")
    sys.stdout.flush()

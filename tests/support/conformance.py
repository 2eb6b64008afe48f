"""Asks schemathesis whether an API answers as its description says, whatever it is sent."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
SEED = 1
QUICK = ("examples", "fuzzing")
ALL = ("examples", "coverage", "fuzzing", "stateful")


async def conformance_report(
    url: str,
    *,
    headers: dict[str, str],
    examples: int,
    phases: tuple[str, ...] = ALL,
    leave_out: tuple[str, ...] = (),
    signs_in: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run schemathesis over the document at *url*; its exit status (0: no fault found) and its report.

    *leave_out* are paths, such as those of streams that do not end. Whoever *signs_in* does so again when
    their session has ended: the walk lasts longer than a token, and ends sessions itself.
    """
    arguments = ["--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", str(SEED)]
    arguments += ["--phases", ",".join(phases)]
    arguments += ["--workers", "1", "--no-color", "--generation-database", "none"]
    for name, value in headers.items():
        arguments += ["--header", f"{name}: {value}"]
    for path in leave_out:
        arguments += ["--exclude-path", path]
    with tempfile.TemporaryDirectory() as directory:
        settings = Path(directory) / "schemathesis.toml"
        settings.write_bytes(msgspec.toml.encode(_session(signs_in) if signs_in else {}))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            url,
            *arguments,
            cwd=directory,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


def _session(signs_in: Mapping[str, str]) -> dict[str, object]:
    way = {"path": "/v1/sign-in", "payload": dict(signs_in), "extract_selector": "/access_token"}
    return {"auth": {"dynamic": {"openapi": {"person": way}}}}

"""Runs a program of this machine to its end: the one place of this package that does."""

import subprocess  # servers and their tools are programs # nosec B404
from collections.abc import Mapping, Sequence

TIMEOUT_S = 120.0


def run_program(
    argv: Sequence[str],
    *,
    typed: str = "",
    timeout_s: float = TIMEOUT_S,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run *argv* without a shell and capture what it prints; its exit status is the caller's to judge.

    *typed* is its standard input: the place for a secret, which must never be in *argv*. Without an
    *environment* it has that of this process.

    Raises:
        subprocess.TimeoutExpired: it took longer than *timeout_s* and was killed.
    """
    return subprocess.run(  # noqa: S603 - no shell; every caller names its program # nosec B603
        argv,
        input=typed,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        env=None if environment is None else dict(environment),
    )

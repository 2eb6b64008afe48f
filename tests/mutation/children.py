"""Runs every mutant in a forked child of its own, a few at a time, each with a time limit."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import wait
from typing import Generic, TypeVar

Mutant = TypeVar("Mutant")
FORK = multiprocessing.get_context("fork")
KILLED_EXIT = 1


class Fate(Enum):
    KILLED = "killed"
    TIMED_OUT = "timed-out"
    SURVIVED = "survived"


@dataclass
class _Child(Generic[Mutant]):
    mutant: Mutant
    process: "multiprocessing.context.ForkProcess"
    until: float


def fates(
    mutants: Iterable[Mutant], survives: Callable[[Mutant], bool], *, at_once: int, limit_s: float
) -> Iterator[tuple[Mutant, Fate]]:
    """Yield what became of each of *mutants*, in the order in which they end; a child runs *survives*."""
    waiting, running = iter(mutants), list[_Child[Mutant]]()
    while True:
        while len(running) < at_once and (mutant := next(waiting, None)) is not None:
            process = FORK.Process(target=_silently, args=(survives, mutant), daemon=True)
            process.start()
            running.append(_Child(mutant, process, time.monotonic() + limit_s))
        if not running:
            return
        left = max(0.0, min(child.until for child in running) - time.monotonic())
        wait([child.process.sentinel for child in running], timeout=left)
        for child in list(running):
            fate = _fate(child)
            if fate is not None:
                running.remove(child)
                yield child.mutant, fate


def _fate(child: _Child[Mutant]) -> Fate | None:
    """Return None while the child has time."""
    if child.process.exitcode is not None:
        return Fate.KILLED if child.process.exitcode else Fate.SURVIVED
    if time.monotonic() < child.until:
        return None
    child.process.kill()
    child.process.join()
    return Fate.TIMED_OUT


def _silently(survives: Callable[[Mutant], bool], mutant: Mutant) -> None:
    """Exit with 0 if *mutant* survives; whatever else happens, it is dead."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    status = KILLED_EXIT
    try:
        status = 0 if survives(mutant) else KILLED_EXIT
    finally:
        sys.stdout.flush()
        os._exit(status)

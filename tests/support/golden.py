"""Writes the bytes of each event type that has none yet: `python -m tests.support.golden`."""

from pathlib import Path

from federation.catalogue import CATALOGUE
from tests.support.envelopes import sealed

GOLDEN = Path(__file__).parent.parent / "federation" / "golden"


def golden_file(event):
    return GOLDEN / f"{event.number:04}.{event.name}.v{event.version}.json"


if __name__ == "__main__":
    for event in CATALOGUE.values():
        if not golden_file(event).exists():
            golden_file(event).write_bytes(sealed(event))

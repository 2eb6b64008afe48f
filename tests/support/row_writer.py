"""A process that writes rows and says on stdout which were acknowledged, until it is killed or told no.

Run as ``python row_writer.py DIRECTORY FILE_LIMIT_BYTES ROW_BYTES``; a limit of 0 is none.
"""

import asyncio
import resource
import signal
import sys
from pathlib import Path

from region_node.storage.engine import CreateTable, Put
from region_node.storage.errors import StorageUnavailable
from region_node.storage.sqlite import SqliteEngine
from tests.contracts.storage.declared import ITEMS

WRITERS = 8
REFUSED = "refused"


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def write(directory: Path, row_bytes: int) -> None:
    engine = SqliteEngine(directory)
    await engine.apply("eu", [CreateTable(ITEMS)])

    async def writer(box: str) -> None:
        for position in range(1_000_000):
            row = {"tenant": "t", "jurisdiction": "eu", "box": box, "position": position}
            try:
                await engine.write("eu", [Put(ITEMS, {**row, "value": "x" * row_bytes})])
            except StorageUnavailable:
                tell(REFUSED)
                return
            tell(f"{box} {position}")

    await asyncio.gather(*(writer(str(number)) for number in range(WRITERS)))


if __name__ == "__main__":
    limit = int(sys.argv[2])
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[3])))

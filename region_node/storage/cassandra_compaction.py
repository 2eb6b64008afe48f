"""Forced compaction: the driver cannot ask for it, so Cassandra's own tool is run, where it is set up."""

import asyncio
from dataclasses import dataclass

from region_node.storage.errors import StorageUnavailable

PATIENCE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Compactor:
    """`nodetool` are the words that run the tool for a server, as in ``nodetool -h 10.0.0.4``; or none."""

    nodetool: tuple[str, ...]

    async def clear(self, keyspace: str) -> bool:
        """Bring what is in memory to disk, then write all of a keyspace's files anew.

        What was deleted goes; its tombstones go as well once they are older than the table's grace, and so do
        the server's own notes on conditional writes and batches, which hold keys and rows.

        Raises:
            StorageUnavailable: the tool failed, or took longer than PATIENCE_S.
        """
        if not self.nodetool:
            return False
        await self._run("flush")
        await self._run("compact", keyspace)
        await self._run("compact", "system", "paxos", "batches")
        return True

    async def _run(self, *words: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.nodetool,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await process.wait()
        except TimeoutError:
            process.kill()
            raise StorageUnavailable(f"nodetool {words[0]} takes too long") from None
        if status:
            raise StorageUnavailable(f"nodetool {words[0]} ended with {status}")

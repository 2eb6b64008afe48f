"""A link between two places on loopback that can be long, cut (nothing comes, nothing is said) or broken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65_536


class Proxy:
    """Forwards to *target* (a URL), each direction *delay_s* late. `carried` counts bytes."""

    def __init__(self, target: str, delay_s: float = 0.0) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self._scheme = parts.scheme
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.whole = asyncio.Event()
        self.whole.set()
        self.delay_s = delay_s
        self.carried = 0

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """From now on nothing gets through, and nobody is told."""
        self.whole.clear()

    def heal(self) -> None:
        """What was cut is gone: connections of before end, new ones work."""
        self.break_off()
        self.whole.set()

    def break_off(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        self._server.close()
        self.break_off()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader, writer) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self.whole.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._writers |= {writer, far_writer}
            try:
                await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
            finally:
                self._writers -= {writer, far_writer}
                for one in (writer, far_writer):
                    one.transport.abort()

    async def _carry(self, reader, writer) -> None:
        """Late by the delay, but with as much on the way as is sent: a long link, not a slow one."""
        late: asyncio.Queue = asyncio.Queue()
        task = asyncio.create_task(self._write(late, writer))
        try:
            while data := await reader.read(CHUNK):
                self.carried += len(data)
                late.put_nowait((asyncio.get_running_loop().time() + self.delay_s, data))
            late.put_nowait((0.0, b""))
            await task
        finally:
            task.cancel()

    async def _write(self, late, writer) -> None:
        while True:
            due, data = await late.get()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            await self.whole.wait()
            if not data:
                writer.write_eof() if writer.can_write_eof() else writer.close()
                return
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def proxy_to(target: str, delay_s: float = 0.0) -> AsyncIterator[Proxy]:
    proxy = Proxy(target, delay_s)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()

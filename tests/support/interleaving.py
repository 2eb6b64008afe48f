"""Runs tasks one step at a time, in any order that a test draws, and kills them between two steps.

A step is one call of a wrapped object: of the store, the broker, a source. Between steps nothing waits for
anything outside, so that the same choices lead to the same run.
"""

import asyncio
import inspect

SETTLE_TURNS = 25


class Steps:
    def __init__(self):
        self._waiting = []
        self._working = 0
        self._names = {}

    def wrap(self, one):
        return _Stepped(one, self)

    async def turn(self):
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    async def step(self, call):
        await self.turn()
        self._working += 1
        try:
            return await call()
        finally:
            self._working -= 1

    async def run(self, tasks, choose, may_die):
        """Until all *tasks* have ended. `choose(n)` gives one of n; `may_die` whether a task dies now."""
        while any(not task.done() for task in tasks):
            await self._settle()
            alive = [task for task in tasks if not task.done()]
            if not alive:
                return
            if may_die():
                alive[choose(len(alive))].cancel()
                continue
            self._waiting = [one for one in self._waiting if not one.done()]
            if self._waiting:
                self._waiting.pop(choose(len(self._waiting))).set_result(None)

    async def _settle(self):
        for _ in range(SETTLE_TURNS):
            await asyncio.sleep(0)
        while self._working:
            await asyncio.sleep(0)
            if not self._working:
                for _ in range(SETTLE_TURNS):
                    await asyncio.sleep(0)


class _Stepped:
    def __init__(self, one, steps):
        self._one = one
        self._steps = steps

    def __getattr__(self, name):
        found = getattr(self._one, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def stepped(*args, **kwargs):
            return await self._steps.step(lambda: found(*args, **kwargs))

        return stepped

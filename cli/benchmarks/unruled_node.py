"""The node as it is, but for its gate: it allows everything, asks nobody and counts nothing.

What enforcement is measured against. Run as a module: settings file. No other way leads to such a node.
"""

import sys
from pathlib import Path

import uvloop

from region_node import lifecycle, stores
from region_node.rulings.gate import Gate
from region_node.settings import Settings, load_settings
from region_node.storage.ruled import NOTHING, Withheld


class AllowingGate(Gate):
    async def withheld(self, *_: object) -> Withheld:
        return NOTHING


async def serve(settings: Settings) -> None:
    node = await lifecycle.start(settings)
    await node.run_until_signal()


def main() -> None:
    vars(stores)["Gate"] = AllowingGate  # in this process only
    uvloop.run(serve(load_settings(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()

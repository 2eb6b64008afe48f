"""Files made to harm: each is refused with its reason, in bounded memory, while the node answers others."""

import asyncio
import gzip
import io
import zipfile
import zlib

import numpy as np
import psutil

from region_node.features.workouts.importing.limits import MAX_FILE_BYTES
from tests.support.node import signed_in
from tests.support.workout_files import run_fit, zipped

MIB = 1024 * 1024
MAX_IMPORT_BYTES = 700 * MIB
"""Of a process that holds a file of 50 MB and what it unpacks to, at most 200 MB, beside numpy."""
MAX_NODE_GROWTH_BYTES = 400 * MIB
LOOK_EVERY_S = 0.02


def zeros_as_gzip(size_bytes):
    """*size_bytes* of nothing, in a thousandth of their size."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(bytes(MIB)) for _ in range(size_bytes // MIB)]
    return b"".join([*parts, packer.flush()])


def zip_bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            with archive.open(f"{number}.fit", "w") as member:
                for _ in range(210):
                    member.write(bytes(MIB))
    return target.getvalue()


def gzip_in_gzip(depth=30):
    data = run_fit()
    for _ in range(depth):
        data = gzip.compress(data)
    return data


def zip_in_zip(depth=20):
    data = run_fit()
    for number in range(depth):
        data = zipped({f"{number}.zip": data})
    return data


def entity_bomb():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    kind = f'<!DOCTYPE gpx [<!ENTITY e0 "ha">{levels}]>'
    return f'<?xml version="1.0"?>{kind}<gpx><name>&e11;</name></gpx>'.encode()


def outside_entity():
    return (
        b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<gpx><trk><name>&x;</name></trk></gpx>"
    )


def deep_xml():
    return b'<?xml version="1.0"?><gpx>' + b"<a>" * 2_000_000


def climbing_names():
    return zipped({"../../../../etc/cron.d/run.fit": b"junk", "/absolute.fit": b"junk"})


def junk():
    return b".FIT" + np.random.default_rng(7).bytes(MAX_FILE_BYTES - 4)


FILES = {
    "gzip bomb": (lambda: zeros_as_gzip(600 * MIB), {"too_large", "unsafe_archive"}),
    "zip bomb": (zip_bomb, {"too_large", "unsafe_archive"}),
    "gzip in gzip": (gzip_in_gzip, {"unsafe_archive", "unknown_format"}),
    "zip in zip": (zip_in_zip, {"unsafe_archive", "unknown_format"}),
    "entities": (entity_bomb, {"unsafe_xml"}),
    "outside entity": (outside_entity, {"unsafe_xml"}),
    "deep xml": (deep_xml, {"unsafe_xml", "malformed", "too_large", "no_samples"}),
    "names that climb": (climbing_names, {"unsafe_archive", "unknown_format"}),
    "junk": (junk, {"unknown_format", "malformed", "truncated"}),
}


class Watch:
    """Asks the node for something small all the time, and looks at the memory of all processes."""

    def __init__(self, node, athlete):
        self._node, self._athlete = node, athlete
        self.statuses = []
        self.most_import_bytes = 0
        self.most_node_bytes = 0

    async def run(self):
        while True:
            self.statuses.append((await self._athlete.http.get("/v1/me")).status_code)
            self.statuses.append((await self._athlete.http.get("/health/ready")).status_code)
            for pid in self._node.container.workouts.processes.pids():
                self.most_import_bytes = max(self.most_import_bytes, psutil.Process(pid).memory_info().rss)
            self.most_node_bytes = max(self.most_node_bytes, psutil.Process().memory_info().rss)
            await asyncio.sleep(LOOK_EVERY_S)


async def test_every_hostile_file_is_refused_while_the_node_goes_on(node):
    async with signed_in(node) as ana, signed_in(node, email="bo@example.org") as bo:
        made = {name: await asyncio.to_thread(make) for name, (make, _) in FILES.items()}
        before_bytes = psutil.Process().memory_info().rss
        watch = Watch(node, bo)
        watching = asyncio.create_task(watch.run())
        ended = {name: await ana.upload(data, f"{name}.fit") for name, data in made.items()}
        watching.cancel()
        codes = {name: {item["code"] for item in upload["items"]} for name, upload in ended.items()}
        assert {"refused"} == {upload["state"] for upload in ended.values()}, codes
        assert {} == {name: found for name, found in codes.items() if not found <= FILES[name][1]}
        assert {200} == set(watch.statuses)
        assert len(watch.statuses) > len(FILES)
        assert 0 < watch.most_import_bytes < MAX_IMPORT_BYTES
        assert watch.most_node_bytes - before_bytes < MAX_NODE_GROWTH_BYTES
        assert "done" == (await ana.upload(run_fit(), "run.fit"))["state"]


async def test_a_file_that_is_too_large_is_not_taken(node):
    async with signed_in(node) as ana:
        answer = await ana.send(bytes(MAX_FILE_BYTES + 1))
        assert (413, "body_too_large") == (answer.status_code, answer.json()["code"])
        assert [] == await ana.all("/v1/uploads")
        objects = node.settings.node.data_directory / "objects"
        assert [] == [path for path in objects.rglob("*") if path.is_file() and path.stat().st_size > MIB]

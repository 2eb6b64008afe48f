from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from region_node.control.database import ControlDatabase


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
async def control_url(request, tmp_path):
    """An empty database of its own on each engine."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'control.sqlite'}"
        return
    server = request.getfixturevalue("postgres_server").url_file.read_text()
    name = f"meridian_test_{uuid4().hex}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def database(control_url):
    async with await ControlDatabase.open(control_url) as opened:
        await opened.migrate()
        yield opened

"""Hears every message that goes through a region's NATS, whatever stream keeps it and however short."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.client import Client

from region_node.settings import Settings, read_secret

OWN_TALK = ("$", "_INBOX.")
"""Subjects of the server itself: requests for streams and consumers, and their answers."""


@asynccontextmanager
async def eavesdropping(settings: Settings) -> AsyncIterator[list[tuple[str, bytes]]]:
    """Subjects and bodies, in order of arrival; a broker that comes back is listened to again."""
    heard: list[tuple[str, bytes]] = []

    async def hear(message) -> None:
        heard.append((message.subject, message.data + str(message.headers or "").encode()))

    async def away(_: Exception) -> None:
        """It is stopped on purpose."""

    client = Client()
    password = read_secret(settings.nats.password_file)
    await client.connect(
        settings.nats.url,
        user=settings.nats.username,
        password=password,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
        error_cb=away,
    )
    try:
        await client.subscribe(">", cb=hear)
        await client.flush()
        yield heard
    finally:
        await client.close()


def said(heard: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Without what clients and server say about streams."""
    return [(subject, body) for subject, body in heard if not subject.startswith(OWN_TALK)]

"""Puts the packs that ship with this version on record, signed by the region; the first ones take effect."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from region_node.control.pack_proofs import activation_bytes, digest
from region_node.control.pack_versions import PackVersions
from region_node.control.records import PackActivation, PackText
from region_node.packs import shipped_files, shipped_packs
from region_node.security.signing_keys import SigningKey


async def ship_packs(versions: PackVersions, key: SigningKey) -> tuple[str, ...]:
    """Record every shipped pack, and activate it at once where its jurisdiction has none that can be read.

    A jurisdiction that has one keeps it: a release brings a newer pack, and two people decide that it holds.

    Returns:
        The packs that wait for them, as ``eu 2026-11-21``.

    Raises:
        AlreadyThere: A shipped file has changed without a new version.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    known = {(text.jurisdiction, text.version): text.sha256 for text in await versions.texts()}
    readable = set(known.values())
    active = {one.jurisdiction for one in await versions.activations() if one.sha256 in readable}
    waiting = []
    for text in await asyncio.to_thread(shipped_texts, now):
        name = (text.jurisdiction, text.version)
        if text.jurisdiction not in active:
            await versions.ship(text, signed_activation(text, now, key))
        elif known.get(name) != text.sha256:
            await versions.record(text)
            waiting.append(" ".join(name))
    return tuple(waiting)


def shipped_texts(now: datetime) -> tuple[PackText, ...]:
    """The packs of this version, by jurisdiction."""
    files = shipped_files()
    return tuple(
        PackText(
            jurisdiction=str(jurisdiction),
            version=pack.version,
            sha256=digest(files[f"{jurisdiction}.toml"]),
            text=files[f"{jurisdiction}.toml"],
            recorded_at=now,
        )
        for jurisdiction, pack in sorted(shipped_packs().by_jurisdiction.items())
    )


def signed_activation(text: PackText, now: datetime, key: SigningKey) -> PackActivation:
    """The activation of what ships: from *now* on, by the region's word."""
    activation = PackActivation(
        number=0,
        jurisdiction=text.jurisdiction,
        version=text.version,
        sha256=text.sha256,
        active_from=now,
        decided_at=now,
        act_id=None,
        signer=key.public,
        signature="",
    )
    return replace(activation, signature=key.sign(activation_bytes(activation)))

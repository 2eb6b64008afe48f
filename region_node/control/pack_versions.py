"""Versions of packs on record, and which of them takes effect when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from region_node.control.database import ControlDatabase
from region_node.control.models import OperatorRow, PackActivationRow, PackTextRow
from region_node.control.operator_rows import recorded_acts
from region_node.control.records import PackActivation, PackText, RecordedAct
from region_node.control.store import AlreadyThere


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What activations rest on: texts by digest, acts by id, approval keys by operator id."""

    texts: dict[str, PackText]
    acts: dict[str, RecordedAct]
    operator_keys: dict[str, str]


class PackVersions:
    """Safe to share between tasks."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    async def record(self, text: PackText) -> None:
        """Put a version on record; repeating it is harmless, and it has no effect until it is activated.

        Raises:
            AlreadyThere: The version exists with another content: a pack is never changed, only followed.
        """
        await self._database.run_in_transaction(insert_text(text))

    async def ship(self, text: PackText, activation: PackActivation) -> None:
        """Record what ships with the software and put it in force, both or neither.

        Raises:
            AlreadyThere: As in `record`.
        """
        await self._database.run_in_transaction(_ship(text, activation))

    async def newest_number(self) -> int:
        """Changes whenever there is something new to read."""
        return await self._database.run(_newest_number())

    async def activations(self, jurisdiction: str | None = None) -> tuple[PackActivation, ...]:
        """In the order of decision. Each took two people or a release, so that there are few."""
        return await self._database.run(activations(jurisdiction))

    async def texts(self, jurisdiction: str | None = None) -> tuple[PackText, ...]:
        """Every version on record, oldest first, their texts left out."""
        return await self._database.run(_listed(jurisdiction))

    async def text(self, jurisdiction: str, version: str) -> PackText | None:
        return await self._database.run(text_of(jurisdiction, version))

    async def evidence(self, wanted: Collection[PackActivation]) -> Evidence:
        """What the *wanted* activations rest on; what is missing is left out."""
        return await self._database.run(_evidence(wanted))


async def insert_text(text: PackText) -> None:
    """For use inside a transaction of this package."""
    known = await text_of(text.jurisdiction, text.version)
    if known is None:
        try:
            await PackTextRow.create(
                sha256=text.sha256,
                jurisdiction=text.jurisdiction,
                version=text.version,
                text=text.text,
                recorded_at=text.recorded_at,
            )
        except IntegrityError:
            raise AlreadyThere(f"this text is on record, or {text.version} was recorded just now") from None
    elif (known.sha256, known.text) != (text.sha256, text.text):
        raise AlreadyThere(
            f"pack {text.jurisdiction} {text.version} is on record with another content:"
            " give the changed pack a new version"
        )


async def insert_activation(activation: PackActivation) -> None:
    """For use inside a transaction of this package; its number is given by the database."""
    await PackActivationRow.create(
        jurisdiction=activation.jurisdiction,
        version=activation.version,
        sha256=activation.sha256,
        active_from=activation.active_from,
        decided_at=activation.decided_at,
        act_id=activation.act_id,
        signer=activation.signer,
        signature=activation.signature,
    )


async def text_of(jurisdiction: str, version: str) -> PackText | None:
    row = await PackTextRow.get_or_none(jurisdiction=jurisdiction, version=version)
    return None if row is None else _text(row)


async def activations(jurisdiction: str | None = None) -> tuple[PackActivation, ...]:
    """For use inside a transaction of this package, as `PackVersions.activations`."""
    every = PackActivationRow.all()
    rows = every if jurisdiction is None else every.filter(jurisdiction=jurisdiction)
    return tuple([_activation(row) for row in await rows.order_by("id")])


def in_force(decided: Collection[PackActivation], at: datetime) -> tuple[PackActivation, ...]:
    """Return those of one jurisdiction that have begun by *at*: the first is in force, the others were."""
    begun = [activation for activation in decided if activation.active_from <= at]
    return tuple(sorted(begun, key=lambda activation: -activation.number))


async def _ship(text: PackText, activation: PackActivation) -> None:
    await insert_text(text)
    await insert_activation(activation)


async def _newest_number() -> int:
    row = await PackActivationRow.all().order_by("-id").first()
    return 0 if row is None else row.id


async def _listed(jurisdiction: str | None) -> tuple[PackText, ...]:
    rows = PackTextRow.all() if jurisdiction is None else PackTextRow.filter(jurisdiction=jurisdiction)
    columns = ("sha256", "jurisdiction", "version", "recorded_at")
    return tuple(
        [PackText(**row, text="") for row in await rows.order_by("jurisdiction", "version").values(*columns)]
    )


async def _evidence(wanted: Collection[PackActivation]) -> Evidence:
    digests = [activation.sha256 for activation in wanted]
    ids = {activation.act_id for activation in wanted if activation.act_id is not None}
    return Evidence(
        texts={row.sha256: _text(row) for row in await PackTextRow.filter(sha256__in=digests)},
        acts=await recorded_acts(sorted(ids)),
        operator_keys={row.id: row.approval_key for row in await OperatorRow.all()},
    )


def _text(row: PackTextRow) -> PackText:
    return PackText(
        jurisdiction=row.jurisdiction,
        version=row.version,
        sha256=row.sha256,
        text=row.text,
        recorded_at=row.recorded_at,
    )


def _activation(row: PackActivationRow) -> PackActivation:
    return PackActivation(
        number=row.id,
        jurisdiction=row.jurisdiction,
        version=row.version,
        sha256=row.sha256,
        active_from=row.active_from,
        decided_at=row.decided_at,
        act_id=row.act_id,
        signer=row.signer,
        signature=row.signature,
    )

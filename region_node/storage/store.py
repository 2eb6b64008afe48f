"""A tenant's view of one jurisdiction: puts tenant and jurisdiction into every row, seals and unseals.

Callers never name the tenant, so no query can reach another one's rows. Sealed columns are bound
to table, row and column; a value that was moved does not open. A store is bound to a purpose by its gate:
what that purpose may not see is not opened, and left out of the rows that it returns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from region_node.security.sealing import DataKey, seal, unseal
from region_node.storage.engine import (
    Claim,
    Delete,
    DeletePartition,
    Engine,
    Key,
    Page,
    Put,
    Row,
    Slice,
    Update,
    Value,
    Write,
)
from region_node.storage.flagged import flag_of
from region_node.storage.person_keys import PersonKeys
from region_node.storage.ruled import NOTHING, Refusal, RefusedByPolicy, RowGate, RuledRow, Withheld
from region_node.storage.schema import JURISDICTION, TENANT, ColumnType, Table

Answers = dict[str, Withheld | None]
"""By person, while one answer is put together."""


@dataclass(frozen=True, slots=True)
class TenantStore:
    """Reads and writes of one tenant in one jurisdiction; rows go in and come out in the clear."""

    engine: Engine
    keys: PersonKeys
    tenant: str
    jurisdiction: str
    gate: RowGate | None = None
    """None for the machinery that rulings themselves rest on, and nowhere else."""

    async def get(self, table: Table, *key: Value) -> Row | None:
        """One row, without the columns that are withheld.

        Raises:
            RefusedByPolicy: the key names a person of whom nothing may be seen. A row that was found by other
                means is not there instead, here and in lists: whether it exists is not told.
        """
        row = await self.engine.get(self.jurisdiction, table, (self.tenant, *key))
        return await self._shown(table, row, {}) if row else None

    async def get_many(self, table: Table, keys: Sequence[Key]) -> list[Row | None]:
        found = await self.engine.get_many(self.jurisdiction, table, [(self.tenant, *key) for key in keys])
        answers: Answers = {}
        return [await self._shown(table, row, answers) if row else None for row in found]

    async def slice(self, table: Table, query: Slice) -> Page:
        """*query* names the partition without the tenant; a page may be shorter than its limit."""
        query = replace(query, partition=(self.tenant, *query.partition))
        page = await self.engine.slice(self.jurisdiction, table, query)
        if page.rows and table.is_of_one:
            return Page(await self._shown_alike(table, page.rows), page.after)
        answers: Answers = {}
        shown = [await self._shown(table, row, answers) for row in page.rows]
        return Page([row for row in shown if row is not None], page.after)

    async def withheld(self, table: Table, person_id: str) -> Withheld:
        """The columns of *table* that are left out of rows about a person.

        Raises:
            RefusedByPolicy: nothing may be seen.
        """
        return await self.gate.withheld(table, person_id) if self.gate else NOTHING

    async def write(self, *writes: Write) -> None:
        """One write, or a logged batch of several; keys of deletes go without the tenant."""
        await self.engine.write(self.jurisdiction, [await self._placed(write) for write in writes])

    async def write_everywhere(self, *writes: Write) -> bool:
        """As `write`, for what must outlive a datacenter; False, and flagged, where one is away."""
        placed = [await self._placed(write) for write in writes]
        replicated = await self.engine.write_everywhere(self.jurisdiction, placed)
        if not replicated:
            flag = flag_of([write.table for write in writes], datetime.now(UTC))
            await self.engine.write(self.jurisdiction, [await self._placed(flag)])
        return replicated

    async def claim(self, table: Table, row: Mapping[str, Value]) -> Claim:
        """Raises RefusedByPolicy where the row that stands is about somebody of whom nothing may be seen."""
        return await self._other(table, await self.engine.claim(self.jurisdiction, table, self._owned(row)))

    async def swap(self, table: Table, expected: Mapping[str, Value], row: Mapping[str, Value]) -> Claim:
        """As `claim`."""
        claim = await self.engine.swap(self.jurisdiction, table, expected, self._owned(row))
        return await self._other(table, claim)

    async def release(self, table: Table, key: Key, expected: Mapping[str, Value]) -> bool:
        return await self.engine.release(self.jurisdiction, table, (self.tenant, *key), expected)

    def _owned(self, row: Mapping[str, Value]) -> Row:
        return {**row, TENANT: self.tenant, JURISDICTION: self.jurisdiction}

    async def _placed(self, write: Write) -> Write:
        if not isinstance(write, Put):
            return await self._updated(replace(write, key=(self.tenant, *write.key)))
        row = self._owned(write.row)
        if write.table.sealed_columns:
            key = await self.keys.get(self.tenant, str(row[write.table.subject[0]]))
            _seal(write.table, row, key, write.table.sealed_columns)
        return replace(write, row=row)

    async def _updated(self, write: Update | Delete | DeletePartition) -> Write:
        if not isinstance(write, Update):
            return write
        table = write.table
        row: Row = dict(zip(table.key, write.key, strict=True)) | dict(write.values)
        sealed = [name for name in table.sealed_columns if name in write.values]
        if sealed:
            _seal(table, row, await self.keys.get(self.tenant, str(row[table.subject[0]])), sealed)
        return replace(write, values={name: row[name] for name in write.values})

    async def _shown(self, table: Table, row: Row, answers: Answers) -> Row | None:
        """*row* with its seals open; None where it is about somebody of whom nothing may be seen."""
        withheld = await self._withheld(table, row, answers)
        return None if withheld is None else (await self._opened(table, [row], withheld))[0]

    async def _shown_alike(self, table: Table, rows: list[Row]) -> list[Row]:
        """As `_shown`, of rows whose partition names everybody whom they are about."""
        withheld = await self._withheld(table, rows[0], {})
        return [] if withheld is None else await self._opened(table, rows, withheld)

    async def _opened(self, table: Table, rows: list[Row], withheld: Withheld) -> list[Row]:
        """*rows* about the same people, with open seals."""
        sealed = table.sealed_columns
        if withheld:
            sealed = tuple(name for name in sealed if name not in withheld)
        if sealed:
            key = await self.keys.get(self.tenant, str(rows[0][table.subject[0]]))
            for row in rows:
                _unseal(table, row, key, sealed)
        return [RuledRow(row, withheld) for row in rows] if withheld else rows

    async def _withheld(self, table: Table, row: Row, answers: Answers) -> Withheld | None:
        """Of rows about several people, what is withheld of any."""
        if self.gate is None:
            return NOTHING
        merged = NOTHING
        for name in table.subject:
            person = str(row[name])
            if person and person not in answers:
                answers[person] = await self._asked(table, name, person)
            withheld = answers[person] if person else NOTHING
            if withheld is None:
                return None
            merged = {**merged, **withheld} if merged and withheld else merged or withheld
        return merged

    async def _asked(self, table: Table, subject: str, person_id: str) -> Withheld | None:
        try:
            return await self.withheld(table, person_id)
        except RefusedByPolicy:
            if subject in table.partition:
                raise
            return None

    async def _other(self, table: Table, claim: Claim) -> Claim:
        """What was not won is somebody's row, and read as such."""
        if claim.won or not claim.row or self.gate is None:
            return claim
        withheld: dict[str, Refusal] = {}
        for name in table.subject:
            withheld |= await self.withheld(table, str(claim.row[name]))
        return Claim(won=False, row=RuledRow(claim.row, withheld)) if withheld else claim


def _seal(table: Table, row: Row, key: DataKey, columns: Sequence[str]) -> None:
    place = row_name(table, row)
    for name in columns:
        value = row[name]
        plain = value if isinstance(value, bytes) else str(value).encode()
        row[name] = seal(key, plain, table=table.name, row=place, column=name)


def _unseal(table: Table, row: Row, key: DataKey, columns: Sequence[str]) -> None:
    place = row_name(table, row)
    for name in columns:
        sealed = row[name]
        plain = unseal(
            key, sealed if isinstance(sealed, bytes) else b"", table=table.name, row=place, column=name
        )
        row[name] = plain.decode() if table.columns[name].type is ColumnType.TEXT else plain


def row_name(table: Table, row: Mapping[str, Value]) -> str:
    """What binds a sealed value to its row: all parts of the key, tenant first, as engines keep them."""
    return "\x1f".join(_part(row[name]) for name in table.key)


def _part(value: Value) -> str:
    """Instants to the millisecond, whatever zone they were written in."""
    return str(round(value.timestamp() * 1000)) if isinstance(value, datetime) else str(value)

"""Data keys of people, wrapped under the key-encryption epoch of their jurisdiction.

The wrapped keys lie in a space of their own (`keys`), whose backups are short-lived: destroying
a key here makes everything sealed with it unreadable, wherever a copy may lie.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from policies.vocabulary import DataCategory
from region_node.ids import jurisdiction_of, name_of
from region_node.security.file_keyring import wrapped_epoch
from region_node.security.keyring import EpochDestroyed, EpochState, KeyEncryption
from region_node.security.sealing import DataKey
from region_node.storage.engine import KEYS, Engine, Key, Row, Value
from region_node.storage.schema import JURISDICTION, TENANT, Budget, Column, ColumnType, SpaceKind, Table
from region_node.storage.values import blob, text

MAX_CACHED = 10_000
SCAN_PAGE = 200

DATA_KEYS = Table(
    name="data_keys",
    partition=("name",),
    columns={
        "name": Column(ColumnType.TEXT, DataCategory.PSEUDONYM),
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "epoch": Column(ColumnType.INT, DataCategory.NON_PERSONAL),
        "wrapped": Column(ColumnType.BYTES, DataCategory.CREDENTIAL),
        "created_at": Column(ColumnType.INSTANT, DataCategory.TIMESTAMP),
    },
    subject=("person_id",),
    space=SpaceKind.KEYS,
    conditional=True,
    budget=Budget(rows=1, row_bytes=500),
)


class PersonKeyGone(LookupError):
    """The person has no data key here: never had one, or was erased. What it sealed cannot be read."""


class PersonKeys:
    """Makes, finds and destroys data keys; keeps the last MAX_CACHED opened ones in memory."""

    def __init__(
        self,
        engine: Engine,
        ring: KeyEncryption,
        table: Table = DATA_KEYS,
        wrapped_for: Callable[[str], str] = jurisdiction_of,
    ) -> None:
        """Of keys in another *table*, `wrapped_for` says under whose epoch the one of a person is wrapped."""
        self._engine = engine
        self._ring = ring
        self._table = table
        self._wrapped_for = wrapped_for
        self._opened: OrderedDict[tuple[str, str], DataKey] = OrderedDict()

    async def create(self, tenant: str, person_id: str) -> DataKey:
        """Make the key of a new person, durable before it is returned."""
        key = DataKey.generate()
        await self._engine.claim(KEYS, self._table, await self._wrapped(tenant, person_id, key))
        self._remember(tenant, person_id, key)
        return key

    async def ensure(self, tenant: str, person_id: str) -> DataKey:
        """The key that stands, or a new one; of several who make one at once, all get the same.

        Raises:
            PersonKeyGone: the epoch of the one that stands was destroyed.
        """
        row = await self._wrapped(tenant, person_id, DataKey.generate())
        claim = await self._engine.claim(KEYS, self._table, row)
        try:
            key = await self._open(claim.row)
        except EpochDestroyed:
            raise PersonKeyGone("its epoch was destroyed") from None
        self._remember(tenant, person_id, key)
        return key

    async def get_many(self, tenant: str, people: Sequence[str]) -> dict[str, DataKey]:
        """The keys of at most 100 people, by person; who has none is left out."""
        known = {one: key for one in people if (key := self._opened.get((tenant, one))) is not None}
        wanted = [one for one in dict.fromkeys(people) if one not in known]
        rows = await self._engine.get_many(KEYS, self._table, [self._place(tenant, one) for one in wanted])
        for one, row in zip(wanted, rows, strict=True):
            if row is None:
                continue
            try:
                known[one] = await self._open(row)
            except EpochDestroyed:
                continue
            self._remember(tenant, one, known[one])
        return known

    async def get(self, tenant: str, person_id: str) -> DataKey:
        """The opened key.

        Raises:
            PersonKeyGone: there is none, or its epoch was destroyed.
        """
        key = self._opened.get((tenant, person_id)) or await self.read(tenant, person_id)
        if key is None:
            raise PersonKeyGone("no data key")
        return key

    async def read(self, tenant: str, person_id: str) -> DataKey | None:
        """As `get`, but with one read of the store whether the key is there, in memory, or nowhere."""
        row = await self._engine.get(KEYS, self._table, self._place(tenant, person_id))
        if row is None:
            self._opened.pop((tenant, person_id), None)
            return None
        try:
            key = await self._open(row)
        except EpochDestroyed:
            return None
        self._remember(tenant, person_id, key)
        return key

    async def destroy(self, tenant: str, person_id: str) -> None:
        """Repeatable; a rewrap under way does not bring the key back."""
        self._opened.pop((tenant, person_id), None)
        row = await self._engine.get(KEYS, self._table, self._place(tenant, person_id))
        if row is not None:
            expected = {JURISDICTION: row[JURISDICTION]}
            await self._engine.release(KEYS, self._table, self._place(tenant, person_id), expected)

    async def rewrap(self, jurisdiction: str) -> int:
        """Wrap the jurisdiction's keys of older epochs under the current one; returns how many.

        Repeat after an interruption. Once it returns, no living key needs an older epoch.
        """
        current, count = await self._current_epoch(jurisdiction), 0
        after: object | None = None
        while True:
            rows, after = await self._engine.scan(KEYS, self._table, after, SCAN_PAGE)
            for row in rows:
                if row[JURISDICTION] == jurisdiction and row["epoch"] != current:
                    count += await self._rewrap(row)
            if after is None:
                return count

    async def _rewrap(self, row: Row) -> bool:
        """False for a key that was destroyed meanwhile, or whose epoch was."""
        try:
            key = await self._open(row)
        except EpochDestroyed:
            return False
        again = await self._wrapped(text(row, TENANT), self._whose(row), key, row["created_at"])
        return (await self._engine.swap(KEYS, self._table, {"wrapped": row["wrapped"]}, again)).won

    def _named(self, owner: str) -> dict[str, Value]:
        """What a row says of whose key it is: those of people lie under a hash."""
        if "person_id" in self._table.columns:
            return {"name": name_of(owner), "person_id": owner}
        return {self._table.partition[0]: owner}

    def _place(self, tenant: str, owner: str) -> Key:
        return (tenant, self._named(owner)[self._table.partition[0]])

    def _whose(self, row: Row) -> str:
        named = self._named("")
        return text(row, "person_id" if "person_id" in named else self._table.partition[0])

    async def _current_epoch(self, jurisdiction: str) -> int:
        epochs = await self._ring.epochs(jurisdiction)
        return next(epoch.number for epoch in epochs if epoch.state is EpochState.CURRENT)

    async def _wrapped(
        self, tenant: str, person_id: str, key: DataKey, created_at: Value | None = None
    ) -> Row:
        jurisdiction = self._wrapped_for(person_id)
        wrapped = await self._ring.wrap(jurisdiction, _owner(tenant, person_id), key)
        return {
            TENANT: tenant,
            JURISDICTION: jurisdiction,
            **self._named(person_id),
            "epoch": wrapped_epoch(wrapped),
            "wrapped": wrapped,
            "created_at": created_at or datetime.now(UTC).replace(microsecond=0),
        }

    async def _open(self, row: Row) -> DataKey:
        owner = _owner(text(row, TENANT), self._whose(row))
        return await self._ring.unwrap(text(row, JURISDICTION), owner, blob(row, "wrapped"))

    def _remember(self, tenant: str, person_id: str, key: DataKey) -> None:
        self._opened[tenant, person_id] = key
        if len(self._opened) > MAX_CACHED:
            self._opened.popitem(last=False)


def _owner(tenant: str, person_id: str) -> str:
    return f"{tenant}/{person_id}"

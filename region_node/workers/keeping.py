"""What is kept longer than its rule allows: found by walking the stores, and taken away one by one.

A plan and a run see the same findings. What belongs to somebody under a legal hold or a restriction is found
as well, and left where it is.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import msgspec

from policies.pack import PackSet
from policies.retention import Kept, due_of, retention_rules
from policies.sections import CountedFrom, RecordKind, RetentionRule
from policies.vocabulary import DataCategory, Jurisdiction, Purpose
from region_node.features.accounts.model import PersonState
from region_node.features.accounts.store import AccountStore
from region_node.features.accounts.tables import LOGINS, PEOPLE
from region_node.features.rights.erasure.places import OBJECT
from region_node.features.rights.store import RightsStore
from region_node.features.rights.tables import RIGHTS_REQUESTS
from region_node.features.workouts.uploads.model import UploadState
from region_node.features.workouts.uploads.tables import UPLOAD_RESULTS, UPLOADS
from region_node.objects.store import Objects
from region_node.rulings.standing import Standing
from region_node.storage.engine import MAX_PAGE, Delete, DeletePartition, Row
from region_node.storage.schema import TENANT, SpaceKind, Table
from region_node.storage.store import TenantStore
from region_node.storage.values import text
from region_node.stores import Stores

ORPHAN_GRACE = timedelta(days=1)
"""Longer than any upload takes from its object to its row; the platform's own figure."""

REFUSED = {UploadState.REFUSED.value, UploadState.FAILED.value}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is due to go; `held` where a hold or a restriction keeps it."""

    record: str
    rule: str
    ref: str
    purpose: Purpose
    category: DataCategory
    jurisdiction: str
    due_on: date
    held: bool
    take_away: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """`store` is one of the person's rights; `standing` says whether anything protects somebody's data."""

    stores: Stores
    objects: Objects
    packs: Callable[[], PackSet]
    tables: tuple[Table, ...]
    store: Callable[[str, str], TenantStore]
    standing: Callable[[str, str], Awaitable[Standing | None]]
    clock: Callable[[], datetime]

    async def findings(self) -> AsyncIterator[Finding]:
        """All that is due now, jurisdiction by jurisdiction."""
        for jurisdiction in sorted(self.stores.held):
            for walk in (self._uploads, self._sign_ups, self._archives, self._orphans):
                async for finding in walk(jurisdiction):
                    yield finding

    async def _uploads(self, jurisdiction: str) -> AsyncIterator[Finding]:
        async for row in self._rows(jurisdiction, UPLOADS):
            if row["state"] not in REFUSED:
                continue
            rule = self._due(jurisdiction, RecordKind.REFUSED_UPLOAD, Purpose.ANALYSIS, row["received_at"])
            if rule is not None:
                yield await self._finding(rule, row, partial(self._forget_upload, row))

    async def _sign_ups(self, jurisdiction: str) -> AsyncIterator[Finding]:
        async for row in self._rows(jurisdiction, PEOPLE):
            if row["state"] != PersonState.PENDING.value:
                continue
            rule = self._due(jurisdiction, RecordKind.UNCONFIRMED_SIGNUP, Purpose.ACCOUNT, row["created_at"])
            if rule is not None:
                yield await self._finding(rule, row, partial(self._discard, row))

    async def _archives(self, jurisdiction: str) -> AsyncIterator[Finding]:
        """Copies that somebody asked for, whose time to be fetched is over."""
        now = self.clock()
        async for row in self._rows(jurisdiction, RIGHTS_REQUESTS):
            if not row[OBJECT]:
                continue
            rights = RightsStore(self.store(text(row, TENANT), jurisdiction))
            request = await rights.get(text(row, "request_id"))
            if request is None or request.archive_until is None or request.archive_until > now:
                continue
            rule = _Due("archive", "receipt of the request", Purpose.ACCOUNT, request.archive_until.date())
            yield await self._finding(rule, row, partial(self._forget_archive, row))

    async def _orphans(self, jurisdiction: str) -> AsyncIterator[Finding]:
        """Sealed files that no row points to: what an interrupted upload or an erasure under way left."""
        known = await self._known_objects(jurisdiction)
        before = self.clock() - ORPHAN_GRACE
        async for name, written_at in self.objects.listed(jurisdiction):
            if written_at < before and _mark(name) not in known:
                due = (written_at + ORPHAN_GRACE).date()
                yield Finding(
                    record="orphan",
                    rule="no-row",
                    ref="Meridian's own figure",
                    purpose=Purpose.ANALYSIS,
                    category=DataCategory.WORKOUT_SAMPLES,
                    jurisdiction=jurisdiction,
                    due_on=due,
                    held=False,
                    take_away=partial(self.objects.delete, name),
                )

    async def _known_objects(self, jurisdiction: str) -> set[bytes]:
        """Eight bytes of the hash of each name that a row has."""
        known = set()
        for table in self.tables:
            if OBJECT in table.columns and table.space is SpaceKind.HOME:
                async for row in self._rows(jurisdiction, table):
                    known.add(_mark(text(row, OBJECT)))
        return known

    def _due(self, jurisdiction: str, record: RecordKind, purpose: Purpose, since: object) -> "_Due | None":
        today = self.clock().date()
        if not isinstance(since, datetime):
            raise TypeError("an instant")
        rules: tuple[RetentionRule, ...] = retention_rules(self.packs(), Jurisdiction(jurisdiction), today)
        days = {CountedFrom.COLLECTION: since.date()}
        due = due_of(Kept(record=record, purpose=purpose, category=DataCategory.IDENTIFIER, days=days), rules)
        if due is None or due.on > today:
            return None
        return _Due(record.value, due.rule.source.ref, purpose, due.on, due.rule.id)

    async def _finding(self, due: "_Due", row: Row, take_away: Callable[[], Awaitable[None]]) -> Finding:
        standing = await self.standing(text(row, TENANT), text(row, "person_id"))
        return Finding(
            record=due.record,
            rule=due.rule,
            ref=due.ref,
            purpose=due.purpose,
            category=DataCategory.IDENTIFIER,
            jurisdiction=text(row, "jurisdiction"),
            due_on=due.on,
            held=standing is not None and (standing.legal_hold or standing.restricted),
            take_away=take_away,
        )

    async def _forget_upload(self, row: Row) -> None:
        await self.objects.delete(text(row, OBJECT))
        key = (row[TENANT], row["person_id"], row["upload_id"])
        await self.stores.engine.write(
            text(row, "jurisdiction"), [Delete(UPLOADS, key), DeletePartition(UPLOAD_RESULTS, key)]
        )

    async def _discard(self, row: Row) -> None:
        """The key goes first; the login is free again."""
        tenant, jurisdiction, person = text(row, TENANT), text(row, "jurisdiction"), text(row, "person_id")
        accounts = AccountStore(self.store(tenant, jurisdiction))
        await accounts.store.release(LOGINS, (text(row, "login_key"),), {"person_id": person})
        await accounts.discard_of(person)

    async def _forget_archive(self, row: Row) -> None:
        await self.objects.delete(text(row, OBJECT))
        rights = RightsStore(self.store(text(row, TENANT), text(row, "jurisdiction")))
        async with rights.changing(text(row, "request_id")) as request:
            if request is not None:
                await rights.put(request.changed(archive="", archive_until=None))

    async def _rows(self, jurisdiction: str, table: Table) -> AsyncIterator[Row]:
        after: object | None = None
        while True:
            rows, after = await self.stores.engine.scan(jurisdiction, table, after, MAX_PAGE)
            for row in rows:
                yield row
            if after is None:
                return


@dataclass(frozen=True, slots=True)
class _Due:
    record: str
    ref: str
    purpose: Purpose
    on: date
    rule: str = "archive-days"


def _mark(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()

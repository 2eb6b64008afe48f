"""Carrying an erasure through, step by step: each can be repeated, and is noted once it is done.

The account is closed, guardianships end, the manifest is written, the key destroyed; then rows and objects
go, and what stragglers wrote meanwhile a moment later. In the end a signed receipt stands, and nothing says
whose it was.
A node that dies at any point leaves a row in `erasures`; whoever finds it goes on from the step noted there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from federation.catalogue import PERSON_ERASED
from region_node.features.rights.erasure.manifests import Listed, Manifests
from region_node.features.rights.erasure.model import Announced, Erasure, Step
from region_node.features.rights.erasure.places import Person, Places, at_once
from region_node.features.rights.ports import Accounts, Changes, Guardianships, Standings
from region_node.features.rights.receipts import Receipt, ReceiptStep, hashed_person, sign_receipt
from region_node.features.rights.store import Proof, RightsStore
from region_node.ids import name_of
from region_node.objects.store import Objects
from region_node.rulings.standing import STANDINGS
from region_node.security.signing_keys import SigningKey
from region_node.storage.engine import KEYS, Engine
from region_node.storage.outbox import EVENT, OUTBOX, Outbox, Pointer
from region_node.storage.person_keys import DATA_KEYS, PersonKeyGone, PersonKeys
from region_node.storage.values import blob, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`late_after` is how long a request or job that began before may still write. The other two are the
    longest that bytes may lie in files of the stores, and in backups of the key space.
    """

    late_after: timedelta
    disks_within: timedelta
    key_epoch_within: timedelta


class NotYet(Exception):
    """The next step has to wait; nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    engine: Engine
    keys: PersonKeys
    objects: Objects
    places: Places
    accounts: Accounts
    guardianships: Guardianships
    standings: Standings
    changes: Changes
    announce: Callable[[Pointer], None]
    signing_key: Callable[[], SigningKey]
    region: str
    terms: Terms
    clock: Callable[[], datetime]

    async def carry_on(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        """Do the next step.

        Raises:
            NotYet: it is not time for it, or a legal hold was set before anything was destroyed.
            Overtaken: somebody else did it meanwhile.
        """
        steps = {
            Step.APPROVED: self._close,
            Step.ACCOUNT_CLOSED: self._list,
            Step.MANIFEST_WRITTEN: self._destroy_key,
            Step.KEY_DESTROYED: self._delete,
            Step.ROWS_DELETED: self._delete_late,
            Step.LATE_ROWS_DELETED: self._end,
        }
        return await steps[erasure.step](rights, erasure)

    async def _close(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        await self.accounts.close(erasure.tenant, erasure.person_id)
        await self.changes.announce(erasure.tenant, erasure.person_id)
        return await self._done(rights, erasure, erasure.done(Step.ACCOUNT_CLOSED, self._now()))

    async def _list(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        await self._require_no_hold(erasure)
        await self._end_guardianships(erasure)
        key = (erasure.tenant, erasure.person_id)
        standing = await self.engine.get(erasure.jurisdiction, STANDINGS, key)
        wrapped = await self.engine.get(KEYS, DATA_KEYS, (erasure.tenant, name_of(erasure.person_id)))
        manifest = await Manifests(self.places).write(rights.store, erasure)
        listed = erasure.done(
            Step.MANIFEST_WRITTEN,
            self._now(),
            manifest=manifest,
            key_epoch=number(wrapped, "epoch") if wrapped else 0,
            ledger_head=blob(standing, "head").hex() if standing else "",
        )
        return await self._done(rights, erasure, listed)

    async def _destroy_key(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        """From here on nothing that the person's key sealed can be read, in this store or any copy."""
        await self._require_no_hold(erasure)
        await self.keys.destroy(erasure.tenant, erasure.person_id)
        await self.changes.announce(erasure.tenant, erasure.person_id)
        pointer = Outbox(rights.store).pointer(
            EVENT, PERSON_ERASED.name, erasure.person_id, erasure.person_id, 1
        )
        await rights.store.write(pointer.put())
        destroyed = erasure.done(Step.KEY_DESTROYED, self._now(), announced=Announced.of(pointer))
        await self._done(rights, erasure, destroyed)
        self.announce(pointer)
        return destroyed

    async def _require_no_hold(self, erasure: Erasure) -> None:
        """An approval may be older than a hold. What has lost its key already can only be carried through."""
        try:
            standing = await self.standings.standing(erasure.tenant, erasure.person_id)
        except PersonKeyGone:
            return
        if standing is not None and standing.legal_hold:
            raise NotYet

    async def _end_guardianships(self, erasure: Erasure) -> None:
        """Before the rows go that lead to the children; a link under way may add one until the last step."""
        await self.guardianships.end_all(erasure.tenant, erasure.person_id)

    async def _delete(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        person = _person(erasure)
        await self._end_guardianships(erasure)
        await self.places.delete_own(person)
        async for listed in Manifests(self.places).read(rights.store, erasure):
            await self._delete_listed(person, listed)
        return await self._done(rights, erasure, erasure.done(Step.ROWS_DELETED, self._now()))

    async def _delete_listed(self, person: Person, listed: Sequence[Listed]) -> None:
        await at_once([self.objects.delete(one.place) for one in listed if one.is_object])
        await self.places.delete(person, [one.entry for one in listed if not one.is_object])

    async def _delete_late(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        """What was under way when the key went may have written a row or a file meanwhile."""
        person = _person(erasure)
        if self._now() < erasure.at(Step.KEY_DESTROYED) + self.terms.late_after:
            raise NotYet
        if not await self._published(erasure):
            raise NotYet
        await self._end_guardianships(erasure)
        async for names in self.places.objects(person):
            await at_once([self.objects.delete(name) for name in names])
        await self.places.delete_own(person)
        async for entries in self.places.entries(person):
            await self.places.delete(person, entries)
        await self.keys.destroy(erasure.tenant, erasure.person_id)
        await self.places.delete_indexes(person)
        return await self._done(rights, erasure, erasure.done(Step.LATE_ROWS_DELETED, self._now()))

    async def _published(self, erasure: Erasure) -> bool:
        """Whether others were told: the row that tells them is the person's, and goes with the rest."""
        where = erasure.announced
        if where is None:
            return True
        row = await self.engine.get(
            erasure.jurisdiction, OUTBOX, (erasure.tenant, where.bucket, where.pointer_id)
        )
        return row is None or bool(row["done"])

    async def _end(self, rights: RightsStore, erasure: Erasure) -> Erasure:
        now = self._now()
        receipt = self._receipt(erasure, now)
        signed = sign_receipt(receipt, self.signing_key())
        proof = Proof(request_id=erasure.request_id, link=erasure.link, receipt=signed, cleared_at=None)
        await rights.claim_proof(proof)
        await rights.end_erasure(erasure, now + self.terms.disks_within, now)
        return erasure

    def _receipt(self, erasure: Erasure, now: datetime) -> Receipt:
        salt, digest = hashed_person(erasure.person_id)
        manifest = erasure.manifest
        return Receipt(
            request_id=erasure.request_id,
            kind="erasure",
            tenant=erasure.tenant,
            jurisdiction=erasure.jurisdiction,
            region=self.region,
            person_salt=salt,
            person_hash=digest,
            steps=tuple(ReceiptStep(step=one.step.value, at=one.at) for one in erasure.steps),
            completed_at=now,
            manifest_sha256=manifest.sha256 if manifest else "",
            rows=manifest.rows if manifest else {},
            objects=manifest.objects if manifest else 0,
            act_id=erasure.act_id,
            ledger_head=erasure.ledger_head,
            disks_by=now + self.terms.disks_within,
            key_epoch=erasure.key_epoch,
            key_epoch_destroyed_by=now + self.terms.key_epoch_within,
        )

    async def _done(self, rights: RightsStore, before: Erasure, after: Erasure) -> Erasure:
        await rights.advance(before.step, after)
        return after

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def _person(erasure: Erasure) -> Person:
    return Person(tenant=erasure.tenant, jurisdiction=erasure.jurisdiction, person_id=erasure.person_id)

"""The gate: before every read it is asked which columns of a table a purpose may see, and before every share
whether it may go.

An answer rests on the person's standing and on the packs in force. Both are remembered, with the answers,
for as long as the change sequence lets them be (`changes`), and until something of them ends by itself: a
consent, a day, a year of age. A person without a standing is denied everything but their own rights.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from policies.facts import Facts
from policies.pack import PackSet
from policies.ruling import Reason, Ruling
from policies.verdicts import Authority, refuse
from policies.vocabulary import DataCategory, Jurisdiction, Purpose
from region_node.ids import jurisdiction_of
from region_node.rulings.access import Access, Reader
from region_node.rulings.changes import Changes, mark_of
from region_node.rulings.circumstances import Almanac, Person, Question
from region_node.rulings.snapshots import Snapshot, Snapshots
from region_node.rulings.standing import STANDINGS, Standing
from region_node.rulings.uses import DataUses, Use
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import Refusal, RefusedByPolicy, Withheld
from region_node.storage.schema import Column, Table
from region_node.storage.store import TenantStore
from region_node.storage.values import blob

FINDS_ROWS = frozenset({DataCategory.IDENTIFIER, DataCategory.PSEUDONYM, DataCategory.TIMESTAMP})


class Law(Protocol):
    """Rules on facts, by the packs that it was made of."""

    @property
    def packs(self) -> PackSet: ...

    def decide(self, facts: Facts) -> Ruling: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What one kind of access may see of one table.

    Attributes:
        refused: Why it may not even know of the rows, if so.
        counts: Whether it goes into the data-use log: what only finds or orders rows says nothing.
    """

    withheld: Withheld
    refused: Refusal | None
    use: Use
    counts: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's standing as it was read for this, under the law of that moment: for one decision."""

    law: Law
    person: Person
    standing: Standing

    def ruling(self, question: Question) -> Ruling:
        return self.law.decide(self.person.facts(question))

    def consent_version(self, purpose: Purpose) -> int:
        """The number of the last ledger entry that gave a consent for *purpose*; 0 without one."""
        counted = (given.seq for given in self.person.consents if given.purpose is purpose)
        return max(counted, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One per process.

    Attributes:
        law: The engine in force; another object means that packs have changed.
        unruled: A view of a tenant's rows that asks nobody: standings are what asking rests on.
        begin: Makes the standing of a person who has none yet; None where there is no such person.
        clock: The one that `changes` goes by.
    """

    law: Callable[[], Law]
    unruled: Callable[[str, str], TenantStore]
    changes: Changes
    snapshots: Snapshots
    uses: DataUses
    almanac: Almanac = field(default_factory=Almanac)
    begin: Callable[[str, str], Awaitable[Standing | None]] | None = None
    clock: Callable[[], float] = time.monotonic
    _anybody: dict[str, tuple[Law, Person, dict[tuple[str, str], Answer]]] = field(default_factory=dict)

    async def withheld(self, tenant: str, person_id: str, access: Access, table: Table) -> Withheld:
        """The columns of *table* that *access* may not see in rows about a person; counts as one use.

        Raises:
            RefusedByPolicy: not even that there are rows.
        """
        key = (access.key, table.name)
        if access.rights:
            law, person, answers = self._of_anybody(jurisdiction_of(person_id))
            answer = answers.get(key)
            if answer is None:
                answer = answers[key] = judged(law, person, access, table)
        else:
            snapshot = await self._snapshot(tenant, person_id, access.purpose)
            answer = snapshot.answers.get(key)
            if answer is None:
                answer = snapshot.answers[key] = judged(*_basis(snapshot), access, table)
        if answer.refused is not None:
            raise RefusedByPolicy(answer.refused)
        if access.staff is not None:
            await self.uses.record_staff(tenant, person_id, access.staff, answer.use)
        if answer.counts:
            self.uses.count(tenant, person_id, answer.use)
        return answer.withheld

    async def ruling(self, tenant: str, person_id: str, question: Question) -> Ruling:
        """What policy says to *question* about a person, now."""
        if question.rights:
            law, person, _ = self._of_anybody(jurisdiction_of(person_id))
            return law.decide(person.facts(question))
        try:
            snapshot = await self._snapshot(tenant, person_id, question.purpose)
        except RefusedByPolicy as refused:
            return refused.refusal.ruling
        ruling: Ruling | None = snapshot.answers.get(question)
        if ruling is None:
            law, person = _basis(snapshot)
            ruling = snapshot.answers[question] = law.decide(person.facts(question))
        return ruling

    async def require(self, tenant: str, person_id: str, question: Question) -> None:
        """Raises RefusedByPolicy unless policy allows *question*."""
        ruling = await self.ruling(tenant, person_id, question)
        if not ruling.allowed:
            raise RefusedByPolicy(
                Refusal(purpose=question.purpose, category=question.category, ruling=ruling)
            )

    async def known(self, tenant: str, person_id: str) -> Standing:
        """As rulings go by it: read no more often than they need.

        Raises:
            RefusedByPolicy, PersonKeyGone: nobody of that id has a standing.
        """
        return (await self._snapshot(tenant, person_id, Purpose.ACCOUNT)).standing

    async def asked_now(self, tenant: str, person_id: str) -> Asked | None:
        """Where a person stands, from the row of now; what is read through the gate next rests on it too.

        None where there is no such person, or they were erased.
        """
        generation, read_at = self.snapshots.generation, self.clock()
        try:
            standing = await self.standing(tenant, person_id)
        except PersonKeyGone:
            standing = None
        if standing is None:
            self.snapshots.forget(mark_of(tenant, person_id))
            return None
        self.snapshots.keep(tenant, Snapshot(standing, read_at), generation)
        law = self.law()
        return Asked(law, self.almanac.person(standing, law.packs), standing)

    async def standing(self, tenant: str, person_id: str) -> Standing | None:
        """As it is written now, from its row."""
        row = await self.unruled(tenant, jurisdiction_of(person_id)).get(STANDINGS, person_id)
        if row is not None:
            return msgspec.json.decode(blob(row, "body"), type=Standing)
        return await self.begin(tenant, person_id) if self.begin is not None else None

    async def _snapshot(self, tenant: str, person_id: str, purpose: Purpose) -> Snapshot:
        snapshot = self.snapshots.get(tenant, person_id)
        if snapshot is None or not self.changes.is_good(snapshot.read_at):
            generation, read_at = self.snapshots.generation, self.clock()
            standing = await self.standing(tenant, person_id)
            if standing is None:
                await self.unruled(tenant, jurisdiction_of(person_id)).keys.get(tenant, person_id)
                raise RefusedByPolicy(_unknown(person_id, purpose))
            if snapshot is None or snapshot.standing != standing:
                snapshot = Snapshot(standing, read_at)
            snapshot.read_at = read_at
            self.snapshots.keep(tenant, snapshot, generation)
        law = self.law()
        person = snapshot.person
        if person is None or snapshot.law is not law or person.until <= self.almanac.clock():
            snapshot.law, snapshot.person = law, self.almanac.person(snapshot.standing, law.packs)
            snapshot.answers = {}
        return snapshot

    def _of_anybody(self, jurisdiction: str) -> tuple[Law, Person, dict[tuple[str, str], Answer]]:
        law, known = self.law(), self._anybody.get(jurisdiction)
        if known is None or known[0] is not law or known[1].until <= self.almanac.clock():
            known = self._anybody[jurisdiction] = (law, self.almanac.anybody(jurisdiction), {})
        return known


@dataclass(frozen=True, slots=True)
class BoundGate:
    """The gate of one store: fills `storage.ruled.RowGate`."""

    gate: Gate
    tenant: str
    access: Access

    async def withheld(self, table: Table, person_id: str) -> Withheld:
        return await self.gate.withheld(self.tenant, person_id, self.access, table)


def judged(law: Law, person: Person, access: Access, table: Table) -> Answer:
    """Rule on every column of *table* that is personal; columns of one category share a ruling."""
    rulings: dict[tuple[DataCategory, frozenset[DataCategory]], Ruling] = {}
    withheld: dict[str, Refusal] = {}
    refused: Refusal | None = None
    for name, column in table.columns.items():
        if not column.category.is_personal:
            continue
        kind = (column.category, column.channels)
        ruling = rulings.get(kind)
        if ruling is None:
            ruling = rulings[kind] = law.decide(person.facts(_question(access, column)))
        if not ruling.allowed:
            refusal = Refusal(
                purpose=access.purpose,
                category=column.category,
                ruling=ruling,
                to_owner=access.reader is Reader.OWN,
            )
            withheld[name] = refusal
            refused = refused or (refusal if name in table.subject else None)
    allowed = {kind[0]: ruling for kind, ruling in rulings.items() if ruling.allowed}
    return Answer(withheld, refused, Use.of(access, allowed), counts=not allowed.keys() <= FINDS_ROWS)


def _question(access: Access, column: Column) -> Question:
    return Question(
        purpose=access.purpose, category=column.category, channels=column.channels, rights=access.rights
    )


def _basis(snapshot: Snapshot) -> tuple[Law, Person]:
    if snapshot.person is None:
        raise RuntimeError("a snapshot answers after it was looked up only")
    return snapshot.law, snapshot.person


def _unknown(person_id: str, purpose: Purpose) -> Refusal:
    law = Authority(Jurisdiction(jurisdiction_of(person_id)), "", "")
    ruling = refuse(law, Reason.NO_RULE)
    return Refusal(purpose=purpose, category=DataCategory.IDENTIFIER, ruling=ruling)

"""Examines the ledger of one person, or of everybody on a node, without showing what it says."""

from collections.abc import AsyncIterator

import msgspec

from region_node.consent_wiring import ConsentParts
from region_node.errors import NotFound
from region_node.features.consent.examining import examine
from region_node.features.consent.tables import CONSENT_ENTRIES
from region_node.ids import jurisdiction_of
from region_node.rulings.standing import STANDINGS
from region_node.storage.engine import MAX_PAGE
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.schema import TENANT, Table
from region_node.storage.values import text

MAX_FINDINGS = 10_000


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` names the entry; 0 stands for the standing."""

    tenant: str
    person: str
    seq: int
    fault: str
    note: str


class Checked(msgspec.Struct, kw_only=True):
    """`erased` are people whose key is destroyed: of their ledgers nothing can be opened."""

    people: int = 0
    entries: int = 0
    erased: int = 0
    findings: list[Found] = []


async def check(consent: ConsentParts, tenant: str, person_id: str | None) -> Checked:
    """Examine the ledger of *person_id*, else all.

    Raises:
        NotFound, PersonKeyGone: there is no such person, or they were erased.
    """
    checked = Checked()
    if person_id is not None:
        await _examine(consent, tenant, person_id, checked)
        if not checked.entries and not checked.findings:
            raise NotFound
        return checked
    async for somebody in _everybody(consent):
        try:
            await _examine(consent, *somebody, checked)
        except PersonKeyGone:
            checked.erased += 1
    return checked


async def _examine(consent: ConsentParts, tenant: str, person_id: str, checked: Checked) -> None:
    store = consent.ledger.store(tenant, person_id)
    examination = await examine(store, person_id, consent.law.notices)
    checked.people += 1
    checked.entries += examination.entries
    for one in examination.findings[: MAX_FINDINGS - len(checked.findings)]:
        checked.findings.append(
            Found(tenant=tenant, person=person_id, seq=one.seq, fault=one.fault.value, note=one.note)
        )


async def _everybody(consent: ConsentParts) -> AsyncIterator[tuple[str, str]]:
    """Tenant and person of every ledger, then of every standing whose ledger is gone."""
    for jurisdiction in sorted(consent.stores.held):
        before = None
        async for somebody in _people_in(consent, jurisdiction, CONSENT_ENTRIES):
            if somebody != before:
                before = somebody
                yield somebody
        async for tenant, person_id in _people_in(consent, jurisdiction, STANDINGS):
            if not await _has_entries(consent, tenant, person_id):
                yield tenant, person_id


async def _people_in(
    consent: ConsentParts, jurisdiction: str, table: Table
) -> AsyncIterator[tuple[str, str]]:
    """Rows of one person follow each other in every engine's own order."""
    after: object | None = None
    while True:
        rows, after = await consent.stores.engine.scan(jurisdiction, table, after, MAX_PAGE)
        for row in rows:
            yield text(row, TENANT), text(row, "person_id")
        if after is None:
            return


async def _has_entries(consent: ConsentParts, tenant: str, person_id: str) -> bool:
    if jurisdiction_of(person_id) not in consent.stores.held:
        return True
    try:
        numbers = await consent.ledger.store(tenant, person_id).numbers(person_id, 1)
    except PersonKeyGone:
        return True
    return bool(numbers)

"""A ledger as full as it gets: every row at its longest, and the largest batch."""

from datetime import UTC, date, datetime, timedelta

from policies.vocabulary import DataCategory, Purpose
from region_node.features.accounts.tables import CREDENTIALS, PEOPLE
from region_node.features.consent.guardian_store import GuardianStore
from region_node.features.consent.ledger import MAX_ANSWERS, MAX_DUE, Ledger
from region_node.features.consent.model import MAX_RECIPIENT_CHARS, Draft, EntryState, Method, Resident
from region_node.features.consent.tables import CONSENT_ENTRIES
from region_node.rulings.standing import STANDINGS
from region_node.storage.flagged import flag_of

OPERATOR = "01JJJJJJJJJJJJJJJJJJJJJJJJ"
NOW = datetime(2027, 3, 1, 12, 30, 30, 123000, tzinfo=UTC)


def fullest(number, state, person_id):
    """About something of its own for each *number*."""
    return Draft(
        state=state,
        method=Method.GUARDIAN,
        actor=person_id,
        purpose=Purpose.MARKETING_EMAIL,
        category=DataCategory.PRECISE_LOCATION,
        recipient=f"{number:0{MAX_RECIPIENT_CHARS}}",
        notice="marketing-email/9999/pt-BR",
        notice_sha256="f" * 64,
        expires_at=NOW + timedelta(days=730),
        details={"given_by": Method.GUARDIAN.value},
    )


async def fill_ledger(stores, tenant, person_id):
    """Write through the real ledger into `stores`, whose engine may watch."""
    jurisdiction = person_id.partition("_")[0]

    async def nobody(_tenant, _person_id):
        return None

    def due(standing, at):
        if at <= NOW:
            return ()
        expired = range(len(standing.consents))
        return [fullest(number, EntryState.EXPIRED, person_id) for number in expired]

    now = NOW
    ledger = Ledger(
        stores=stores.unruled,
        residents=nobody,
        changes=stores.changes,
        hurry=lambda _pointer: None,
        pack_version=lambda _jurisdiction: "2026-11-21.999",
        due=due,
        clock=lambda: now,
    )
    resident = Resident(birth_date=date(1999, 12, 31), country="CA", subdivision="CA-QC")
    await ledger.begin(tenant, person_id, resident)
    drafts = [fullest(number, EntryState.GIVEN, person_id) for number in range(MAX_ANSWERS)]
    half = MAX_ANSWERS // 2
    objected = [
        Draft(state=EntryState.OBJECTED, method=Method.CLI, actor=OPERATOR, purpose=purpose)
        for purpose in Purpose
    ]
    await ledger.record(tenant, person_id, lambda _standing, _at: drafts[:half])
    await ledger.record(tenant, person_id, lambda _standing, _at: [*drafts[half:], *objected[:1]])
    await ledger.record(tenant, person_id, lambda _standing, _at: objected[1:])
    now = NOW + timedelta(days=731)
    await ledger.record(tenant, person_id, lambda _standing, _at: ())
    assert MAX_ANSWERS <= MAX_DUE
    store = stores.unruled(tenant, jurisdiction)
    await GuardianStore(store).put_code("f" * 64, person_id)
    await GuardianStore(store).put_child(person_id, person_id, NOW)
    await store.write(flag_of((CONSENT_ENTRIES, STANDINGS, PEOPLE, CREDENTIALS), NOW))

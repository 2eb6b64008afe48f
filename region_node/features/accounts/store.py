"""Rows of people, credentials, logins and refresh families, in their home jurisdiction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from federation.catalogue import PERSON_CREATED, PERSON_UPDATED
from region_node.features.accounts.model import Person, PersonState
from region_node.features.accounts.tables import CREDENTIALS, LOGINS, PEOPLE, REFRESH_FAMILIES
from region_node.storage.engine import Delete, Put, Row
from region_node.storage.outbox import EVENT, Outbox, Pointer
from region_node.storage.store import TenantStore
from region_node.storage.values import instant, number, text

_TEXTS = (
    "person_id",
    "login_key",
    "age_assurance",
    "email",
    "display_name",
    "place",
    "language",
    "time_zone",
)


@dataclass(frozen=True, slots=True)
class AccountStore:
    """Bound to one tenant and jurisdiction."""

    store: TenantStore

    async def person(self, person_id: str) -> Person | None:
        row = await self.store.get(PEOPLE, person_id)
        return _person(row) if row else None

    async def names(self, people: Sequence[str]) -> dict[str, str]:
        """Display names of a bounded number of people; those who are not there are left out."""
        rows = await self.store.get_many(PEOPLE, [(person_id,) for person_id in people])
        return {text(row, "person_id"): text(row, "display_name") for row in rows if row is not None}

    async def shown_name(self, person_id: str) -> tuple[str, int] | None:
        """What others may come to see, and the version of the person; reads nothing else of them."""
        row = await self.store.get(PEOPLE, person_id)
        return (text(row, "display_name"), number(row, "version")) if row else None

    async def time_zone(self, person_id: str) -> str | None:
        """Alone, for purposes that need nothing else of a person."""
        row = await self.store.get(PEOPLE, person_id)
        return text(row, "time_zone") if row else None

    async def put_pending(self, person: Person, password_hash: str) -> None:
        await self.store.keys.create(self.store.tenant, person.person_id)
        credentials = _credentials(person.person_id, password_hash)
        await self.store.write_everywhere(Put(PEOPLE, _row(person)), credentials)

    async def activate(self, person: Person) -> tuple[Person, Pointer]:
        """Make the person visible to the rest of the platform; repeating it is harmless."""
        active = replace(person, state=PersonState.ACTIVE, version=person.version + 1)
        return active, await self._put_announced(active, PERSON_CREATED.name)

    async def update(self, person: Person) -> Pointer:
        return await self._put_announced(person, PERSON_UPDATED.name)

    async def close(self, person: Person) -> None:
        """Put a person who is closed; told to nobody, as `person.erased` follows."""
        await self.store.write(Put(PEOPLE, _row(person)))

    async def _put_announced(self, person: Person, event: str) -> Pointer:
        pointer = Outbox(self.store).pointer(EVENT, event, person.person_id, person.person_id, person.version)
        await self.store.write(Put(PEOPLE, _row(person)), pointer.put())
        return pointer

    async def discard(self, person: Person) -> None:
        """Take back a person who lost the claim of the login; the key goes first."""
        await self.discard_of(person.person_id)

    async def discard_of(self, person_id: str) -> None:
        """As `discard`, by id; repeatable."""
        await self.store.keys.destroy(self.store.tenant, person_id)
        await self.store.write(Delete(PEOPLE, (person_id,)), Delete(CREDENTIALS, (person_id,)))

    async def claim_login(self, login_key: str, person_id: str) -> bool:
        claim = await self.store.claim(LOGINS, {"login_key": login_key, "person_id": person_id})
        return claim.won

    async def person_of_login(self, login_key: str) -> str | None:
        row = await self.store.get(LOGINS, login_key)
        return text(row, "person_id") if row else None

    async def password_hash(self, person_id: str) -> str | None:
        """With the same reads for a person who is there and for one who is not."""
        await self.store.keys.read(self.store.tenant, person_id)
        row = await self.store.get(CREDENTIALS, person_id)
        return text(row, "password_hash") if row else None

    async def put_password_hash(self, person_id: str, password_hash: str) -> None:
        await self.store.write_everywhere(_credentials(person_id, password_hash))

    async def start_family(self, family: Row) -> None:
        await self.store.claim(REFRESH_FAMILIES, family)

    async def family(self, family: str) -> Row | None:
        return await self.store.get(REFRESH_FAMILIES, family)

    async def advance_family(self, before: Row, after: Row) -> bool:
        expected = {"counter": before["counter"], "digest": before["digest"]}
        return (await self.store.swap(REFRESH_FAMILIES, expected, after)).won

    async def end_family(self, family: Row) -> None:
        """Whoever holds a token of it has to sign in again."""
        await self.store.release(REFRESH_FAMILIES, (family["family"],), {"person_id": family["person_id"]})


def _credentials(person_id: str, password_hash: str) -> Put:
    moment = datetime.now(UTC).replace(microsecond=0)
    return Put(CREDENTIALS, {"person_id": person_id, "changed_at": moment, "password_hash": password_hash})


def _row(person: Person) -> Row:
    return {
        **{name: getattr(person, name) for name in _TEXTS},
        "version": person.version,
        "state": person.state.value,
        "created_at": person.created_at,
        "birth_date": person.birth_date.isoformat(),
    }


def _person(row: Row) -> Person:
    return Person(
        **{name: text(row, name) for name in _TEXTS},
        version=number(row, "version"),
        state=PersonState(text(row, "state")),
        created_at=instant(row, "created_at"),
        birth_date=date.fromisoformat(text(row, "birth_date")),
    )

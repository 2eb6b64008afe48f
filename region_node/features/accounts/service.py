"""Signing up, signing in, and keeping a session.

Neither answers nor their timing tell whether an address has an account: an unknown one goes
through the same reads and the same password check, and attempts are counted by keyed hash of the
address, whether it is known or not.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from locales.values import Term, Territory
from policies.pack import PackSet
from policies.places import UnknownPlace, find_place
from policies.signup import Deployment, SignupFacts, SignupReason, SignupRuling, judge_signup
from region_node.errors import NotFound
from region_node.features.accounts.model import NewPerson, Person, PersonState, Session, normalised_email
from region_node.features.accounts.problems import (
    SIGN_UP_TEXTS,
    WITH_GUARDIAN_TEXT,
    EmailTaken,
    SignInRefused,
    SignUpRefused,
    TooManySignIns,
)
from region_node.features.accounts.sessions import Sessions
from region_node.features.accounts.store import AccountStore
from region_node.ids import jurisdiction_of, new_person_id
from region_node.security.passwords import Passwords
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

WEST_OF_ALL = timedelta(hours=-12)


class Throttle(Protocol):
    def wait_s(self, key: str) -> float:
        """Count one attempt for *key*; 0 when it may go ahead, else the seconds to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountService:
    """One per tenant view; `accounts` gives the store of a jurisdiction of the caller's tenant."""

    packs: Callable[[], PackSet]
    """Those in force now."""
    deployment: Callable[[], Deployment]
    accounts: Callable[[str, str], AccountStore]
    sign_ins: Callable[[str, str], AccountStore]
    """As `accounts`, for finding out who somebody is; open to those whose data may be used no more."""
    login_key: Callable[[str, str, str], str]
    passwords: Passwords
    sessions: Sessions
    throttle: Throttle
    announce: Callable[[Pointer], None]
    begin_ledger: Callable[[str, Person], Awaitable[None]]
    """Begins what rulings about a person rest on; done before anybody can sign in as them."""
    age_assurance: str

    async def sign_up(self, tenant: str, new: NewPerson) -> Person:
        """Open an account.

        Raises:
            SignUpRefused: with the reason and the article of law behind it.
            EmailTaken: somebody has claimed the address.
        """
        ruling = judge_signup(_facts(new), self.packs(), self.deployment())
        if not ruling.allowed or ruling.place is None:
            raise _refusal(ruling)
        jurisdiction = str(ruling.place.jurisdiction)
        accounts = self.sign_ins(tenant, jurisdiction)
        key = self.login_key(tenant, jurisdiction, new.email)
        if await accounts.person_of_login(key):
            raise EmailTaken
        person = _person(new, ruling, key, self.age_assurance)
        await accounts.put_pending(person, await self.passwords.hash_password(new.password))
        if not await accounts.claim_login(key, person.person_id):
            await accounts.discard(person)
            raise EmailTaken
        await self.begin_ledger(tenant, person)
        active, pointer = await accounts.activate(person)
        self.announce(pointer)
        return active

    async def sign_in(self, tenant: str, place: tuple[str, str | None], email: str, password: str) -> Session:
        """Check a password and begin a session.

        Raises:
            SignInRefused: whatever was wrong.
            TooManySignIns: too many attempts for this address, known or not.
        """
        found = find_place(self.packs(), place[0], place[1])
        address = normalised_email(email)
        if isinstance(found, UnknownPlace) or address is None:
            await self.passwords.verify_password(None, password)
            raise SignInRefused
        jurisdiction = str(found.jurisdiction)
        if jurisdiction not in {str(held) for held in self.deployment().held}:
            await self.passwords.verify_password(None, password)
            raise SignInRefused
        key = self.login_key(tenant, jurisdiction, address)
        wait_s = self.throttle.wait_s(f"{tenant}/{key}")
        if wait_s:
            raise TooManySignIns(retry_after_s=wait_s)
        accounts = self.sign_ins(tenant, jurisdiction)
        person_id = await accounts.person_of_login(key)
        stored = await accounts.password_hash(person_id or new_person_id(jurisdiction))
        if not await self.passwords.verify_password(stored, password) or person_id is None or stored is None:
            raise SignInRefused
        await self._after_sign_in(accounts, person_id, stored, password)
        return await self.sessions.begin(accounts, person_id)

    async def refresh(self, tenant: str, presented: str) -> Session:
        """Raises SessionEnded."""
        return await self.sessions.refresh(
            lambda jurisdiction: self.sign_ins(tenant, jurisdiction), presented
        )

    async def sign_out(self, tenant: str, family: str) -> None:
        await self.sessions.end(lambda jurisdiction: self.sign_ins(tenant, jurisdiction), family)

    async def person(self, tenant: str, person_id: str) -> Person:
        """Raises NotFound."""
        found = await self.accounts(tenant, jurisdiction_of(person_id)).person(person_id)
        if found is None:
            raise NotFound
        return found

    async def change(self, tenant: str, person_id: str, changed: Callable[[Person], Person]) -> Person:
        """Change a profile under a lease; *changed* may refuse by raising.

        Raises:
            NotFound
        """
        accounts = self.accounts(tenant, jurisdiction_of(person_id))
        async with Leases(accounts.store).hold("person", person_id):
            before = await self.person(tenant, person_id)
            after = replace(changed(before), version=before.version + 1)
            self.announce(await accounts.update(after))
        return after

    async def _after_sign_in(
        self, accounts: AccountStore, person_id: str, stored: str, password: str
    ) -> None:
        if self.passwords.needs_rehash(stored):
            await accounts.put_password_hash(person_id, await self.passwords.hash_password(password))
        person = await accounts.person(person_id)
        if person is None or person.state is PersonState.CLOSED:
            raise SignInRefused
        if person.state is PersonState.PENDING:
            await self.begin_ledger(accounts.store.tenant, person)
            _, pointer = await accounts.activate(person)
            self.announce(pointer)


def _facts(new: NewPerson) -> SignupFacts:
    """Age counts on the date of the westernmost place: never a day too early."""
    today = (datetime.now(UTC) + WEST_OF_ALL).date()
    return SignupFacts(
        country=new.country,
        subdivision=new.subdivision,
        birth_date=new.birth_date,
        today=today,
        guardian=new.guardian,
    )


def _refusal(ruling: SignupRuling) -> SignUpRefused:
    text = SIGN_UP_TEXTS[SignupReason(ruling.reason).value]
    values = {name: _written(name, value) for name, value in ruling.params.items()}
    if ruling.guardian_can_help:
        text = WITH_GUARDIAN_TEXT
    return SignUpRefused(text, reason=ruling.reason.value, article=ruling.article, values=values)


def _written(name: str, value: str | int) -> object:
    """Countries and names of laws are written in the reader's language as well."""
    if name == "country":
        return Territory(str(value))
    return Term(str(value)) if name == "law" else value


def _person(new: NewPerson, ruling: SignupRuling, login_key: str, age_assurance: str) -> Person:
    if ruling.place is None:
        raise ValueError("an allowed sign-up has a place")
    return Person(
        person_id=new_person_id(str(ruling.place.jurisdiction)),
        version=1,
        state=PersonState.PENDING,
        created_at=datetime.now(UTC).replace(microsecond=0),
        login_key=login_key,
        age_assurance=age_assurance,
        email=new.email,
        display_name=new.display_name,
        birth_date=date(new.birth_date.year, new.birth_date.month, new.birth_date.day),
        place=ruling.place.subdivision or ruling.place.country,
        language=new.language,
        time_zone=new.time_zone,
    )

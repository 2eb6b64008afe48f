import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from policies.signup import Deployment
from policies.vocabulary import Jurisdiction, Purpose
from region_node.consent_wiring import ConsentParts
from region_node.features.accounts.service import AccountService
from region_node.features.accounts.sessions import Sessions
from region_node.features.accounts.store import AccountStore
from region_node.packs import shipped_engine, shipped_packs
from region_node.schema import MIGRATIONS, TABLES
from region_node.security.passwords import Passwords
from region_node.security.tokens import TokenAuthority, TokenSigner
from region_node.storage.engine import KEYS, SHARED
from region_node.storage.schema import SpaceKind
from region_node.storage.sqlite import SqliteEngine
from region_node.stores import Stores
from region_node.throttle import SignInThrottle
from tests.support.storage import open_stores

HELD = frozenset(map(Jurisdiction, ("br", "eu", "us")))
ATTEMPTS = 20
POINTING = {"outbox", "subject_index", "subject_index_expiring"}
"""Hold pointers to rows, and outlive them."""


class CountingEngine(SqliteEngine):
    """Counts what is read, by table."""

    def __init__(self, directory):
        super().__init__(directory)
        self.reads = Counter()

    async def get(self, space, table, key):
        self.reads[table.name] += 1
        return await super().get(space, table, key)


class CountingPasswords(Passwords):
    def __init__(self):
        super().__init__()
        self.checks = 0

    async def verify_password(self, stored, password):
        self.checks += 1
        return await super().verify_password(stored, password)


@dataclass
class Accounts:
    """The service with everything real behind it; `deployment` may be replaced."""

    stores: Stores
    passwords: CountingPasswords
    deployment: Deployment
    announced: list = field(default_factory=list)

    def __post_init__(self):
        signer = TokenSigner(
            self.stores.ring.signing_keys()[0], TokenAuthority(issuer="i", audience="a"), clock=time.time
        )
        self.service = AccountService(
            packs=shipped_packs,
            deployment=lambda: self.deployment,
            accounts=self.of,
            sign_ins=self.sign_ins,
            login_key=lambda tenant, jurisdiction, email: (
                self.stores.ring.index_key(jurisdiction, tenant, "login").digest(email).hex()
            ),
            passwords=self.passwords,
            sessions=Sessions(lambda: signer, "here", 1),
            throttle=SignInThrottle(ATTEMPTS),
            announce=self.announced.append,
            begin_ledger=self.consent.begin,
            age_assurance="self-declared",
        )

    @property
    def consent(self):
        return ConsentParts(
            stores=self.stores,
            engine=shipped_engine,
            region="here",
            ring=self.stores.ring,
        )

    def of(self, tenant, jurisdiction):
        return AccountStore(self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT))

    def sign_ins(self, tenant, jurisdiction):
        return AccountStore(self.stores.of(tenant, jurisdiction, Purpose.SECURITY, rights=True))

    async def rows(self):
        """How many rows of people there are anywhere, by table."""
        count = Counter()
        spaces = {
            SpaceKind.HOME: sorted(self.stores.held),
            SpaceKind.KEYS: [KEYS],
            SpaceKind.SHARED: [SHARED],
        }
        for table in TABLES:
            for space in spaces[table.space] if table.subject and table.name not in POINTING else ():
                count[table.name] += len((await self.stores.engine.scan(space, table, None, 1000))[0])
        return +count


@pytest.fixture
async def accounts(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=sorted(HELD), engine_class=CountingEngine)
    passwords = CountingPasswords()
    yield Accounts(stores, passwords, Deployment(held=HELD))
    passwords.close()
    await stores.engine.close()

"""Tenants, and which one a host name belongs to."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache

from tortoise.exceptions import IntegrityError

from region_node.control.database import ControlDatabase
from region_node.control.models import TenantHostRow, TenantRow
from region_node.control.records import Tenant
from region_node.control.store import AlreadyThere

DEFAULT_TENANT = "default"
_HOST = re.compile(r"[a-z0-9._:-]{1,253}", re.ASCII)


@lru_cache(maxsize=1024)
def normal_host(host: str) -> str:
    """The name in a `Host` header without port, root dot, brackets and capitals."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".") if name.count(":") <= 1 else name


class TenantStore:
    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    async def add(self, tenant: Tenant) -> None:
        """Add a tenant with its hosts, all or nothing.

        Raises:
            AlreadyThere: Its id or one of its hosts is taken.
        """
        try:
            await self._database.run_in_transaction(_add(tenant))
        except IntegrityError:
            raise AlreadyThere(f"tenant {tenant.id} or one of its host names is taken") from None

    async def add_host(self, tenant_id: str, host: str) -> None:
        """Let requests for *host* reach a tenant.

        Raises:
            AlreadyThere: The name is taken, or there is no such tenant.
        """
        try:
            await self._database.run_in_transaction(_add_host(tenant_id, host))
        except IntegrityError:
            raise AlreadyThere(f"{host} is taken, or there is no tenant {tenant_id}") from None

    async def all(self) -> tuple[Tenant, ...]:
        return await self._database.run(_all())

    async def by_host(self, host: str) -> Tenant | None:
        name = normal_host(host)
        return await self._database.run(_by_host(name)) if _HOST.fullmatch(name) else None


class TenantDirectory:
    """Answers by host from memory for up to `max_age_s`; a host without a tenant is remembered as well.

    Args:
        max_hosts: Entries kept, so that made-up host names cannot fill the memory.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        store: TenantStore,
        *,
        max_age_s: float = 30,
        max_hosts: int = 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._max_age_s = max_age_s
        self._max_hosts = max_hosts
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Tenant | None]] = OrderedDict()

    async def by_host(self, host: str) -> Tenant | None:
        """The tenant of a request's host, None if there is none (answer 404)."""
        name = normal_host(host)
        now = self._clock()
        known = self._known.get(name)
        if known is not None and now < known[0]:
            return known[1]
        tenant = await self._store.by_host(name)
        self._known[name] = (now + self._max_age_s, tenant)
        self._known.move_to_end(name)
        if len(self._known) > self._max_hosts:
            self._known.popitem(last=False)
        return tenant


async def _add(tenant: Tenant) -> None:
    await TenantRow.create(id=tenant.id, name=tenant.name)
    for host in tenant.hosts:
        await TenantHostRow.create(host=normal_host(host), tenant_id=tenant.id)


async def _add_host(tenant_id: str, host: str) -> None:
    if not await TenantRow.exists(id=tenant_id):
        raise IntegrityError(f"no tenant {tenant_id}")
    await TenantHostRow.create(host=normal_host(host), tenant_id=tenant_id)


async def _all() -> tuple[Tenant, ...]:
    return tuple([_tenant(row) for row in await TenantRow.all().prefetch_related("hosts").order_by("id")])


async def _by_host(host: str) -> Tenant | None:
    row = await TenantRow.filter(hosts__host=host).prefetch_related("hosts").first()
    return None if row is None else _tenant(row)


def _tenant(row: TenantRow) -> Tenant:
    return Tenant(id=row.id, name=row.name, hosts=tuple(sorted(host.host for host in row.hosts)))

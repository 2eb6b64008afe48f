"""Incidents: what happened, whom it touches, and which notices went. Never an athlete's personal data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ulid import ULID

from policies.breaches import Affected, Recipient
from policies.vocabulary import DataCategory, Jurisdiction
from region_node.control.audit import insert_entry
from region_node.control.database import ControlDatabase
from region_node.control.models import IncidentRow, IncidentStepRow
from region_node.control.records import AuditEntry, Outcome

MAX_LISTED = 200
MAX_STEPS = 1000
_ASSESSED, _NOTIFIED = "assessed", "notified"


class IncidentNotFound(Exception):
    """No incident has this id."""


class NotAssessed(Exception):
    """Nobody has said yet whom the incident touches: assess it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An incident as it was opened. `drill` marks an exercise, in which nothing is real but the work."""

    id: str
    what: str
    drill: bool
    discovered_at: datetime
    opened_at: datetime
    opened_by: str
    stores: tuple[str, ...]
    tenants: tuple[str, ...]
    categories: frozenset[DataCategory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident as it stands: `people` are those of the last assessment, None before the first one."""

    opened: Opened
    people: Mapping[str, int] | None = None
    establishment: str = ""
    told: Mapping[tuple[Jurisdiction, Recipient], datetime] = field(default_factory=dict)

    def affected(self) -> Affected:
        """Raises NotAssessed."""
        if self.people is None:
            raise NotAssessed("nobody has counted who is affected: run meridian incident assess")
        return Affected(
            people={Jurisdiction(code): count for code, count in self.people.items()},
            categories=self.opened.categories,
            known_at=self.opened.discovered_at,
            establishment=self.establishment,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice that went out. `reference` is the authority's number or a place in a file, never a person."""

    jurisdiction: Jurisdiction
    recipient: Recipient
    sent_at: datetime
    reference: str


class IncidentStore:
    """Each change and its line in the operators' audit appear together."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    async def open(self, incident: Opened) -> None:
        await self._database.run_in_transaction(_open(incident))

    async def assess(
        self, incident_id: str, people: Mapping[str, int], establishment: str, entry: AuditEntry
    ) -> None:
        """Record whom it touches; takes the place of an earlier assessment. Raises IncidentNotFound."""
        document = {"people": dict(people), "establishment": establishment}
        await self._database.run_in_transaction(_step(incident_id, _ASSESSED, document, entry))

    async def notified(self, incident_id: str, notice: Notice, entry: AuditEntry) -> None:
        """Record a notice; of several to the same recipient the first counts. Raises IncidentNotFound."""
        document = {
            "jurisdiction": notice.jurisdiction,
            "recipient": notice.recipient.value,
            "sent_at": notice.sent_at.isoformat(),
            "reference": notice.reference,
        }
        await self._database.run_in_transaction(_step(incident_id, _NOTIFIED, document, entry))

    async def get(self, incident_id: str) -> Incident:
        """Raises IncidentNotFound."""
        return await self._database.run(_get(incident_id))

    async def all(self) -> tuple[Opened, ...]:
        """The last MAX_LISTED, newest first."""
        return await self._database.run(_all())


def new_incident_id() -> str:
    return str(ULID()).lower()


def act(operator_id: str, action: str, incident_id: str, at: datetime) -> AuditEntry:
    return AuditEntry(at=at, operator_id=operator_id, action=action, target=incident_id, outcome=Outcome.DONE)


async def _open(incident: Opened) -> None:
    await IncidentRow.create(
        id=incident.id,
        what=incident.what,
        drill=incident.drill,
        discovered_at=incident.discovered_at,
        opened_at=incident.opened_at,
        opened_by=incident.opened_by,
        affected={
            "stores": list(incident.stores),
            "tenants": list(incident.tenants),
            "categories": sorted(incident.categories),
        },
    )
    await insert_entry(act(incident.opened_by, "incident.open", incident.id, incident.opened_at))


async def _step(incident_id: str, kind: str, document: Mapping[str, object], entry: AuditEntry) -> None:
    if not await IncidentRow.exists(id=incident_id):
        raise IncidentNotFound(f"there is no incident {incident_id}: see meridian incident list")
    await IncidentStepRow.create(
        incident_id=incident_id,
        kind=kind,
        at=entry.at,
        operator_id=entry.operator_id,
        document=dict(document),
    )
    await insert_entry(entry)


async def _get(incident_id: str) -> Incident:
    row = await IncidentRow.get_or_none(id=incident_id)
    if row is None:
        raise IncidentNotFound(f"there is no incident {incident_id}: see meridian incident list")
    incident = Incident(opened=_opened(row))
    steps = await IncidentStepRow.filter(incident_id=incident_id).order_by("id").limit(MAX_STEPS)
    people, establishment = incident.people, ""
    told: dict[tuple[Jurisdiction, Recipient], datetime] = {}
    for step in steps:
        document = step.document
        if step.kind == _ASSESSED:
            people, establishment = dict(document["people"]), str(document["establishment"])  # type: ignore[call-overload] # a map, as written above
        else:
            whom = (Jurisdiction(str(document["jurisdiction"])), Recipient(str(document["recipient"])))
            told.setdefault(whom, datetime.fromisoformat(str(document["sent_at"])))
    return Incident(opened=incident.opened, people=people, establishment=establishment, told=told)


async def _all() -> tuple[Opened, ...]:
    return tuple(_opened(row) for row in await IncidentRow.all().order_by("-opened_at").limit(MAX_LISTED))


def _opened(row: IncidentRow) -> Opened:
    affected: dict[str, list[str]] = dict(row.affected)  # type: ignore[arg-type] # as _open wrote it
    return Opened(
        id=row.id,
        what=row.what,
        drill=row.drill,
        discovered_at=row.discovered_at,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        stores=tuple(affected["stores"]),
        tenants=tuple(affected["tenants"]),
        categories=frozenset(map(DataCategory, affected["categories"])),
    )

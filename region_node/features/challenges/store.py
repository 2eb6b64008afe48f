"""Rows of participations and verdicts. One writer per person at a time (a lease): scores follow from them."""

from dataclasses import dataclass

import msgspec

from region_node.features.challenges.judging import Verdict
from region_node.features.challenges.model import Participation, Rules
from region_node.features.challenges.scoring import Tally
from region_node.features.challenges.tables import PARTICIPATIONS, VERDICTS
from region_node.storage.engine import MAX_PAGE, Delete, DeletePartition, Key, Put, Row, Slice, Write
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, text

_json = msgspec.json


@dataclass(frozen=True, slots=True)
class ChallengeStore:
    """Bound to one tenant and jurisdiction."""

    store: TenantStore

    async def get(self, person_id: str, challenge_id: str) -> Participation | None:
        row = await self.store.get(PARTICIPATIONS, person_id, challenge_id)
        return _participation(row) if row else None

    async def page(self, query: Slice) -> tuple[list[Participation], Key | None]:
        """Of a person (the partition of *query*), by the challenges' ids."""
        page = await self.store.slice(PARTICIPATIONS, query)
        return [_participation(row) for row in page.rows], page.after

    async def put(self, person_id: str, participation: Participation, *with_it: Write) -> None:
        """In one batch with what has to appear together with it, such as the outbox row that announces it."""
        row: Row = {
            "person_id": person_id,
            "challenge_id": participation.challenge_id,
            "version": participation.version,
            "pseudonym": participation.pseudonym,
            "body": _json.encode(participation),
        }
        await self.store.write(Put(PARTICIPATIONS, row), *with_it)

    async def tally(self, person_id: str, participation: Participation, rules: Rules) -> Tally:
        """All verdicts of a person's workouts in a challenge."""
        verdicts: dict[str, Verdict] = {}
        after: Key | None = ()
        while after is not None:
            query = Slice(partition=(person_id, participation.challenge_id), limit=MAX_PAGE, after=after)
            page = await self.store.slice(VERDICTS, query)
            verdicts |= {text(row, "workout_id"): _verdict(row) for row in page.rows}
            after = page.after
        return Tally(rules, participation.entrant, verdicts)

    async def put_verdict(self, person_id: str, challenge_id: str, workout_id: str, verdict: Verdict) -> None:
        """Before the score that follows from it: a crash between the two is mended by counting again."""
        row: Row = {
            "person_id": person_id,
            "challenge_id": challenge_id,
            "workout_id": workout_id,
            "body": _json.encode(verdict),
        }
        await self.store.write(Put(VERDICTS, row))

    async def leave(self, person_id: str, challenge_id: str, *with_it: Write) -> None:
        """Take all of a person's part in a challenge away."""
        await self.store.write(Delete(PARTICIPATIONS, (person_id, challenge_id)), *with_it)
        await self.store.write(DeletePartition(VERDICTS, (person_id, challenge_id)))


def _participation(row: Row) -> Participation:
    return _json.decode(blob(row, "body"), type=Participation)


def _verdict(row: Row) -> Verdict:
    return _json.decode(blob(row, "body"), type=Verdict)

"""What a home keeps of a challenge: parts, verdicts, and the score that follows from them."""

import pytest
from msgspec.structs import replace

from policies.vocabulary import Purpose
from region_node.features.challenges.model import Participation
from region_node.features.challenges.scoring import Tally
from region_node.features.challenges.store import ChallengeStore
from region_node.schema import MIGRATIONS
from region_node.storage.engine import Slice
from region_node.storage.ruled import RefusedByPolicy
from tests.support.challenges import ADULT, rules
from tests.support.efforts import MORNING, effort
from tests.support.standings import given
from tests.support.storage import known_person, open_stores

CONSENT = given(Purpose.CHALLENGE, None)
PART = Participation(challenge_id="june", pseudonym="p1", version=1, entrant=ADULT)


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield opened
    await opened.engine.close()


@pytest.fixture
def store(stores):
    return ChallengeStore(stores.of("t1", "eu", Purpose.CHALLENGE))


@pytest.fixture
async def ana(stores):
    return await known_person(stores, consents=(CONSENT,))


async def test_a_part_is_found_by_challenge_and_by_person(store, ana):
    other = replace(PART, challenge_id="july", team_id="t")
    for part in (PART, other):
        await store.put(ana, part)
    assert PART == await store.get(ana, "june")
    assert None is await store.get(ana, "august")
    assert ([other, PART], None) == await store.page(Slice(partition=(ana,), limit=10))


async def test_a_score_outlives_the_process_by_its_verdicts(store, ana):
    law, tally = rules(), Tally(rules(), ADULT)
    for one in (effort("a"), effort("b", recorded=False), effort("c")):
        tally.put(one)
    tally.drop("c", 2, MORNING)
    for workout_id, verdict in tally.verdicts.items():
        await store.put_verdict(ana, "june", workout_id, verdict)
    again = await store.tally(ana, PART, law)
    assert (tally.verdicts, tally.score) == (again.verdicts, again.score)
    assert not again.put(effort("c"))
    assert {} == (await store.tally(ana, replace(PART, challenge_id="july"), law)).verdicts


async def test_all_verdicts_are_read_however_many_pages_they_fill(store, ana, monkeypatch):
    monkeypatch.setattr("region_node.features.challenges.store.MAX_PAGE", 3)
    tally = Tally(rules(), ADULT)
    for number in range(8):
        tally.put(effort(f"w{number}"))
        await store.put_verdict(ana, "june", f"w{number}", tally.verdicts[f"w{number}"])
    assert tally.verdicts == (await store.tally(ana, PART, rules())).verdicts


async def test_who_leaves_leaves_nothing(store, ana):
    await store.put(ana, PART)
    tally = Tally(rules(), ADULT)
    tally.put(effort("a"))
    await store.put_verdict(ana, "june", "a", tally.verdicts["a"])
    await store.leave(ana, "june")
    assert None is await store.get(ana, "june")
    assert {} == (await store.tally(ana, PART, rules())).verdicts


async def test_without_consent_to_challenges_nothing_of_them_is_read(stores, store):
    ben = await known_person(stores)
    await store.put(ben, PART)
    with pytest.raises(RefusedByPolicy):
        await store.get(ben, "june")

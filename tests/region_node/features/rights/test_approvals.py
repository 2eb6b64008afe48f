"""An erasure by staff begins on two people's signatures under exactly that, and on nothing less."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from region_node.control.acts import Act, canonical, encode_public_key, sign_act
from region_node.control.records import Consent, RecordedAct
from region_node.features.rights.approvals import act_on, approval_by
from region_node.features.rights.model import STAFF, Kind, State
from region_node.features.rights.problems import ErasureHeld, RightsStepRefused
from region_node.features.rights.service import Asked
from region_node.ids import new_person_id
from region_node.schema import MIGRATIONS
from tests.support.rights import fullest_request
from tests.support.rights_world import RightsWorld
from tests.support.storage import open_stores

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
ANNA, BORIS = str(ULID()), str(ULID())
KEYS = {ANNA: Ed25519PrivateKey.generate(), BORIS: Ed25519PrivateKey.generate()}
REQUEST = fullest_request(new_person_id("eu"))


def consent(document, operator, key=None):
    key = key or KEYS[operator]
    return Consent(
        operator_id=operator,
        approval_key=encode_public_key(key.public_key()),
        signature=sign_act(document, key),
        signed_at=AT,
    )


def recorded(request=REQUEST, tenant="t1", decided_at=AT, who=(ANNA, BORIS)):
    act = Act(act_id=str(ULID()), proposer_id=ANNA, proposed_at=AT, body=act_on(tenant, request))
    document = canonical(act)
    consents = tuple(consent(document, one) for one in who)
    return RecordedAct(id=act.act_id, document=document, consents=consents, decided_at=decided_at)


def test_two_signatures_are_an_approval_that_names_both_and_the_act():
    act = recorded()
    approval = approval_by(act, "t1", REQUEST)
    assert ((ANNA, BORIS), act.id, AT) == (approval.by, approval.act_id, approval.at)


def test_an_act_names_nobody():
    assert REQUEST.person_id.encode() not in recorded().document


OTHER_PERSON = msgspec.structs.replace(REQUEST, person_id=new_person_id("eu"))
OTHER_REQUEST = msgspec.structs.replace(fullest_request(REQUEST.person_id), person_id=REQUEST.person_id)
GOOD = recorded()
ONE_KEY = consent(GOOD.document, BORIS, KEYS[ANNA])
BROKEN = replace(GOOD.consents[1], signature=GOOD.consents[0].signature)
LESS = [
    pytest.param(recorded(decided_at=None), id="not-decided"),
    pytest.param(recorded(who=(ANNA,)), id="one-person"),
    pytest.param(recorded(who=(ANNA, ANNA)), id="one-person-twice"),
    pytest.param(recorded(tenant="t2"), id="another-tenant"),
    pytest.param(recorded(OTHER_PERSON), id="another-person"),
    pytest.param(recorded(OTHER_REQUEST), id="another-request"),
    pytest.param(replace(GOOD, consents=(GOOD.consents[0], ONE_KEY)), id="two-names-one-key"),
    pytest.param(replace(GOOD, consents=(GOOD.consents[0], BROKEN)), id="a-broken-signature"),
    pytest.param(replace(GOOD, document=GOOD.document + b" "), id="another-document"),
    pytest.param(replace(GOOD, document=recorded().document), id="signatures-of-another-act"),
]


@pytest.mark.parametrize("less", LESS)
def test_nothing_less_is_an_approval(less):
    assert approval_by(less, "t1", REQUEST) is None


@pytest.fixture
async def world(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield RightsWorld(stores)
    await stores.engine.close()


async def verified(world):
    asked = Asked(person_id=await world.person(), kind=Kind.ERASURE, asked_by=ANNA, channel=STAFF)
    request = await world.officer().open(asked)
    return await world.officer().verify_identity(request.request_id, "passport")


async def test_an_erasure_begins_on_the_act_and_keeps_its_id(world):
    request = await verified(world)
    officer = world.officer(BORIS)
    with pytest.raises(RightsStepRefused):
        await officer.approve(request.request_id)
    with pytest.raises(RightsStepRefused):
        await officer.begin_erasure(request.request_id, recorded(request, who=(ANNA,)))
    act = recorded(request)
    begun, link = await officer.begin_erasure(request.request_id, act)
    erasure = await world.service.rights("t1", "eu").erasure(request.request_id)
    assert (State.WORKING, act.id, link.digest) == (begun.state, erasure.act_id, erasure.link)
    with pytest.raises(RightsStepRefused):
        await officer.begin_erasure(request.request_id, act)


async def test_a_hold_after_the_signatures_stops_the_begin(world):
    request = await verified(world)
    await world.service.protections.hold("t1", request.person_id, ANNA, stands=True)
    with pytest.raises(ErasureHeld):
        await world.officer().begin_erasure(request.request_id, recorded(request))

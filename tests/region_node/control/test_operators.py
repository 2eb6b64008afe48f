import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from region_node.control.act_errors import ActConflict, ActNotFound, ActRefused, NotAuthenticated
from region_node.control.acts import (
    LIFETIME,
    Act,
    ActUnreadable,
    AddOperator,
    RevokeOperator,
    canonical,
    encode_public_key,
    is_signed_by,
    sign_act,
)
from region_node.control.audit import AuditLog
from region_node.control.operator_tokens import new_operator_token
from region_node.control.operators import Approval, OperatorRegistry
from region_node.control.records import NewOperator, Outcome, Role

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


class Clock:
    now = NOON

    def __call__(self):
        return self.now


@dataclass(frozen=True)
class Person:
    name: str
    key: Ed25519PrivateKey
    token: object

    @property
    def public(self):
        return encode_public_key(self.key.public_key())

    def newcomer(self):
        return NewOperator(
            operator_id=self.token.operator_id,
            name=self.name,
            approval_key=self.public,
            token_digest=self.token.digest(),
        )


def person(name):
    return Person(name, Ed25519PrivateKey.generate(), new_operator_token(str(ULID())))


ANNA, BORIS, CARLA, DORA = [person(name) for name in ("anna", "boris", "carla", "dora")]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def registry(database, clock):
    made = OperatorRegistry(database, clock=clock)
    await made.bootstrap((ANNA.newcomer(), BORIS.newcomer()))
    return made


async def caller(registry, who):
    return await registry.authenticate(who.token.encode(), action="test")


def act_by(proposer, body, at=NOON):
    return Act(act_id=str(ULID()), proposer_id=proposer.token.operator_id, proposed_at=at, body=body)


def adding(who, *roles):
    return AddOperator(
        operator_id=who.token.operator_id,
        name=who.name,
        roles=roles or (Role.OPERATOR,),
        approval_key=who.public,
    )


def revoking(who):
    return RevokeOperator(operator_id=who.token.operator_id, name=who.name)


async def propose(registry, proposer, act, signer=None):
    document = canonical(act)
    return await registry.propose(
        await caller(registry, proposer), document, sign_act(document, (signer or proposer).key)
    )


def consent(act, signer, token=None):
    return Approval(
        act_id=act.act_id,
        signature=sign_act(canonical(act), signer.key),
        token_digest=token and token.digest(),
    )


async def both(registry, proposer, approver, body, token=None):
    act = await propose(registry, proposer, act_by(proposer, body))
    return await registry.approve(await caller(registry, approver), consent(act, approver, token))


async def names(registry, *, active=True):
    everyone = await registry.all(await caller(registry, ANNA))
    return [one.name for one in everyone if not (active and one.revoked_at)]


async def test_two_people_add_a_third_and_the_proof_verifies(registry):
    act = await both(registry, ANNA, BORIS, adding(CARLA, Role.SUPPORT), CARLA.token)
    assert (await caller(registry, CARLA)).roles == {Role.SUPPORT}
    recorded = await registry.act(act.act_id)
    assert recorded.document == canonical(act)
    assert [one.operator_id for one in recorded.consents] == [one.token.operator_id for one in (ANNA, BORIS)]
    assert all(is_signed_by(recorded.document, one.signature, one.approval_key) for one in recorded.consents)


async def test_a_proposal_alone_does_nothing(registry):
    await propose(registry, ANNA, act_by(ANNA, adding(CARLA)))
    assert await names(registry) == ["anna", "boris"]


async def test_nobody_approves_their_own_proposal(registry):
    act = await propose(registry, ANNA, act_by(ANNA, adding(CARLA)))
    with pytest.raises(ActRefused, match="second person"):
        await registry.approve(await caller(registry, ANNA), consent(act, ANNA, CARLA.token))
    assert await names(registry) == ["anna", "boris"]


async def test_a_forged_consent_is_refused_and_the_act_stays_open(registry):
    act = await propose(registry, ANNA, act_by(ANNA, adding(CARLA)))
    boris = await caller(registry, BORIS)
    for forged in (consent(act, ANNA, CARLA.token), replace(consent(act, BORIS, CARLA.token), signature="")):
        with pytest.raises(ActRefused, match="signature"):
            await registry.approve(boris, forged)
    await registry.approve(boris, consent(act, BORIS, CARLA.token))
    assert await names(registry) == ["anna", "boris", "carla"]


async def test_a_consent_to_another_act_is_refused(registry):
    wanted = await propose(registry, ANNA, act_by(ANNA, adding(CARLA)))
    other = await propose(registry, ANNA, act_by(ANNA, adding(DORA)))
    replayed = replace(consent(wanted, BORIS, DORA.token), act_id=other.act_id)
    with pytest.raises(ActRefused, match="another act"):
        await registry.approve(await caller(registry, BORIS), replayed)
    assert await names(registry) == ["anna", "boris"]


async def test_an_act_takes_effect_once_even_when_approved_twice_at_once(registry):
    await both(registry, ANNA, BORIS, adding(CARLA), CARLA.token)
    act = await propose(registry, ANNA, act_by(ANNA, adding(DORA)))
    approvers = [(await caller(registry, one), consent(act, one, DORA.token)) for one in (BORIS, CARLA)]
    results = await asyncio.gather(*(registry.approve(*one) for one in approvers), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Act", "ActConflict"]
    assert len((await registry.act(act.act_id)).consents) == 2


async def test_nobody_proposes_in_anothers_name_or_with_anothers_key(registry):
    with pytest.raises(ActRefused, match="another operator"):
        await propose(registry, BORIS, act_by(ANNA, adding(CARLA)))
    with pytest.raises(ActRefused, match="signature"):
        await propose(registry, ANNA, act_by(ANNA, adding(CARLA)), signer=BORIS)


async def test_only_the_role_operator_proposes_and_approves(registry):
    await both(registry, ANNA, BORIS, adding(CARLA, Role.COMPLIANCE_OFFICER), CARLA.token)
    with pytest.raises(ActRefused, match="role"):
        await propose(registry, CARLA, act_by(CARLA, adding(DORA)))
    act = await propose(registry, ANNA, act_by(ANNA, adding(DORA)))
    with pytest.raises(ActRefused, match="role"):
        await registry.approve(await caller(registry, CARLA), consent(act, CARLA, DORA.token))


@pytest.mark.parametrize("leaving", [ANNA, BORIS], ids=["oneself", "the-other"])
async def test_the_last_two_operators_cannot_be_revoked(registry, leaving):
    await both(registry, ANNA, BORIS, adding(CARLA, Role.SUPPORT), CARLA.token)
    with pytest.raises(ActConflict, match="two operators"):
        await propose(registry, ANNA, act_by(ANNA, revoking(leaving)))


async def test_two_revocations_proposed_while_there_were_three_do_not_leave_one(registry):
    await both(registry, ANNA, BORIS, adding(CARLA), CARLA.token)
    first = await propose(registry, ANNA, act_by(ANNA, revoking(BORIS)))
    second = await propose(registry, ANNA, act_by(ANNA, revoking(CARLA)))
    await registry.approve(await caller(registry, CARLA), consent(first, CARLA))
    with pytest.raises(ActConflict, match="two operators"):
        await registry.approve(await caller(registry, CARLA), consent(second, CARLA))


async def test_a_revoked_operator_is_nobody_and_their_proposals_die(registry):
    await both(registry, ANNA, BORIS, adding(CARLA), CARLA.token)
    left_behind = await propose(registry, CARLA, act_by(CARLA, adding(DORA)))
    await both(registry, CARLA, BORIS, revoking(CARLA))
    with pytest.raises(NotAuthenticated):
        await caller(registry, CARLA)
    with pytest.raises(ActRefused, match="no operator any more"):
        await registry.approve(await caller(registry, BORIS), consent(left_behind, BORIS, DORA.token))
    assert await names(registry) == ["anna", "boris"]
    assert await names(registry, active=False) == ["anna", "boris", "carla"]


async def test_an_act_expires(registry, clock):
    act = await propose(registry, ANNA, act_by(ANNA, adding(CARLA)))
    clock.now = NOON + LIFETIME
    with pytest.raises(ActRefused, match="expired"):
        await registry.approve(await caller(registry, BORIS), consent(act, BORIS, CARLA.token))


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_an_act_is_dated_now(registry, minutes):
    with pytest.raises(ActRefused, match="clock"):
        await propose(registry, ANNA, act_by(ANNA, adding(CARLA), NOON + timedelta(minutes=minutes)))


async def test_a_new_operator_needs_a_free_name_a_free_key_and_a_role(registry):
    body = adding(CARLA)
    impostor = msgspec.structs.replace(body, name="boris")
    same_key = msgspec.structs.replace(body, approval_key=BORIS.public)
    for taken in (impostor, same_key):
        with pytest.raises(ActConflict):
            await propose(registry, ANNA, act_by(ANNA, taken))
    for lacking in (msgspec.structs.replace(body, roles=()), msgspec.structs.replace(body, approval_key="x")):
        with pytest.raises(ActRefused):
            await propose(registry, ANNA, act_by(ANNA, lacking))


async def test_a_document_that_is_not_canonical_is_refused(registry):
    anna = await caller(registry, ANNA)
    good = act_by(ANNA, adding(CARLA))
    undated = msgspec.structs.replace(good, proposed_at=NOON.replace(tzinfo=None))
    path_as_name = msgspec.structs.replace(good, body=msgspec.structs.replace(good.body, name="../x"))
    long_id = msgspec.structs.replace(good, act_id="A" * 400)
    bad = [canonical(act) for act in (undated, path_as_name, long_id)]
    for document in (b"{}", b"\xff", canonical(good) + b"\n", *bad):
        with pytest.raises(ActUnreadable):
            await registry.propose(anna, document, sign_act(document, ANNA.key))


async def test_an_unknown_act_is_not_found(registry):
    with pytest.raises(ActNotFound):
        await registry.approve(await caller(registry, BORIS), Approval(act_id="x" * 400, signature=""))


async def test_bootstrap_works_once_even_when_run_twice_at_once(database, clock):
    registry = OperatorRegistry(database, clock=clock)
    pairs = [(ANNA, BORIS), (CARLA, DORA)]
    results = await asyncio.gather(
        *(registry.bootstrap((one.newcomer(), other.newcomer())) for one, other in pairs),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["ActConflict", "NoneType"]


async def test_one_person_is_not_two_operators(database, clock):
    registry = OperatorRegistry(database, clock=clock)
    with pytest.raises(ActConflict):
        await registry.bootstrap((ANNA.newcomer(), replace(BORIS.newcomer(), approval_key=ANNA.public)))


@pytest.mark.parametrize(
    "token", ["", "x", CARLA.token.encode()], ids=["empty", "malformed", "unknown-operator"]
)
async def test_made_up_tokens_are_denied_and_do_not_fill_the_log(registry, database, token):
    before = await AuditLog(database).entries()
    with pytest.raises(NotAuthenticated):
        await registry.authenticate(token, action="operator.list")
    assert before == await AuditLog(database).entries()


async def test_a_wrong_secret_of_an_operator_is_denied_and_recorded(registry, database):
    token = new_operator_token(ANNA.token.operator_id).encode()
    with pytest.raises(NotAuthenticated):
        await registry.authenticate(token, action="operator.list")
    newest = (await AuditLog(database).entries())[0]
    assert (newest.operator_id, newest.action, newest.outcome) == (None, "operator.list", Outcome.DENIED)


async def test_every_step_is_recorded_with_who_and_how_it_ended(registry, database):
    await both(registry, ANNA, BORIS, adding(CARLA), CARLA.token)
    with pytest.raises(ActRefused):
        await propose(registry, ANNA, act_by(ANNA, adding(BORIS)))
    entries = await AuditLog(database).entries()
    said = [(entry.operator_id, entry.action, entry.outcome) for entry in reversed(entries)]
    anna, boris = ANNA.token.operator_id, BORIS.token.operator_id
    assert said == [
        (None, "operator.bootstrap", Outcome.DONE),
        (None, "operator.bootstrap", Outcome.DONE),
        (anna, "operator.add", Outcome.PENDING),
        (boris, "operator.add", Outcome.DONE),
        (anna, "operator.propose", Outcome.REFUSED),
    ]

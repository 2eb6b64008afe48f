"""Operators: who they are, and the acts between two of them.

No private key and no token reaches this module: only public keys, signatures and digests do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from region_node.control import operator_rows as rows
from region_node.control import pack_acts
from region_node.control.act_errors import ActConflict, ActNotFound, ActRefused, NotAuthenticated
from region_node.control.acts import (
    Act,
    ActivatePack,
    ActUnreadable,
    AddOperator,
    ErasePerson,
    RevokeOperator,
    is_operator_name,
    is_public_key,
    is_signed_by,
    read_act,
)
from region_node.control.audit import AuditLog, insert_entry
from region_node.control.database import ControlDatabase
from region_node.control.models import ID
from region_node.control.operator_tokens import parse_operator_token
from region_node.control.pack_versions import insert_text
from region_node.control.records import (
    AuditEntry,
    NewOperator,
    Operator,
    Outcome,
    PackActivation,
    PackText,
    RecordedAct,
    Role,
)

MIN_OPERATORS = 2
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The second person's consent.

    `token_digest` is that of the new operator's token where the act adds one, else None.
    """

    act_id: str
    signature: str
    token_digest: str | None = None


class OperatorRegistry:
    """Each call is recorded in the audit log, refusals and failed authentications too."""

    def __init__(self, database: ControlDatabase, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._audit = AuditLog(database)
        self._clock = clock

    async def bootstrap(self, operators: tuple[NewOperator, NewOperator]) -> None:
        """Make the first two operators of a deployment; works once.

        Raises:
            ActConflict: There are operators already, or the two share a name or a key.
        """
        if not all(is_public_key(one.approval_key) and is_operator_name(one.name) for one in operators):
            raise ActRefused("a name cannot be used, or an approval key is no Ed25519 public key")
        try:
            await self._database.run_in_transaction(self._bootstrap(operators))
        except IntegrityError:
            raise ActConflict("the first two operators need different names and approval keys") from None

    async def authenticate(self, token: str, *, action: str) -> Operator:
        """The active operator whose token it is.

        Raises:
            NotAuthenticated: It is nobody's.
        """
        parsed = parse_operator_token(token)
        found = None
        if parsed is not None:
            found = await self._database.run(rows.with_digest(parsed.operator_id))
        if parsed is None or found is None:
            # Nobody's name is in it: an entry for each made-up token would let strangers fill the log.
            raise NotAuthenticated("the token is no active operator's")
        if not parsed.is_the_one(found[1]) or found[0].revoked_at:
            await self._audit.append(self._entry(None, action, "", Outcome.DENIED))
            raise NotAuthenticated("the token is no active operator's")
        return found[0]

    async def all(self, caller: Operator) -> tuple[Operator, ...]:
        await self._audit.append(self._entry(caller, "operator.list", "", Outcome.DONE))
        return await self._database.run(rows.operators())

    async def propose(
        self, caller: Operator, document: bytes, signature: str, pack: PackText | None = None
    ) -> Act:
        """Record an act that *caller* signed; it does nothing until a second operator approves it.

        *pack* goes on record together with the act that names its digest.

        Raises:
            ActUnreadable: The document is no act.
            ActRefused: It cannot be carried out, or the signature is not the caller's.
            AlreadyThere: The pack's version is on record with another content.
        """
        try:
            return await self._database.run_in_transaction(self._propose(caller, document, signature, pack))
        except (ActRefused, ActUnreadable):
            await self._audit.append(self._entry(caller, "operator.propose", "", Outcome.REFUSED))
            raise
        except IntegrityError:
            raise ActConflict("this act was proposed already") from None

    async def approve(self, caller: Operator, approval: Approval) -> Act:
        """Carry out an act that another operator proposed; the act and its record appear together.

        Raises:
            ActNotFound: There is no such act.
            ActConflict: It was decided already.
            ActRefused: The caller may not approve it, or things have changed since.
        """
        try:
            return await self._database.run_in_transaction(self._approve(caller, approval))
        except ActRefused:
            await self._audit.append(
                self._entry(caller, "operator.approve", approval.act_id, Outcome.REFUSED)
            )
            raise
        except IntegrityError:
            raise ActConflict("the name or the approval key is taken") from None

    async def activate(self, caller: Operator, activation: pack_acts.Instant) -> PackActivation:
        """Give an agreed act about a pack its instant.

        Raises:
            ActNotFound, ActConflict, ActRefused: as `pack_acts.activate` says.
        """
        try:
            return await self._database.run_in_transaction(self._activate(caller, activation))
        except ActRefused:
            await self._audit.append(
                self._entry(caller, "policy.activate", activation.act_id, Outcome.REFUSED)
            )
            raise
        except IntegrityError:
            raise ActConflict("the act was activated already") from None

    async def act(self, act_id: str) -> RecordedAct | None:
        """An act with its signatures, as proof of who consented to it."""
        return await self._database.run(rows.recorded_act(act_id))

    async def _bootstrap(self, operators: tuple[NewOperator, NewOperator]) -> None:
        now = self._clock()
        if await rows.operators():
            raise ActConflict("there are operators already: one of them can propose more")
        await rows.insert_bootstrap(operators, now)
        for operator in operators:
            await rows.insert_operator(operator, frozenset({Role.OPERATOR}), now)
            await insert_entry(self._entry(None, "operator.bootstrap", operator.operator_id, Outcome.DONE))

    async def _activate(self, caller: Operator, activation: pack_acts.Instant) -> PackActivation:
        now = self._clock()
        await rows.operators(lock=True)
        done = await pack_acts.activate(caller, activation, now)
        await insert_entry(self._entry(caller, "policy.activate", activation.act_id, Outcome.DONE))
        return done

    async def _propose(self, caller: Operator, document: bytes, signature: str, pack: PackText | None) -> Act:
        now = self._clock()
        act = read_act(document)
        if act.proposer_id != caller.id:
            raise ActRefused("the act names another operator as its proposer")
        if abs(act.proposed_at - now) > _CLOCK_SKEW:
            raise ActRefused("the act was not made just now: check the clock and make it again")
        _require_consent(caller, act, document, signature)
        if pack is not None:
            await insert_text(pack)
        await self._require_possible(act)
        await rows.insert_act(act, document)
        await rows.insert_consent(act.act_id, caller, signature, now)
        await insert_entry(self._entry(caller, act.kind, act.act_id, Outcome.PENDING))
        return act

    async def _approve(self, caller: Operator, approval: Approval) -> Act:
        now = self._clock()
        document = await rows.decide(approval.act_id, now)
        if document is None:
            if await rows.recorded_act(approval.act_id) is None:
                raise ActNotFound("there is no such act")
            raise ActConflict("the act was decided already")
        act = read_act(document)
        if act.expires_at <= now:
            raise ActRefused("the act has expired: propose it again")
        if act.proposer_id == caller.id:
            raise ActRefused("a second person has to approve what you proposed")
        proposer = await rows.with_digest(act.proposer_id)
        if proposer is None or proposer[0].revoked_at:
            raise ActRefused("who proposed the act is no operator any more")
        _require_consent(caller, act, document, approval.signature)
        await self._require_possible(act)
        await rows.insert_consent(act.act_id, caller, approval.signature, now)
        await self._carry_out(act, approval.token_digest, now)
        await insert_entry(self._entry(caller, act.kind, act.act_id, Outcome.DONE))
        return act

    async def _carry_out(self, act: Act, token_digest: str | None, now: datetime) -> None:
        body = act.body
        if isinstance(body, ErasePerson):
            return  # carried out where the person's data is, on the strength of this record
        if isinstance(body, RevokeOperator):
            await rows.revoke(body.operator_id, now)
            return
        if isinstance(body, ActivatePack):
            await pack_acts.carry_out(act, body, now)
            return
        if token_digest is None:
            raise ActRefused("a new operator needs a token")
        operator = NewOperator(
            operator_id=body.operator_id,
            name=body.name,
            approval_key=body.approval_key,
            token_digest=token_digest,
        )
        await rows.insert_operator(operator, frozenset(body.roles), now)

    async def _require_possible(self, act: Act) -> None:
        known = await rows.operators(lock=True)
        body = act.body
        if isinstance(body, ActivatePack):
            await pack_acts.require_possible(body)
            return
        if isinstance(body, ErasePerson):
            return
        if isinstance(body, AddOperator):
            if not body.roles or not is_public_key(body.approval_key):
                raise ActRefused("a new operator needs a role and an Ed25519 approval key")
            if any(body.name == one.name or body.approval_key == one.approval_key for one in known):
                raise ActConflict("the name or the approval key is taken")
            return
        active = {one.id: one for one in known if one.revoked_at is None}
        leaving = active.pop(body.operator_id, None)
        if leaving is None or leaving.name != body.name:
            raise ActNotFound("there is no active operator of that name")
        if sum(Role.OPERATOR in one.roles for one in active.values()) < MIN_OPERATORS:
            raise ActConflict("two operators have to remain: add another one first")

    def _entry(self, caller: Operator | None, action: str, target: str, outcome: Outcome) -> AuditEntry:
        return AuditEntry(
            at=self._clock(),
            operator_id=None if caller is None else caller.id,
            action=action,
            target=target[:ID],
            outcome=outcome,
        )


def _require_consent(caller: Operator, act: Act, document: bytes, signature: str) -> None:
    officers = isinstance(act.body, ActivatePack | ErasePerson)
    roles = pack_acts.ROLES if officers else frozenset({Role.OPERATOR})
    if not roles & caller.roles:
        names = " or ".join(sorted(roles))
        raise ActRefused(f"only people with the role {names} propose and approve this")
    if not is_signed_by(document, signature, caller.approval_key):
        raise ActRefused("the signature is not by your approval key, or is for another act")

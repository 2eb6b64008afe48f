"""`meridian rights approve`: agreeing to a request; an erasure is signed by two people before it begins."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from cli.control_session import TokenFile, exit_statuses, private_key, utc_now
from cli.exit_codes import ExitCode
from cli.node_desk import TENANT, Desk, TenantOption, at_desk
from cli.operator_views import wording
from cli.output import OutputFormat, emit, stderr
from cli.rights_desk import Output, RequestId, audited, officer_of
from cli.rights_views import Approved, request_document, show_approved
from cli.settings_option import ConfigOption, settings_or_exit
from region_node.control.acts import Act, canonical, read_act, sign_act
from region_node.control.operators import Approval, OperatorRegistry
from region_node.control.records import Operator, RecordedAct
from region_node.features.rights.approvals import act_on
from region_node.features.rights.model import Kind, Request
from region_node.features.rights.officers import Officer

commands = typer.Typer()
Key = Annotated[
    Path | None,
    typer.Option(help="For an erasure: your private approval key; it is used here and sent nowhere."),
]


@commands.command("approve", epilog="Example: meridian rights approve rq-eu-01kb3x --key anna.key")
def approve(
    *,
    request: RequestId,
    config: ConfigOption,
    token_file: TokenFile,
    key: Key = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Agree to a request. An erasure is signed, and begins when a second operator has signed the same act.

    Who agreed to it stays provable with `meridian operator proof`, after the person is gone as well. Exits 2
    for an erasure without --key, 3 under a legal hold, when the same operator approves twice, and when you do
    not agree.
    """
    with exit_statuses():
        signing = None if key is None else private_key(key)

    async def work(desk: Desk) -> Approved:
        with desk.refusals():
            operator = await desk.staff(token_file, "rights.approve")
            async with desk.recorded(operator, "rights.approve", audited(desk, tenant, request)):
                officer = officer_of(desk, tenant, operator.id)
                found, _ = await officer.show(request)
                if found.kind is not Kind.ERASURE:
                    return _approved(await officer.approve(request))
                if signing is None:
                    raise typer.BadParameter("an erasure is signed: give your approval key with --key")
                registry = OperatorRegistry(desk.control, clock=utc_now)
                return await _Signing(registry, operator, officer, signing, yes).erasure(request)

    approved = at_desk(settings_or_exit(config), work)
    show_approved(approved) if output is OutputFormat.TEXT else emit(approved, output)


@dataclass(frozen=True, slots=True)
class _Signing:
    registry: OperatorRegistry
    operator: Operator
    officer: Officer
    key: Ed25519PrivateKey
    is_sure: bool

    async def erasure(self, request_id: str) -> Approved:
        """Sign first, or second; what two have signed begins, also where a command stopped before it did."""
        request = await self.officer.erasable(request_id)
        recorded = await self._recorded(request)
        if recorded is None:
            return await self._propose(request)
        if recorded.decided_at is None:
            recorded = await self._agreed(recorded)
        after, link = await self.officer.begin_erasure(request_id, recorded)
        return _approved(after, link.token)

    async def _recorded(self, request: Request) -> RecordedAct | None:
        """The act that the first one signed; one that has expired undecided is proposed anew."""
        found = await self.registry.act(request.approval.act_id) if request.approval else None
        if found is None or found.decided_at is not None:
            return found
        return found if read_act(found.document).expires_at > utc_now() else None

    async def _propose(self, request: Request) -> Approved:
        body = act_on(self.officer.tenant, request)
        act = Act(act_id=str(ULID()), proposer_id=self.operator.id, proposed_at=utc_now(), body=body)
        self._confirm(act)
        document = canonical(act)
        await self.registry.propose(self.operator, document, sign_act(document, self.key))
        return _approved(await self.officer.proposed(request.request_id, act.act_id))

    async def _agreed(self, recorded: RecordedAct) -> RecordedAct:
        self._confirm(read_act(recorded.document))
        signature = sign_act(recorded.document, self.key)
        await self.registry.approve(self.operator, Approval(act_id=recorded.id, signature=signature))
        return await self.registry.act(recorded.id) or recorded

    def _confirm(self, act: Act) -> None:
        stderr.print(wording(act), markup=False, soft_wrap=True)
        if not self.is_sure and not typer.confirm("Do you agree?", err=True):
            raise typer.Exit(ExitCode.REFUSED)


def _approved(request: Request, link: str = "") -> Approved:
    return Approved(request=request_document(request), receipt_link=link)

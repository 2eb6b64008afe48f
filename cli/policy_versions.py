"""Versions of packs: proposed by one person, approved by another, in force from an instant on, and back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.control_session import (
    TokenFile,
    caller,
    exit_statuses,
    on_database,
    on_registry,
    private_key,
    utc_now,
)
from cli.control_session import propose as propose_act
from cli.exit_codes import ExitCode
from cli.operator_views import show, wording
from cli.output import OutputFormat, stderr
from cli.policy_control import Candidate, PolicyConfig, candidate_of, law_of
from cli.policy_diff import tell_changes
from cli.policy_facts import fail
from cli.policy_node import PolicyControlUrl, control_of
from cli.policy_views import Output
from region_node.control.act_errors import ActNotFound, ActRefused
from region_node.control.acts import Act, ActivatePack, Body, canonical, read_act, sign, sign_act
from region_node.control.database import ControlDatabase
from region_node.control.operators import Approval, OperatorRegistry
from region_node.control.pack_acts import Instant, activation_of
from region_node.control.pack_proofs import LEAD, activation_bytes, digest
from region_node.control.pack_versions import PackVersions
from region_node.control.records import PackActivation, PackText

PackName = Annotated[
    str,
    typer.Argument(metavar="PACK", help="A file, or eu@shipped: the one of this release."),
]
ActName = Annotated[str, typer.Argument(metavar="ACT", help="The act's file, or its id.")]
Key = Annotated[Path, typer.Option(help="Your private approval key; it is used here and sent nowhere.")]
ActFile = Annotated[Path | None, typer.Option(help="Where the act is written (default: ACT-ID.act.json).")]
FromInstant = Annotated[
    str,
    typer.Option("--from", metavar="INSTANT", help="UTC instant from which it holds, or `now`."),
]
NOW = "now"
commands = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where acts are kept, and with which token and key this person speaks."""

    url: str
    token_file: Path
    key: Ed25519PrivateKey


@commands.command(epilog="Example: meridian policy propose eu.toml --from 2027-01-01T00:00Z --key anna.key")
def propose(
    pack: PackName,
    key: Key,
    token_file: TokenFile,
    active_from: FromInstant = "",
    config: PolicyConfig = None,
    control_url: PolicyControlUrl = None,
    act_file: ActFile = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Propose a pack: check it, show whose rulings change, write the act that a second person approves.

    With --from it takes effect then, once approved; without, an approved act waits for `policy activate`.
    Exits 2 when the pack has mistakes, 5 when that version is on record with another content.
    """
    law = law_of(config, control_of(config, control_url))
    candidate = candidate_of(pack, law)
    tell_changes(law.packs, law.having(candidate), candidate.jurisdiction, config)
    desk = _desk(config, control_url, token_file, key)
    act, path = _propose(desk, candidate, _instant(active_from), act_file)
    _show_proposed(output, act, path)


@commands.command(epilog="Example: meridian policy rollback eu --key anna.key")
def rollback(
    jurisdiction: Annotated[str, typer.Argument(help="Whose pack: eu, br, us-ca, ...")],
    key: Key,
    token_file: TokenFile,
    to: Annotated[str, typer.Option(help="Version to go back to (default: the one before).")] = "",
    config: PolicyConfig = None,
    control_url: PolicyControlUrl = None,
    act_file: ActFile = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Propose to put an earlier version back at once, when approved; a scheduled one is taken off.

    Exits 4 when there is no earlier version.
    """
    desk = _desk(config, control_url, token_file, key)
    latest, before = _decided(desk, jurisdiction)
    law = law_of(config, desk.url, at=max(_now(), latest.active_from))
    candidate = candidate_of(f"{jurisdiction}@{to or before.version}", law)
    tell_changes(law.packs, law.having(candidate), candidate.jurisdiction, config)
    act, path = _propose(desk, candidate, _now(), act_file)
    _show_proposed(output, act, path)


@commands.command(epilog="Example: meridian policy approve 01J....act.json --key boris.key")
def approve(
    act: ActName,
    key: Key,
    token_file: TokenFile,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: PolicyConfig = None,
    control_url: PolicyControlUrl = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show what a colleague proposed and whose rulings it changes; if you agree, sign it.

    Exits 3 when you do not agree or may not approve it, 5 when another pack was activated meanwhile.
    """
    desk = _desk(config, control_url, token_file, key)
    proposed, body = _act(desk, act)
    law = law_of(config, desk.url)
    candidate = candidate_of(f"{body.jurisdiction}@{body.version}", law)
    if digest(candidate.text) != body.sha256:
        raise fail("the pack on record is not the one that was proposed: do not approve it", ExitCode.REFUSED)
    tell_changes(law.packs, law.having(candidate), candidate.jurisdiction, config)
    stderr.print(wording(proposed), markup=False, soft_wrap=True)
    if not yes and not typer.confirm("Do you agree?", err=True):
        raise typer.Exit(ExitCode.REFUSED)
    approval = Approval(act_id=proposed.act_id, signature=sign_act(canonical(proposed), desk.key))

    async def work(registry: OperatorRegistry) -> None:
        approver = await caller(registry, desk.token_file, action="policy.approve")
        await registry.approve(approver, approval)

    with exit_statuses():
        on_registry(desk.url, work)
    begins = None if body.active_from is None else max(body.active_from, _now() + LEAD)
    waits = f"approved; it waits for: meridian policy activate {proposed.act_id}"
    text = waits if begins is None else f"approved; {_begins(begins)}"
    show(output, {**_facts(body), "act_id": proposed.act_id, "active_from": begins}, text)


@commands.command(epilog="Example: meridian policy activate 01J....act.json --key anna.key")
def activate(
    act: ActName,
    key: Key,
    token_file: TokenFile,
    active_from: FromInstant = NOW,
    config: PolicyConfig = None,
    control_url: PolicyControlUrl = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Give an approved pack its instant; every node changes to it at the same moment.

    Exits 3 when it is not approved, 5 when it was activated already or another pack was meanwhile.
    """
    desk = _desk(config, control_url, token_file, key)
    agreed, body = _act(desk, act)
    begins = max(_instant(active_from) or _now(), _now() + LEAD)
    meant = activation_of(agreed, body, begins, begins)
    instant = Instant(
        act_id=agreed.act_id, active_from=begins, signature=sign(activation_bytes(meant), desk.key)
    )

    async def work(registry: OperatorRegistry) -> None:
        await registry.activate(await caller(registry, desk.token_file, action="policy.activate"), instant)

    with exit_statuses():
        on_registry(desk.url, work)
    text = f"pack {body.jurisdiction} {body.version} is {_begins(begins)}"
    show(output, {**_facts(body), "act_id": agreed.act_id, "active_from": begins}, text)


def _desk(config: Path | None, url: str | None, token_file: Path, key: Path) -> Desk:
    with exit_statuses():
        return Desk(url=control_of(config, url), token_file=token_file, key=private_key(key))


def _propose(
    desk: Desk, candidate: Candidate, active_from: datetime | None, act_file: Path | None
) -> tuple[Act, Path]:
    now = _now()
    text = PackText(
        jurisdiction=candidate.jurisdiction,
        version=candidate.version,
        sha256=digest(candidate.text),
        text=candidate.text,
        recorded_at=now,
    )

    async def work(database: ControlDatabase) -> tuple[Act, Path]:
        registry = OperatorRegistry(database, clock=utc_now)
        proposer = await caller(registry, desk.token_file, action="policy.propose")
        decided = await PackVersions(database).activations(text.jurisdiction)
        body = ActivatePack(
            jurisdiction=text.jurisdiction,
            version=text.version,
            sha256=text.sha256,
            replaces=decided[-1].version if decided else "",
            active_from=active_from,
        )
        return await propose_act(registry, proposer, body, desk.key, act_file, text)

    with exit_statuses():
        return on_database(desk.url, work)


def _decided(desk: Desk, jurisdiction: str) -> tuple[PackActivation, PackActivation]:
    """Return what was decided last of a pack, begun or not, and the version before it."""
    with exit_statuses():
        decided = on_database(desk.url, lambda database: PackVersions(database).activations(jurisdiction))
    before = [one for one in decided if one.version != decided[-1].version]
    if not before:
        raise fail(f"{jurisdiction} has no version before the one in force", ExitCode.NOT_FOUND)
    return decided[-1], before[-1]


def _act(desk: Desk, name: str) -> tuple[Act, ActivatePack]:
    """Return the act about a pack that a file or an id names."""

    async def work(registry: OperatorRegistry) -> bytes:
        recorded = await registry.act(name)
        if recorded is None:
            raise ActNotFound(f"there is no act {name}")
        return recorded.document

    with exit_statuses():
        path = Path(name)
        act = read_act(path.read_bytes() if path.is_file() else on_registry(desk.url, work))
        if not isinstance(act.body, ActivatePack):
            raise ActRefused("this act is not about a pack: see meridian operator approve")
    return act, act.body


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    if text == NOW:
        return _now()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise fail(f"--from: {text!r} is no instant such as 2027-01-01T00:00Z, nor {NOW}") from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _now() -> datetime:
    """In whole seconds, rounded up: instants are signed as they are stored."""
    return utc_now().replace(microsecond=0) + timedelta(seconds=1)


def _show_proposed(output: OutputFormat, act: Act, path: Path) -> None:
    facts = {"act_id": act.act_id, "act_file": str(path), "expires_at": act.expires_at}
    again = f"a second person runs: meridian policy approve {path}"
    show(output, {**_facts(act.body), **facts}, f"proposed: {wording(act)}", again)


def _facts(body: Body) -> dict[str, Any]:
    """What an act says of a pack, without its tag."""
    return {name: getattr(body, name) for name in body.__struct_fields__}


def _begins(moment: datetime) -> str:
    return f"in force from {moment:%Y-%m-%d %H:%M:%S} UTC on"

"""`meridian operator`: the people who run the platform, and acts that need two of them."""

from pathlib import Path
from typing import Annotated

import typer
from ulid import ULID

from cli.control_session import (
    ControlUrl,
    TokenFile,
    caller,
    default_control_url,
    exit_statuses,
    new_files,
    on_registry,
    private_key,
    propose,
)
from cli.exit_codes import ExitCode
from cli.operator_views import show, show_operators, show_proof, show_proposed, wording
from cli.output import OutputFormat, stderr
from cli.settings_option import settings_or_exit
from region_node.backends import control_url
from region_node.control.act_errors import ActNotFound
from region_node.control.acts import (
    Act,
    AddOperator,
    RevokeOperator,
    encode_public_key,
    is_operator_name,
    read_act,
    sign_act,
)
from region_node.control.operator_tokens import new_operator_token
from region_node.control.operators import Approval, OperatorRegistry
from region_node.control.records import NewOperator, Operator, RecordedAct, Role
from region_node.security.approval_keys import (
    create_approval_key,
    read_public_approval_key,
)

app = typer.Typer(no_args_is_help=True, help="Add and revoke operators; two of them have to agree.")


@app.callback()
def operator(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="MERIDIAN_CONFIG", help="Settings file that names the control database."
        ),
    ] = None,
) -> None:
    """The control database is the one of --config, unless --control-url names another."""
    if config is not None:
        default_control_url(context, control_url(settings_or_exit(config)))


Output = Annotated[OutputFormat, typer.Option(help="text for people, json or yaml for programs.")]
Key = Annotated[Path, typer.Option(help="Your private approval key; it is used here and sent nowhere.")]
TokenDirectory = Annotated[Path, typer.Option(help="Where token files (mode 0600) are written.")]
ActFile = Annotated[Path | None, typer.Option(help="Where the act is written (default: ACT-ID.act.json).")]


def _operator_name(value: str) -> str:
    if not is_operator_name(value):
        raise typer.BadParameter("a name has small letters, digits, dots, dashes, at most 63")
    return value


Name = Annotated[str, typer.Option(callback=_operator_name, help="Name of the operator.")]


@app.command(epilog="Example: meridian operator keygen --name anna --directory ~/.meridian --passphrase")
def keygen(
    name: Name,
    directory: Annotated[Path, typer.Option(help="Where NAME.key and NAME.pub are written.")],
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for one.")] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Make your approval key pair, on your own machine.

    NAME.pub goes to whoever adds you; NAME.key stays with you.
    """
    secret = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True) if passphrase else None
    with exit_statuses():
        private, public = create_approval_key(directory, name, passphrase=secret and secret.encode())
    show(
        output,
        {"name": name, "private_key": str(private), "public_key": str(public)},
        f"{private} stays with you, {public} goes to whoever adds you",
    )


@app.command(
    epilog="Example: meridian operator bootstrap --name anna --approval-key anna.pub "
    "--name boris --approval-key boris.pub --token-directory tokens"
)
def bootstrap(
    name: Annotated[list[str], typer.Option(help="Name of an operator; give two.")],
    approval_key: Annotated[list[Path], typer.Option(help="Public key of each, in the same order.")],
    token_directory: TokenDirectory,
    control_url: ControlUrl,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Make the first two operators. Works only while there is none."""
    people = [_operator_name(one) for one in name]
    if (len(people), len(approval_key)) != (2, 2) or people[0] == people[1]:
        raise typer.BadParameter("give two different names, and a public key for each")
    with exit_statuses():
        tokens = [new_operator_token(str(ULID())) for _ in people]
        first, second = [
            NewOperator(
                operator_id=token.operator_id,
                name=one,
                approval_key=encode_public_key(read_public_approval_key(key)),
                token_digest=token.digest(),
            )
            for one, key, token in zip(people, approval_key, tokens, strict=True)
        ]
        files = {
            token_directory / f"{one}.token": token.encode().encode()
            for one, token in zip(people, tokens, strict=True)
        }

        async def work(registry: OperatorRegistry) -> None:
            async with new_files(files):
                await registry.bootstrap((first, second))

        on_registry(control_url, work)
    facts = [
        {"name": one.name, "operator_id": one.operator_id, "token_file": str(path)}
        for one, path in zip((first, second), files, strict=True)
    ]
    show(output, facts, *(f"{fact['name']}: token in {fact['token_file']}" for fact in facts))


@app.command(
    epilog="Example: meridian operator add --name carla --approval-key carla.pub --role support --key a.key"
)
def add(
    *,
    name: Name,
    approval_key: Annotated[Path, typer.Option(help="The new operator's public key.")],
    role: Annotated[list[Role], typer.Option(help="What they may do; repeatable.")],
    key: Key,
    token_file: TokenFile,
    control_url: ControlUrl,
    act_file: ActFile = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Propose a new operator and write the act that a second operator has to approve."""
    with exit_statuses():
        body = AddOperator(
            operator_id=str(ULID()),
            name=name,
            roles=tuple(sorted(set(role))),
            approval_key=encode_public_key(read_public_approval_key(approval_key)),
        )
        private = private_key(key)

        async def work(registry: OperatorRegistry) -> tuple[Act, Path]:
            proposer = await caller(registry, token_file, action="operator.add")
            return await propose(registry, proposer, body, private, act_file)

        act, path = on_registry(control_url, work)
    show_proposed(output, act, path)


@app.command(epilog="Example: meridian operator revoke carla --key anna.key")
def revoke(
    *,
    name: Annotated[str, typer.Argument(help="Name of the operator who leaves; may be yourself.")],
    key: Key,
    token_file: TokenFile,
    control_url: ControlUrl,
    act_file: ActFile = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Propose to revoke an operator; takes effect when a second operator approves.

    The last two operators cannot be revoked.
    """
    with exit_statuses():
        private = private_key(key)

        async def work(registry: OperatorRegistry) -> tuple[Act, Path]:
            proposer = await caller(registry, token_file, action="operator.revoke")
            leaving = next((one for one in await registry.all(proposer) if one.name == name), None)
            if leaving is None:
                raise ActNotFound(f"there is no operator {name}")
            body = RevokeOperator(operator_id=leaving.id, name=name)
            return await propose(registry, proposer, body, private, act_file)

        act, path = on_registry(control_url, work)
    show_proposed(output, act, path)


@app.command(
    epilog="Example: meridian operator approve 01J....act.json --key boris.key --token-directory tokens"
)
def approve(
    *,
    act: Annotated[Path, typer.Argument(help="The act, as its proposer wrote it.")],
    key: Key,
    token_file: TokenFile,
    control_url: ControlUrl,
    token_directory: TokenDirectory = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show what a colleague proposed and, if you agree, sign it: then it takes effect.

    Exits 3 when you do not agree.
    """
    with exit_statuses():
        document = act.read_bytes()
        proposed = read_act(document)
        when = f"{proposed.proposed_at:%Y-%m-%d %H:%M} UTC"
        stderr.print(f"{wording(proposed)} (proposed {when})", markup=False, soft_wrap=True)
        if not yes and not typer.confirm("Do you agree?", err=True):
            raise typer.Exit(ExitCode.REFUSED)
        signature = sign_act(document, private_key(key))
        files, digest = {}, None
        if isinstance(proposed.body, AddOperator):
            token = new_operator_token(proposed.body.operator_id)
            files, digest = (
                {token_directory / f"{proposed.body.name}.token": token.encode().encode()},
                token.digest(),
            )
        approval = Approval(act_id=proposed.act_id, signature=signature, token_digest=digest)

        async def work(registry: OperatorRegistry) -> None:
            approver = await caller(registry, token_file, action="operator.approve")
            async with new_files(files):
                await registry.approve(approver, approval)

        on_registry(control_url, work)
    paths = [str(path) for path in files]
    facts = {"act_id": proposed.act_id, "kind": proposed.kind, "token_files": paths}
    show(output, facts, f"done: {wording(proposed)}", *(f"token in {path}" for path in paths))


@app.command("list", epilog="Example: meridian operator list --output json")
def list_operators(
    token_file: TokenFile,
    control_url: ControlUrl,
    output: Output = OutputFormat.TEXT,
) -> None:
    """All operators, those who left included."""

    async def work(registry: OperatorRegistry) -> tuple[Operator, ...]:
        return await registry.all(await caller(registry, token_file, action="operator.list"))

    with exit_statuses():
        operators = on_registry(control_url, work)
    show_operators(output, operators)


@app.command(epilog="Example: meridian operator proof 01J... --output json")
def proof(
    act_id: Annotated[str, typer.Argument(help="Id of the act.")],
    token_file: TokenFile,
    control_url: ControlUrl,
    output: Output = OutputFormat.JSON,
) -> None:
    """Who consented to an act: its document with each signature and the key that verifies it.

    Exits 1 when a signature does not verify.
    """

    async def work(registry: OperatorRegistry) -> RecordedAct | None:
        await caller(registry, token_file, action="operator.proof")
        return await registry.act(act_id)

    with exit_statuses():
        recorded = on_registry(control_url, work)
        if recorded is None:
            raise ActNotFound(f"there is no act {act_id}")
    if not show_proof(output, recorded):
        raise typer.Exit(ExitCode.DIFFERENCES)

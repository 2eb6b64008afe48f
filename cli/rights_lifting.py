"""`meridian rights tell-lifting|lift`: the end of a restriction, of which the person knows first."""

import typer

from cli.control_session import TokenFile
from cli.node_desk import TENANT, TenantOption
from cli.output import OutputFormat
from cli.rights_desk import Output, Reason, RequestId, reason_in, shown, with_parts
from cli.settings_option import ConfigOption

commands = typer.Typer()


@commands.command(
    "tell-lifting", epilog="Example: meridian rights tell-lifting rq-eu-01kb3x --reason-file reason.txt"
)
def tell_lifting(
    *,
    request: RequestId,
    reason_file: Reason,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Tell a person that the restriction they obtained will end, and why (GDPR Art. 18(3)).

    They read it with their request, in their language. Another operator lifts it when the time of the notice
    is over. Exits 3 where nothing is restricted, or the person was told already.
    """
    reason = reason_in(reason_file)
    whose = (tenant, "rights.tell-lifting", request)
    told = with_parts(
        config, token_file, whose, lambda parts, officer: parts.restrictions.tell(officer, request, reason)
    )
    shown(told, output)


@commands.command("lift", epilog="Example: meridian rights lift rq-eu-01kb3x --config node.toml")
def lift(
    *,
    request: RequestId,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """End a restriction of processing that the person was told of; the request keeps a signed receipt.

    Exits 3 where the person does not know long enough, for the operator who told them, and where it was
    lifted already.
    """
    whose = (tenant, "rights.lift", request)
    lifted = with_parts(
        config, token_file, whose, lambda parts, officer: parts.restrictions.lift(officer, request)
    )
    shown(lifted, output)

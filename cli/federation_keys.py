"""`meridian federation keys`: the keys that a region signs with, and those of others that it trusts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import ConfigOption, settings_or_exit
from federation.keyring import ANNOUNCED_FOR, KeyringError, OwnKeys, PublicKey
from policies.vocabulary import Region
from region_node.brokers import own_region
from region_node.security.federation_keys import (
    ensure_own_keys,
    merged,
    public_document,
    read_own_keys,
    read_public_keys,
    write_own_keys,
    write_public_keys,
)
from region_node.security.private_files import PrivateFileError
from region_node.settings import FederationSettings, Settings

keys = typer.Typer(no_args_is_help=True, help="Keys that regions sign with.")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """`signs_from` is known of own keys only."""

    region: str
    key_id: str
    signs_from: datetime | None
    accepted_until: datetime | None
    revoked_at: datetime | None


@keys.callback()
def _keys() -> None:
    """A region without `[federation]` in its settings has keys that nobody else needs to know."""


@keys.command()
def init(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """Make the first key of this region. Safe to repeat: keys that are there are kept.

    Example: meridian federation keys init --config config/node.example.toml
    """
    with _faults():
        settings, region = _federated(config)
        made = ensure_own_keys(settings.signing_keys_file, region, datetime.now(UTC))
        own = read_own_keys(settings.signing_keys_file, region)
    if output is OutputFormat.TEXT:
        stdout.print(f"{'made' if made else 'kept'} {settings.signing_keys_file}", soft_wrap=True)
    else:
        emit({"made": made, "keys": [_own_view(own, key) for key in own.public()]}, output)


@keys.command("list")
def list_keys(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """List the keys of this region and those of others that it knows.

    Example: meridian federation keys list --config config/node.example.toml --output json
    """
    with _faults():
        settings, region = _federated(config)
        own = read_own_keys(settings.signing_keys_file, region)
        known = read_public_keys(settings.public_keys_file).keys
    views = [_own_view(own, key) for key in own.public()]
    _show([*views, *(_view(key) for key in known if key.region != region)], output)


@keys.command()
def export(config: ConfigOption, output: Output = OutputFormat.JSON) -> None:
    """Write the public keys of this region to stdout: for `keys import` in the others.

    Example: meridian federation keys export --config config/node.example.toml > eu-central.json
    """
    with _faults():
        settings, region = _federated(config)
        own = read_own_keys(settings.signing_keys_file, region)
    if output is OutputFormat.YAML:
        emit([_own_view(own, key) for key in own.public()], output)
    else:
        stdout.out(public_document(own.public()).decode(), end="")


@keys.command("import")
def import_keys(
    file: Annotated[Path, typer.Argument(help="What `keys export` of another region wrote.", exists=True)],
    config: ConfigOption,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Take in the public keys of another region, in the place of those known before.

    Compare the key ids with what its operator reads to you: they are thumbprints (RFC 7638). A key that
    was revoked stays so. Exits 5 when two regions claim one key, or the file speaks for this region.

    Example: meridian federation keys import us-west.json --config config/node.example.toml
    """
    with _faults():
        settings, region = _federated(config)
        told = read_public_keys(file)
    if region in told.regions:
        stderr.print(f"{file} speaks for {region}, which is this region", markup=False)
        raise typer.Exit(ExitCode.CONFLICT)
    try:
        with _faults():
            both = merged(read_public_keys(settings.public_keys_file), told)
            write_public_keys(settings.public_keys_file, both)
    except typer.Exit:
        raise typer.Exit(ExitCode.CONFLICT) from None
    _show([_view(key) for key in told.keys], output)


@keys.command()
def rotate(
    config: ConfigOption,
    announced_h: Annotated[
        float, typer.Option(min=0, help="Hours in which others can learn of the new key before it signs.")
    ] = ANNOUNCED_FOR / timedelta(hours=1),
    output: Output = OutputFormat.TEXT,
) -> None:
    """Announce a new key. It signs after a day; the one before is accepted for as long as messages are kept.

    Export the keys right after, and have them imported everywhere within that time.

    Example: meridian federation keys rotate --config config/node.example.toml
    """
    with _faults():
        settings, region = _federated(config)
        own = read_own_keys(settings.signing_keys_file, region)
        changed = own.rotated(datetime.now(UTC), timedelta(hours=announced_h))
        write_own_keys(settings.signing_keys_file, changed)
    _show([_own_view(changed, key) for key in changed.public()], output)


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="As `keys list` shows it.", metavar="KEY")],
    config: ConfigOption,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Trust a key no more, whatever it signed and whenever: one of this region, or of another.

    One of this region has to be exported again; what waits under it is refused by others and has to be
    published again. Exits 4 when there is no such key.

    Example: meridian federation keys revoke Zk0 --config config/node.example.toml
    """
    now = datetime.now(UTC)
    with _faults():
        settings, region = _federated(config)
        own = read_own_keys(settings.signing_keys_file, region)
        known = read_public_keys(settings.public_keys_file)
        if key_id in {key.key_id for key in own.keys}:
            changed = own.revoked(key_id, now)
            if not any(key.signs_at(now) for key in changed.keys):
                # The region must be able to sign: its own new key begins at once.
                changed = changed.rotated(now, timedelta())
            write_own_keys(settings.signing_keys_file, changed)
            _show([_own_view(changed, key) for key in changed.public()], output)
            return
        if key_id not in {key.key_id for key in known.keys}:
            stderr.print(f"no region that is known has the key {key_id}", markup=False)
            raise typer.Exit(ExitCode.NOT_FOUND)
        renewed = tuple(_revoked(key, now) if key.key_id == key_id else key for key in known.keys)
        write_public_keys(settings.public_keys_file, msgspec.structs.replace(known, keys=renewed))
    _show([_view(key) for key in renewed if key.key_id == key_id], output)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (KeyringError, PrivateFileError, OSError) as fault:
        stderr.print(str(fault), markup=False, soft_wrap=True)
        raise typer.Exit(ExitCode.USAGE) from None


def _federated(config: Path) -> tuple[FederationSettings, Region]:
    settings: Settings = settings_or_exit(config)
    if settings.federation is None:
        stderr.print(f"{config} has no [federation]: this region is alone", markup=False)
        raise typer.Exit(ExitCode.USAGE)
    return settings.federation, own_region(settings)


def _revoked(key: PublicKey, now: datetime) -> PublicKey:
    return msgspec.structs.replace(key, revoked_at=key.revoked_at or now)


def _own_view(own: OwnKeys, key: PublicKey) -> KeyView:
    signs_from = next(one.signs_from for one in own.keys if one.key_id == key.key_id)
    return msgspec.structs.replace(_view(key), signs_from=signs_from)


def _view(key: PublicKey) -> KeyView:
    return KeyView(
        region=key.region,
        key_id=key.key_id,
        signs_from=None,
        accepted_until=key.accepted_until,
        revoked_at=key.revoked_at,
    )


def _show(views: list[KeyView], output: OutputFormat) -> None:
    if output is not OutputFormat.TEXT:
        emit(views, output)
        return
    table = Table("region", "key", "signs from", "accepted until", "revoked")
    for one in views:
        moments = (one.signs_from, one.accepted_until, one.revoked_at)
        table.add_row(one.region, one.key_id, *(f"{at:%Y-%m-%d %H:%M}" if at else "-" for at in moments))
    stdout.print(table)

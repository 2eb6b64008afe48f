"""`meridian policy diff`: whose rulings change between two versions, and how many people that touches."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import policy_facts as ask
from cli.control_session import exit_statuses
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.policy_control import Candidate, Law, PolicyConfig, candidate_of, law_of
from cli.policy_views import Output
from cli.settings_option import settings_or_exit
from policies.difference import ELSEWHERE, Change, difference
from policies.engine import Engine
from policies.facts import HOME
from policies.pack import PackSet
from policies.vocabulary import Jurisdiction, Region
from region_node.regions import Regions
from region_node.rulings.circumstances import Question
from region_node.settings import Settings
from region_node.storage.errors import StorageError
from region_node.touched import Touched, count_touched

MOST_LINES = 40
MOST_COUNTRIES = 5
commands = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Two versions of one pack, what changes, and for how many people (None without a node)."""

    before: PackSet
    after: PackSet
    jurisdiction: Jurisdiction
    changes: tuple[Change, ...]
    touched: Touched | None


@commands.command(epilog="Example: meridian policy diff eu.toml --config config/node.example.toml")
def diff(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A file, eu@2027-01-01 or eu@shipped.")],
    other: Annotated[
        str, typer.Argument(metavar="[PACK]", help="Compare the first with this one (default: eu in force).")
    ] = "",
    at: ask.AtOption = "",
    config: PolicyConfig = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show whose rulings change from one version of a pack to another: with one PACK, from what is in force.

    With --config the people on that node's stores are counted whose rulings change.
    Exits 0 when no ruling changes, 1 when some do, 4 when there is no such pack.
    """
    day, instant = ask.instant_of(at, datetime.now(UTC))
    law = law_of(config, at=instant)
    first, second = _pair(law, pack, other)
    found = compare(law.having(first), law.having(second), second.jurisdiction, day, config)
    if output is OutputFormat.TEXT:
        stdout.print(f"{first.jurisdiction} {first.version} → {second.version}", markup=False)
        show_changes(found, stdout)
    else:
        emit({"before": _named(first), "after": _named(second), **changes_document(found)}, output)
    if found.changes:
        raise typer.Exit(ExitCode.DIFFERENCES)


def _pair(law: Law, pack: str, other: str) -> tuple[Candidate, Candidate]:
    first = candidate_of(pack, law)
    second = candidate_of(other, law) if other else first
    if not other:
        first = candidate_of(first.jurisdiction, law)
    if first.jurisdiction != second.jurisdiction:
        raise ask.fail(f"{first.name} and {second.name} are packs of two jurisdictions")
    return first, second


def _named(candidate: Candidate) -> dict[str, str]:
    return {"pack": candidate.name, "jurisdiction": candidate.jurisdiction, "version": candidate.version}


def tell_changes(before: PackSet, after: PackSet, jurisdiction: Jurisdiction, config: Path | None) -> None:
    """Say on stderr whose rulings change, for somebody who is about to sign."""
    show_changes(compare(before, after, jurisdiction, datetime.now(UTC).date(), config), stderr)


def compare(
    before: PackSet, after: PackSet, jurisdiction: Jurisdiction, day: date, config: Path | None
) -> Differing:
    changes = difference(before, after, day)
    touched = None
    if config is not None and changes:
        settings = settings_or_exit(config)
        regions = ask.regions_of(None, config, before)
        questions = list(_questions(changes, settings, regions, day))
        count = count_touched(settings, jurisdiction, Engine(before), Engine(after), questions)
        try:
            with exit_statuses():
                touched = asyncio.run(count)
        except StorageError as fault:
            raise ask.fail(f"people cannot be counted: {fault}", ExitCode.UNREACHABLE) from None
    return Differing(before=before, after=after, jurisdiction=jurisdiction, changes=changes, touched=touched)


def _questions(
    changes: Sequence[Change], settings: Settings, regions: Regions, day: date
) -> Iterator[Question]:
    """Yield what has changed, at home and towards each region where data of this node could go."""
    origin = Region(settings.node.region)
    asked = {(one.scope.purpose, one.scope.category) for one in changes if not one.only_in_reasons}
    for purpose, category in sorted(asked):
        yield Question(purpose=purpose, category=category, destination=HOME)
        for facts in regions.regions.values():
            if facts.group != regions.regions[origin].group:
                kinds = regions.kinds_between(origin, facts.name, day)
                yield Question(
                    purpose=purpose, category=category, destination=facts.country, instruments=kinds
                )


def changes_document(found: Differing) -> dict[str, Any]:
    """As programs read it; `people` is null where nobody was counted."""
    return {
        "same": not found.changes,
        "changes": [_change(one) for one in found.changes],
        "people": None if found.touched is None else _people(found.touched),
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "jurisdiction": one.scope.jurisdiction,
        "overlay": one.scope.overlay,
        "from_age": one.scope.from_age,
        "under_age": one.scope.under_age,
        "purpose": one.scope.purpose,
        "category": one.scope.category,
        "destinations": [name or "home" for name in one.destinations],
        "before": one.before,
        "after": one.after,
        "rules_before": one.rules_before,
        "rules_after": one.rules_after,
        "since": one.since,
    }


def _people(touched: Touched) -> list[dict[str, Any]]:
    return [
        {
            "jurisdiction": group.jurisdiction,
            "overlay": group.overlay,
            "ages": group.ages,
            "people": count,
            "changed": touched.changed[group],
        }
        for group, count in sorted(touched.people.items(), key=lambda found: str(found[0]))
    ]


def show_changes(found: Differing, console: Console) -> None:
    """One line for each change that purposes and categories have in common, at most MOST_LINES of them."""
    if not found.changes:
        console.print("no ruling changes")
        return
    lines = _together([one for one in found.changes if not one.only_in_reasons])
    table = Table("who", "from → to", "purposes", "data", "where", box=None, pad_edge=False)
    for line in lines[:MOST_LINES]:
        table.add_row(*map(Text, line))
    if lines:
        console.print(table)
    if len(lines) > MOST_LINES:
        console.print(f"and {len(lines) - MOST_LINES} more: see meridian policy diff --output json")
    same = sum(one.only_in_reasons for one in found.changes)
    if same:
        console.print(f"{same} questions have the same answer by other rules, articles or obligations")
    if found.touched is None:
        console.print("people: not counted; name a node with --config", soft_wrap=True)
        return
    changed, people = sum(found.touched.changed.values()), sum(found.touched.people.values())
    console.print(f"people on this node: rulings change for {changed:,} of {people:,}", soft_wrap=True)
    for one in _people(found.touched):
        if one["changed"]:
            place = f"{one['jurisdiction']}{'/' + one['overlay'].lower() if one['overlay'] else ''}"
            console.print(f"  {place}, {one['ages']} years: {one['changed']:,} of {one['people']:,}")


def _together(changes: Sequence[Change]) -> list[tuple[str, str, str, str, str]]:
    """Join changes that are alike: first purposes of one category, then categories of the same purposes."""
    purposes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one in changes:
        kind = (_who(one), f"{one.before} → {one.after}", _where(one.destinations))
        purposes[*kind, one.scope.category].add(one.scope.purpose)
    categories: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for (who, effects, where, category), names in purposes.items():
        categories[who, effects, ", ".join(sorted(names)), where].add(category)
    return [
        (who, effects, names, ", ".join(sorted(data)), where)
        for (who, effects, names, where), data in categories.items()
    ]


def _who(one: Change) -> str:
    scope = one.scope
    place = f"{scope.jurisdiction}/{scope.overlay.lower()}" if scope.overlay else str(scope.jurisdiction)
    if scope.under_age is None:
        return f"{place}, {scope.from_age}+" if scope.from_age else place
    ages = range(scope.from_age, scope.under_age)
    return f"{place}, {ages[0]}" if len(ages) == 1 else f"{place}, {ages[0]}-{ages[-1]}"


def _where(destinations: Sequence[str]) -> str:
    named = [name for name in destinations if name not in {HOME, ELSEWHERE}]
    countries = [f"{len(named)} countries"] if len(named) > MOST_COUNTRIES else named
    home = ["home"] if HOME in destinations else []
    return ", ".join([*home, *countries, *(["elsewhere"] if ELSEWHERE in destinations else [])])

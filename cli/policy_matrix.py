"""`meridian policy matrix`: every purpose by every region, for one person."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from cli import policy_facts as ask
from cli.output import OutputFormat, emit, stdout
from cli.policy_control import PolicyConfig, law_of
from cli.policy_views import LanguageOption, Output
from locales.translator import Translator, translator_for
from policies.engine import Engine
from policies.ruling import Effect, Reason
from policies.vocabulary import DataCategory, Purpose, Region
from region_node.rulings.wording import EFFECT_TEXTS

Cell = dict[Effect, list[DataCategory]]
"""The categories by what is said of them; those that a purpose has no need of are left out."""

Cells = dict[tuple[Purpose, Region], Cell]

_UNASKED = {Reason.NOT_FOR_THIS_PURPOSE, Reason.NO_RULE}
_SIGNS = {
    Effect.ALLOW: ("+", "green"),
    Effect.REDACT: ("~", "yellow"),
    Effect.NEEDS_CONSENT: ("?", "yellow"),
    Effect.NEEDS_GUARDIAN: ("!", "yellow"),
    Effect.DENY: ("-", "red"),
}


def matrix(
    subject: ask.SubjectOption,
    age: ask.AgeOption = None,
    category: Annotated[
        DataCategory | None, typer.Option(help="Which kind of data (default: all that a purpose needs).")
    ] = None,
    origin: ask.FromOption = "",
    consented: Annotated[
        bool, typer.Option("--consented", help="Everything was consented to, by name.")
    ] = False,
    guardian_consent: ask.GuardianOption = False,
    instrument: ask.InstrumentOption = None,
    at: ask.AtOption = "",
    regions: ask.RegionsOption = None,
    config: PolicyConfig = None,
    language: LanguageOption = "en",
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show what is said of each purpose in each region, and of which kinds of data.

    Exits 4 for a place without a pack.
    """
    day, instant = ask.instant_of(at, datetime.now(UTC))
    packs = law_of(config, at=instant).packs
    known = ask.regions_of(regions, config, packs)
    place = ask.served(packs, subject, known)
    every = [f"{purpose}:{one}" for purpose in Purpose for one in DataCategory]
    circumstances = ask.Circumstances(
        age=age,
        consent=[*Purpose, *every] if consented else (),
        guardian_consent=guardian_consent,
        instrument=instrument or (),
    )
    questions = ask.Questions(
        place=place,
        regions=known,
        origin=ask.origin_of(known, place, origin),
        day=day,
        circumstances=circumstances,
    )
    categories = [category] if category else [one for one in DataCategory if one.is_personal]
    cells = _cells(Engine(packs), questions, categories)
    if output is OutputFormat.TEXT:
        _show(questions, cells, translator_for(language))
    else:
        emit(_document(questions, cells), output)


def _cells(engine: Engine, questions: ask.Questions, categories: Iterable[DataCategory]) -> Cells:
    cells: Cells = {}
    for purpose in Purpose:
        for region in questions.regions.regions:
            cell: Cell = defaultdict(list)
            for category in categories:
                ruling = engine.decide(questions.facts(purpose, category, region))
                if not _UNASKED.issuperset(ruling.reasons):
                    cell[ruling.effect].append(category)
            cells[purpose, region] = dict(sorted(cell.items(), key=lambda found: found[0].rank))
    return cells


def _document(questions: ask.Questions, cells: Cells) -> dict[str, Any]:
    return {
        "subject": questions.place.name,
        "jurisdiction": questions.place.jurisdiction,
        "origin": questions.origin,
        "at": questions.day.isoformat(),
        "destinations": [
            {"region": region, "country": facts.country, "home": questions.is_home(region)}
            for region, facts in questions.regions.regions.items()
        ],
        "cells": [
            {
                "purpose": purpose,
                "destination": region,
                "effect": max(cell, key=lambda effect: effect.rank, default=Effect.DENY),
                "categories": cell,
            }
            for (purpose, region), cell in cells.items()
        ],
    }


def _show(questions: ask.Questions, cells: Cells, translator: Translator) -> None:
    title = f"{questions.place.name}, {questions.day}, {questions.origin} →"
    table = Table("", title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for region, facts in questions.regions.regions.items():
        home = questions.is_home(region)
        table.add_column(f"{region}\n[dim]{'home' if home else facts.country}[/]")
    for purpose in Purpose:
        row = [_signs(cells[purpose, region]) for region in questions.regions.regions]
        table.add_row(purpose, *row)
    stdout.print(table)
    stdout.print()
    for effect, (sign, colour) in _SIGNS.items():
        stdout.print(
            f"[{colour}]{sign}[/] {translator.text(EFFECT_TEXTS[effect])} ({effect})", soft_wrap=True
        )


def _signs(cell: Cell) -> str:
    """As many of each sign's kinds as there are: ``+12 ?3``; a blank cell is a purpose that needs nothing."""
    counted = sum(map(len, cell.values())) > 1
    return " ".join(
        f"[{_SIGNS[effect][1]}]{_SIGNS[effect][0]}{len(found) if counted else ''}[/]"
        for effect, found in cell.items()
    )

"""How rulings are shown: text for people in their language, the same facts as JSON or YAML for programs."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output import OutputFormat, stdout
from locales.messages import N_
from locales.translator import Translator
from policies.facts import ADULT_YEARS, HOME, Facts
from policies.law import find_law
from policies.pack import PackSet
from policies.rule import Rule
from policies.ruling import Effect, Obligation, Ruling
from policies.source import Source
from policies.vocabulary import Basis
from region_node.rulings.wording import EFFECT_TEXTS, OBLIGATION_TEXTS, REASON_TEXTS

Language = Literal["en", "de", "pt-BR", "ru"]
LanguageOption = Annotated[
    Language, typer.Option("--language", envvar="MERIDIAN_LANGUAGE", help="Language of the text output.")
]

Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]

RECALL_MARK = "*"
RECALL_NOTE = N_("* from memory, not read at the source: check it before you rely on it")
_COLOURS = {Effect.ALLOW: "green", Effect.DENY: "red"}


def ruling_document(ruling: Ruling, at: date) -> dict[str, Any]:
    """The answer as programs read it; keys are never renamed."""
    return {
        "effect": ruling.effect.value,
        "allowed": ruling.allowed,
        "jurisdiction": ruling.jurisdiction,
        "overlay": ruling.overlay,
        "reasons": [reason.value for reason in ruling.reasons],
        "rules": list(ruling.rules),
        "articles": list(ruling.articles),
        "obligations": [asdict(obligation) for obligation in ruling.obligations],
        "fields": list(ruling.fields),
        "certainty": ruling.certainty.value,
        "recalled": ruling.recalled,
        "pack_version": ruling.pack_version,
        "at": at.isoformat(),
    }


def rules_of(packs: PackSet, ruling: Ruling) -> tuple[Rule, ...]:
    """The rules that decided, in the order of the ruling."""
    law = find_law(packs, ruling.jurisdiction, ruling.overlay)
    known = {rule.id: rule for rule in law.rules} if law else {}
    return tuple(known[name] for name in ruling.rules if name in known)


def show_ruling(ruling: Ruling, facts: Facts, packs: PackSet, translator: Translator) -> None:
    """Write headline, question, reasons, rules and obligations."""
    colour = _COLOURS.get(ruling.effect, "yellow")
    headline = translator.text(EFFECT_TEXTS[ruling.effect])
    stdout.print(f"[bold {colour}]{headline}[/] ({ruling.effect})")
    show_grid(_question(ruling, facts, translator))
    heading(translator, N_("Why"))
    for reason in ruling.reasons:
        stdout.print(f"  {translator.text(REASON_TEXTS[reason])}", markup=False, soft_wrap=True)
    rules = rules_of(packs, ruling)
    if rules:
        heading(translator, N_("Rules that decided"))
        show_rules(rules, translator)
    if ruling.obligations:
        heading(translator, N_("What comes with it"))
        for obligation in ruling.obligations:
            stdout.print(f"  {_obligation(obligation, translator)}", markup=False, soft_wrap=True)


def _question(ruling: Ruling, facts: Facts, translator: Translator) -> Iterator[tuple[str, str]]:
    place = f"{ruling.jurisdiction}/{ruling.overlay.lower()}" if ruling.overlay else str(ruling.jurisdiction)
    age = (
        translator.text(N_("adult"))
        if facts.age_years == ADULT_YEARS
        else translator.text(N_("{years} years old"), years=facts.age_years)
    )
    yield translator.text(N_("law")), f"{place}, {translator.text(N_('pack'))} {ruling.pack_version or '-'}"
    yield translator.text(N_("person")), age
    yield translator.text(N_("data")), f"{facts.category} → {facts.purpose}"
    home = facts.destination_country == HOME
    yield translator.text(N_("place")), translator.text(N_("at home")) if home else facts.destination_country
    yield translator.text(N_("day")), facts.at.isoformat()
    if ruling.fields:
        yield translator.text(N_("left out")), ", ".join(ruling.fields)


def show_grid(rows: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, style="dim"), Text(value))
    stdout.print(Padding(grid, (0, 0, 0, 2)))


def show_rules(rules: tuple[Rule, ...], translator: Translator) -> None:
    """One line for each rule, with a mark and a note where one rests on memory."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for rule in rules:
        table.add_row(rule.id, rule.source.ref, mark_of(rule.source))
    stdout.print(Padding(table, (0, 0, 0, 2)))
    if any(rule.source.basis is Basis.RECALL for rule in rules):
        stdout.print(f"  {translator.text(RECALL_NOTE)}", style="yellow", soft_wrap=True)


def mark_of(source: Source) -> str:
    """How certain a fact is, with a mark where it rests on memory."""
    mark = RECALL_MARK if source.basis is Basis.RECALL else ""
    return f"{source.certainty}{mark}"


def heading(translator: Translator, text: str) -> None:
    stdout.print(f"\n[bold]{translator.text(text)}[/]")


def _obligation(obligation: Obligation, translator: Translator) -> str:
    days = translator.text(N_("({days} days)"), days=obligation.days) if obligation.days else ""
    parts = (translator.text(OBLIGATION_TEXTS[obligation.kind]), days, obligation.note, f"[{obligation.ref}]")
    return " ".join(part for part in parts if part)

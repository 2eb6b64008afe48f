"""How rulings are shown: text for people in their language, the same facts as JSON or YAML for programs."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output import OutputFormat, stdout
from locales.messages import N_
from locales.translator import Translator
from policies.explaining import Change
from policies.facts import ADULT_YEARS, HOME, Facts
from policies.rule import Rule
from policies.ruling import Effect, Explanation, Obligation, RuleReport, Ruling
from policies.source import Source
from policies.vocabulary import Basis, Certainty
from region_node.rulings.wording import EFFECT_TEXTS, OBLIGATION_TEXTS, REASON_TEXTS

Language = Literal["en", "de", "pt-BR", "ru"]
LanguageOption = Annotated[
    Language, typer.Option("--language", envvar="MERIDIAN_LANGUAGE", help="Language of the text output.")
]

Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]

NAME_CHARS = 36
RECALL_MARK = "*"
RECALL_NOTE = N_("* from memory, not read at the source: check it before you rely on it")
CHANGE_TEXTS = {
    Change.CONSENT: N_("The person consents to the purpose."),
    Change.CATEGORY_CONSENT: N_("The person consents to this kind of data by name."),
    Change.GUARDIAN: N_("A guardian agrees to the purpose."),
    Change.INSTRUMENT: N_("An instrument that the law accepts is put in force between the regions."),
    Change.AGE: N_("The person is {years} years old or older."),
    Change.OBJECTION: N_("The person takes the objection back."),
    Change.SIGNAL: N_("The person's browser says no such thing."),
    Change.RESTRICTION: N_("The restriction is lifted."),
    Change.DESTINATION: N_("The data stays in a region that may hold it."),
}
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


def show_ruling(explanation: Explanation, facts: Facts, translator: Translator) -> None:
    """Write headline, question, reasons, rules, obligations, and what would change a refusal."""
    ruling = explanation.ruling
    colour = _COLOURS.get(ruling.effect, "yellow")
    headline = translator.text(EFFECT_TEXTS[ruling.effect])
    stdout.print(f"[bold {colour}]{headline}[/] ({ruling.effect})")
    show_grid(_question(ruling, facts, translator))
    heading(translator, N_("Why"))
    for reason in ruling.reasons:
        say(translator.text(REASON_TEXTS[reason]))
    deciding = [report for report in explanation.reports if report.rule in ruling.rules]
    if deciding:
        heading(translator, N_("Rules that decided"))
        show_rules(map(line_of_report, deciding), translator)
    if ruling.recalled and not any(report.recalled for report in deciding):
        stdout.print(f"  {translator.text(RECALL_NOTE)}", style="yellow", soft_wrap=True)
    others = [article for article in ruling.articles if article not in {report.ref for report in deciding}]
    if others:
        heading(translator, N_("It also rests on"))
        for article in others:
            say(article)
    if ruling.obligations:
        heading(translator, N_("What comes with it"))
        for obligation in ruling.obligations:
            say(_obligation(obligation, translator))
    if not ruling.allowed:
        heading(translator, N_("What would allow it"))
        for text in changes_in_words(explanation, translator):
            say(text)


def _question(ruling: Ruling, facts: Facts, translator: Translator) -> Iterator[tuple[str, str]]:
    place = f"{ruling.jurisdiction}/{ruling.overlay.lower()}" if ruling.overlay else str(ruling.jurisdiction)
    age = (
        translator.text(N_("adult"))
        if facts.age_years == ADULT_YEARS
        else translator.text(N_("age {years}"), years=facts.age_years)
    )
    yield translator.text(N_("law")), place
    yield translator.text(N_("pack")), ruling.pack_version or "-"
    yield translator.text(N_("person")), age
    yield translator.text(N_("data")), f"{facts.category} → {facts.purpose}"
    home = facts.destination_country == HOME
    yield translator.text(N_("goes to")), translator.text(N_("home")) if home else facts.destination_country
    yield translator.text(N_("day")), facts.at.isoformat()
    mark = RECALL_MARK if ruling.recalled else ""
    yield translator.text(N_("certainty")), f"{ruling.certainty}{mark}"
    if ruling.fields:
        yield translator.text(N_("left out")), ", ".join(ruling.fields)


def show_grid(rows: Iterable[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, style="dim"), Text(value))
    stdout.print(Padding(grid, (0, 0, 0, 2)))


class RuleLine(NamedTuple):
    """One rule as it is listed."""

    name: str
    ref: str
    certainty: Certainty
    recalled: bool
    more: str = ""


def line_of_rule(rule: Rule) -> RuleLine:
    source = rule.source
    return RuleLine(rule.id, source.ref, source.certainty, source.basis is Basis.RECALL, rule.effect)


def line_of_report(report: RuleReport) -> RuleLine:
    return RuleLine(report.rule, report.ref, report.certainty, report.recalled)


def show_rules(lines: Iterable[RuleLine], translator: Translator) -> None:
    """One line for each rule, with a mark and a note where one rests on memory."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=NAME_CHARS)
    recalled = False
    for line in lines:
        mark = RECALL_MARK if line.recalled else ""
        table.add_row(*map(Text, (line.name, line.more, line.ref, f"{line.certainty}{mark}")))
        recalled = recalled or line.recalled
    stdout.print(Padding(table, (0, 0, 0, 2)))
    if recalled:
        stdout.print(f"  {translator.text(RECALL_NOTE)}", style="yellow", soft_wrap=True)


def changes_in_words(explanation: Explanation, translator: Translator) -> Iterator[str]:
    """Yield a line for each way in which the facts could be otherwise; one of them is enough."""
    if not explanation.changes:
        yield translator.text(N_("Nothing: no consent, instrument or age changes it."))
    for together in explanation.changes:
        yield "- " + " ".join(_change(name, translator) for name in together)


def _change(name: str, translator: Translator) -> str:
    change, _, years = name.partition(":")
    return translator.text(CHANGE_TEXTS[Change(change)], years=years)


def say(text: str) -> None:
    stdout.print(f"  {text}", markup=False, soft_wrap=True)


def mark_of(source: Source) -> str:
    """How certain a fact is, with a mark where it rests on memory."""
    mark = RECALL_MARK if source.basis is Basis.RECALL else ""
    return f"{source.certainty}{mark}"


def heading(translator: Translator, text: str) -> None:
    stdout.print(f"\n[bold]{translator.text(text)}[/]")


def _obligation(obligation: Obligation, translator: Translator) -> str:
    days = translator.text(N_("(days: {days})"), days=obligation.days) if obligation.days else ""
    parts = (translator.text(OBLIGATION_TEXTS[obligation.kind]), days, obligation.note, f"[{obligation.ref}]")
    return " ".join(part for part in parts if part)

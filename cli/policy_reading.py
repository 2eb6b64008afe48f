"""`meridian policy list|show|deadlines`: what the packs say, without a question."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from cli import policy_facts as ask
from cli.output import OutputFormat, emit, stdout
from cli.policy_control import PolicyConfig, candidate_of, law_of
from cli.policy_views import (
    RECALL_MARK,
    RECALL_NOTE,
    LanguageOption,
    Output,
    heading,
    line_of_rule,
    mark_of,
    show_grid,
    show_rules,
)
from locales.messages import N_
from locales.translator import Translator, translator_for
from policies.deadlines import Deadlines, Figure, deadlines_of
from policies.pack import AgeLimit, Pack
from policies.source import Source
from policies.vocabulary import AgeRule, Basis
from region_node.control.pack_proofs import digest

_FIGURES = {
    "dsr_days": N_("answer to a person's request, days"),
    "extension_days": N_("extension of it, days"),
    "breach_authority_hours": N_("breach told to the authority, hours"),
    "breach_subjects_hours": N_("breach told to the people, hours"),
}


def deadlines(
    subject: ask.SubjectOption,
    at: ask.AtOption = "",
    config: PolicyConfig = None,
    language: LanguageOption = "en",
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show by when a request has to be answered and a breach told; none means that the law has no figure.

    Days run from the request, hours from when the breach became known; in California those to the authority
    run from the notice to the people. Where a figure is a cautious reading of the law, its note says so.
    Exits 4 for a place without a pack.
    """
    _, instant = ask.instant_of(at, datetime.now(UTC))
    place = ask.place_of(law_of(config, at=instant).packs, subject)
    found = deadlines_of(place.pack)
    if output is not OutputFormat.TEXT:
        emit(found.figures(), output)
        return
    _show_deadlines(place.name, found, translator_for(language))


def _show_deadlines(name: str, found: Deadlines, translator: Translator) -> None:
    figures: dict[str, Figure] = {key: getattr(found, key) for key in found.figures()}
    table = Table(title=name, title_justify="left", box=None, pad_edge=False, show_header=False)
    for key, figure in figures.items():
        value = "-" if figure.value is None else str(figure.value)
        source = figure.source
        table.add_row(translator.text(_FIGURES[key]), value, source.ref, mark_of(source), source.note)
    stdout.print(table)
    lines = []
    if found.may_pause:
        lines.append(translator.text(N_("The clock of a request may pause.")))
    if found.authority:
        lines.append(translator.text(N_("Authority: {authority}"), authority=found.authority))
    if any(figure.source.basis is Basis.RECALL for figure in figures.values()):
        lines.append(translator.text(RECALL_NOTE))
    for line in lines:
        stdout.print(line, markup=False, soft_wrap=True)


def list_packs(config: PolicyConfig = None, output: Output = OutputFormat.TEXT) -> None:
    """List the packs that ship, or with --config those in force on a node."""
    law = law_of(config)
    facts = [
        _facts(pack, law.files[f"{jurisdiction}.toml"])
        for jurisdiction, pack in sorted(law.packs.by_jurisdiction.items())
    ]
    if output is not OutputFormat.TEXT:
        emit(facts, output)
        return
    table = Table("pack", "version", "name", "rules", "overlays", f"recalled{RECALL_MARK}", box=None)
    for one in facts:
        overlays = str(len(one["overlays"])) if one["overlays"] else ""
        name = f"{one['name']} [dim](to be enabled)[/]" if one["needs_enabling"] else one["name"]
        row = (one["jurisdiction"], one["version"], name, str(one["rules"]), overlays, str(one["recalled"]))
        table.add_row(*row)
    stdout.print(table)


def _facts(pack: Pack, text: str) -> dict[str, Any]:
    rules = [*pack.rules, *(rule for overlay in pack.overlays.values() for rule in overlay.rules)]
    return {
        "jurisdiction": pack.jurisdiction,
        "version": pack.version,
        "sha256": digest(text),
        "name": pack.name,
        "countries": sorted(pack.countries),
        "subdivisions": sorted(pack.subdivisions),
        "needs_enabling": pack.needs_enabling,
        "overlays": sorted(pack.overlays),
        "rules": len(rules),
        "recalled": sum(rule.source.basis is Basis.RECALL for rule in rules),
    }


def show_pack(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="eu; eu@2027-01-01; eu@shipped; or a file.")],
    source: Annotated[
        bool, typer.Option("--source", help="Print the file itself, to begin a new version from.")
    ] = False,
    config: PolicyConfig = None,
    language: LanguageOption = "en",
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show what a pack says: whose law, its ages, where data may go, its rules with their articles.

    Exits 4 when there is no such pack.
    """
    law = law_of(config)
    candidate = candidate_of(pack, law)
    packs = law.having(candidate)
    if source:
        stdout.out(candidate.text, end="", highlight=False)
    elif output is not OutputFormat.TEXT:
        emit({"sha256": digest(candidate.text), **tomllib.loads(candidate.text)}, output)
    else:
        _show_pack(packs.by_jurisdiction[candidate.jurisdiction], translator_for(language))


def _show_pack(pack: Pack, translator: Translator) -> None:
    stdout.print(f"[bold]{pack.jurisdiction}[/] {pack.version}  {translator.text(pack.name)}", soft_wrap=True)
    residency = pack.residency
    show_grid(
        [
            (translator.text(N_("laws")), "\n".join(pack.laws)),
            (translator.text(N_("countries")), ", ".join(sorted(pack.subdivisions or pack.countries))),
            (translator.text(N_("residency")), f"{residency.residency_class}, {_said(residency.source)}"),
            (translator.text(N_("ages")), _ages(pack.ages)),
            *_transfer(pack, translator),
        ]
    )
    heading(translator, N_("Rules"))
    show_rules(map(line_of_rule, pack.rules), translator)
    for country, overlay in sorted(pack.overlays.items()):
        heading(translator, f"{pack.jurisdiction}/{country.lower()}")
        stdout.print(f"  {_ages(overlay.ages)}", markup=False, soft_wrap=True)
        if overlay.rules:
            show_rules(map(line_of_rule, overlay.rules), translator)


def _ages(ages: Mapping[AgeRule, AgeLimit]) -> str:
    return "\n".join(f"{rule} {limit.years}, {_said(limit.source)}" for rule, limit in ages.items())


def _transfer(pack: Pack, translator: Translator) -> list[tuple[str, str]]:
    transfer = pack.transfer
    if transfer is None:
        return []
    parts = [f"{transfer.cross_border}, {_said(transfer.source)}"]
    parts += [f"adequate: {', '.join(sorted(transfer.adequate))}"] if transfer.adequate else []
    parts += [f"instruments: {', '.join(sorted(transfer.instruments))}"] if transfer.instruments else []
    of_concern = sorted(transfer.countries_of_concern)
    parts += [f"countries of concern: {', '.join(of_concern)}"] if of_concern else []
    return [(translator.text(N_("transfers")), "\n".join(parts))]


def _said(source: Source) -> str:
    return f"{source.ref} ({mark_of(source)})"

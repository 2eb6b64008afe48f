"""An explanation in full: the ruling, then each rule that was looked at."""

from dataclasses import asdict
from datetime import date
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output import stdout
from cli.policy_views import NAME_CHARS, RECALL_MARK, heading, ruling_document, show_ruling
from locales.messages import N_
from locales.translator import Translator
from policies.facts import Facts
from policies.ruling import Explanation, RuleReport


def explanation_document(explanation: Explanation, at: date) -> dict[str, Any]:
    """As `ruling_document`, with the rules that were looked at and the changes that would allow."""
    return {
        **ruling_document(explanation.ruling, at),
        "looked_at": [asdict(report) for report in explanation.reports],
        "changes": [list(together) for together in explanation.changes],
    }


def show_explanation(explanation: Explanation, facts: Facts, translator: Translator) -> None:
    show_ruling(explanation, facts, translator)
    deciding = set(explanation.ruling.rules)
    heading(translator, N_("Every rule that was looked at"))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=NAME_CHARS)
    for report in explanation.reports:
        name = Text(report.rule, style="bold" if report.rule in deciding else "")
        table.add_row(name, report.effect, Text(_outcome(report, deciding, translator)), _certainty(report))
    stdout.print(Padding(table, (0, 0, 0, 2)))
    notes = [report for report in explanation.reports if report.note and report.rule in deciding]
    if notes:
        heading(translator, N_("Notes"))
        for report in notes:
            stdout.print(f"  {report.rule}: {report.note}", markup=False, soft_wrap=True)


def _outcome(report: RuleReport, deciding: set[str], translator: Translator) -> str:
    """Decided; applied, but a stronger effect did; or the conditions that did not hold."""
    if report.rule in deciding:
        return translator.text(N_("decided"))
    if report.applied:
        return translator.text(N_("applied, but a stricter rule decided"))
    return translator.text(N_("did not apply: {conditions}"), conditions=", ".join(report.unmet))


def _certainty(report: RuleReport) -> Text:
    return Text(f"{report.certainty}{RECALL_MARK if report.recalled else ''}")

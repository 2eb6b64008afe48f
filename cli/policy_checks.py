"""`meridian policy test|lint|bench`: do the packs answer as lawyers expect, are they sound, are they fast."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pycountry
import typer
from rich.table import Table
from rich.text import Text

import cli
from cli import policy_facts as ask
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.policy_control import Law, PolicyConfig, candidate_of, law_of
from cli.policy_facts import fail
from cli.policy_views import Output
from policies.corpus import CorpusError, Result, read_cases, run
from policies.engine import Engine
from policies.lint import Finding, Flaw, Severity, lint
from policies.pack import PackSet
from region_node.packs import shipped_packs

MOST_P50_US = 2.0
MOST_P99_US = 10.0
MOST_GROWTH = 3
FLAW_TEXTS = {
    Flaw.NEVER_FIRES: "never fires: no facts meet all its conditions",
    Flaw.ALWAYS_FIRES: "always fires: it refuses everybody",
    Flaw.CONTRADICTS: "contradict each other on the same conditions",
    Flaw.NO_EFFECT: "has no effect: a stronger rule always applies too",
    Flaw.UNCOVERED_PURPOSE: "purpose that no rule lets through",
    Flaw.UNCOVERED_PLACE: "place without a pack",
    Flaw.EXPIRED: "rests on a fact that has ended",
    Flaw.EXPIRES_SOON: "rests on a fact that ends within 90 days",
}
CORPUS = Path("tests") / "policies" / "corpus"


def run_corpus(
    corpus: Annotated[
        Path | None,
        typer.Argument(metavar="CORPUS_DIR", help="Folder of cases (default: those of the source tree)."),
    ] = None,
    pack: Annotated[
        list[str] | None, typer.Option(help="Try this file or version in the place of its pack; repeatable.")
    ] = None,
    config: PolicyConfig = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Ask the packs every question of a corpus of cases, and compare with what a lawyer expects.

    Exits 1 when a ruling differs, 2 when there is no corpus or a case cannot be read.
    """
    packs = _with_candidates(law_of(config), pack or [])
    results = _run(_corpus_of(corpus), packs)
    failed = [result for result in results if not result.passed]
    if output is OutputFormat.TEXT:
        for result in failed:
            stdout.print(f"{result.case.file}: {result.case.name}", markup=False, soft_wrap=True)
            for difference in result.differences:
                stdout.print(f"  {difference}", markup=False, soft_wrap=True)
        stdout.print(f"{len(results) - len(failed)} of {len(results)} cases pass")
    else:
        facts = [_facts(result) for result in failed]
        emit({"cases": len(results), "passed": len(results) - len(failed), "failed": facts}, output)
    if failed:
        raise typer.Exit(ExitCode.DIFFERENCES)


def _with_candidates(law: Law, names: list[str]) -> PackSet:
    candidates = [candidate_of(name, law) for name in names]
    return law.having(*candidates) if candidates else law.packs


def _corpus_of(named: Path | None) -> Path:
    candidates = [named] if named else [CORPUS, Path(cli.__file__).parents[1] / CORPUS]
    found = next((one for one in candidates if one.is_dir()), None)
    if found is None:
        raise fail(
            f"{candidates[0]} is no folder of cases: run this in Meridian's source tree, or name a corpus"
        )
    return found


def _run(folder: Path, packs: PackSet) -> tuple[Result, ...]:
    engine = Engine(packs)
    files = sorted(folder.glob("*.json"))
    try:
        cases = [case for file in files for case in read_cases(file.name, file.read_text("utf-8"), packs)]
    except (CorpusError, OSError, UnicodeDecodeError) as error:
        raise fail(str(error)) from None
    if not cases:
        raise fail(f"{folder} holds no cases: a corpus is a folder of .json files")
    return run(cases, engine)


def _facts(result: Result) -> dict[str, Any]:
    return {"file": result.case.file, "case": result.case.name, "differences": result.differences}


def look_over(
    pack: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PACK]...", help="Try these files or versions in the places of their packs."),
    ] = None,
    at: ask.AtOption = "",
    config: PolicyConfig = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Find rules that never fire, always fire, contradict or have no effect, gaps, and facts that have ended.

    Exits 0 when there is nothing to mend and 1 when there is; places without a pack and facts that end
    within 90 days are told, and are no flaw. Exits 2 when a pack cannot be read.
    """
    day, instant = ask.instant_of(at, datetime.now(UTC))
    found = lint(_with_candidates(law_of(config, at=instant), pack or []), day, _places())
    flaws = [one for one in found if one.severity is not Severity.INFO]
    if output is OutputFormat.TEXT:
        _show_findings(found)
        stdout.print(f"{len(flaws)} to mend" if flaws else "nothing to mend")
    else:
        emit({"clean": not flaws, "findings": [_finding(one) for one in found]}, output)
    if flaws:
        raise typer.Exit(ExitCode.DIFFERENCES)


def _places() -> list[str]:
    """All countries, and subdivisions of those whose law differs inside."""
    divided = shipped_packs().divided_countries
    inside = (one.code for one in pycountry.subdivisions if one.country_code in divided)
    return [*(one.alpha_2 for one in pycountry.countries), *inside]


def _show_findings(found: Sequence[Finding]) -> None:
    table = Table("", "what", "where", "about", box=None, pad_edge=False)
    for one in found:
        if one.flaw is not Flaw.UNCOVERED_PLACE:
            about = " / ".join(part for part in (one.subject, one.other) if part)
            day = f" ({one.day})" if one.day else ""
            table.add_row(one.severity, FLAW_TEXTS[one.flaw], one.source, Text(f"{about}{day}"))
    if table.row_count:
        stdout.print(table)
    uncovered = [one.subject for one in found if one.flaw is Flaw.UNCOVERED_PLACE]
    if uncovered:
        text = f"{len(uncovered)} places have no pack, and nobody there is served: {', '.join(uncovered)}"
        stdout.print(text, markup=False, soft_wrap=True)


def _finding(one: Finding) -> dict[str, Any]:
    return {"severity": one.severity, **asdict(one)}


def measure(output: Output = OutputFormat.JSON) -> None:
    """Measure what a ruling costs: by the packs that ship, by the number of rules, and evaluated plainly.

    Takes a minute. Exits 1 when a target is missed: p50 2 µs, p99 10 µs, and p99 at 30,000 rules three
    times that at 10.
    """
    from cli.benchmarks import policy  # noqa: PLC0415 - takes long to import, and no other command needs it

    stderr.print("measuring rulings ...")
    figures = policy.run()
    if output is OutputFormat.TEXT:
        _show_figures(figures)
    else:
        emit(figures, output)
    if not _met(figures):
        raise typer.Exit(ExitCode.DIFFERENCES)


def _met(figures: dict[str, Any]) -> bool:
    every = [figures, *figures["by_rules"]]
    fast = all(one["p50_us"] <= MOST_P50_US and one["p99_us"] <= MOST_P99_US for one in every)
    fewest, most = figures["by_rules"][0], figures["by_rules"][-1]
    return fast and most["p99_us"] <= MOST_GROWTH * fewest["p99_us"]


def _show_figures(figures: dict[str, Any]) -> None:
    table = Table("rules", "p50 µs", "p99 µs", box=None)
    rows = [("as shipped", figures), *((f"{one['rules']:,}", one) for one in figures["by_rules"])]
    for name, one in [*rows, ("plain evaluator", figures["reference"])]:
        table.add_row(name, f"{one['p50_us']:.2f}", f"{one['p99_us']:.2f}")
    stdout.print(table)

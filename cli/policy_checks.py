"""`meridian policy test|bench`: do the packs answer as lawyers expect, and how fast."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

import cli
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.policy_control import Law, PolicyConfig, candidate_of, law_of
from cli.policy_facts import fail
from cli.policy_views import Output
from policies.corpus import CorpusError, Result, read_cases, run
from policies.engine import Engine
from policies.pack import PackSet

MOST_P50_US = 2.0
MOST_P99_US = 10.0
MOST_GROWTH = 3
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

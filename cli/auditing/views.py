"""What people see of an audit."""

from rich.markup import escape
from rich.table import Table

from cli.auditing.model import ControlState, Finding, Report, Store
from cli.output import stdout

OPTIONS = {
    Store.SQLITE: "--sqlite",
    Store.CASSANDRA: "--cassandra",
    Store.DATA_FILES: "--cassandra-directory",
    Store.HINTS: "--hints",
    Store.COMMIT_LOG: "--cassandra-directory",
    Store.CACHES: "--cassandra-directory",
    Store.SNAPSHOTS: "--snapshots",
    Store.OBJECTS: "--objects",
    Store.STREAMS: "--nats",
    Store.LOGS: "--logs",
    Store.CONTROL: "--control-url-file",
}


def show(report: Report) -> None:
    allowed = ", ".join(report.allowed)
    stdout.print(f"region {report.region}, group {report.group}, which may hold {allowed}", markup=False)
    table = Table("store", "place", "read", "control")
    for store in report.stores:
        read = ", ".join(f"{count} {what}" for what, count in store.read.items())
        state = f"{store.control}: {', '.join(store.missed)}" if store.missed else str(store.control)
        table.add_row(store.store, escape(store.place), escape(store.fault or read), state)
    stdout.print(table)
    for store in report.stores:
        for reason in store.unread:
            stdout.print(f"not read in {store.store}: {reason}", markup=False, soft_wrap=True)
    if report.findings:
        stdout.print(_findings(report.findings))
    stdout.print(_verdict(report), markup=False, soft_wrap=True)
    left = {
        store: option
        for store, option in OPTIONS.items()
        if store not in {one.store for one in report.stores}
    }
    if left:
        named = ", ".join(f"{store} ({option})" for store, option in left.items())
        stdout.print(f"not part of this audit: {named}", markup=False, soft_wrap=True)


def _findings(findings: tuple[Finding, ...]) -> Table:
    table = Table("store", "where", "by", "found", "count", "rule", "articles", "keys, hashed")
    for one in findings:
        table.add_row(
            one.store,
            escape(f"{one.container} {one.part}".strip()),
            one.kind,
            one.jurisdiction or "-",
            str(one.count),
            one.rule,
            "; ".join(one.articles),
            " ".join(one.samples),
        )
    return table


def _verdict(report: Report) -> str:
    if report.findings:
        return f"{sum(one.count for one in report.findings)} things lie where they must not"
    if report.unreachable:
        return "nothing misplaced in what could be read; a store could not be reached"
    lost = [store.store for store in report.stores if store.control is not ControlState.FOUND]
    if lost:
        return f"no proof: the control was not found in {', '.join(lost)}"
    return "parts could not be read" if report.partial else "clean: nothing lies where it must not"

"""The lock pins what pyproject.toml asks for, with hashes, and says nothing of where it was made."""

import re
import tomllib

from tests.support.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", re.MULTILINE)


def canonical(name):
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", name)[0]).lower()


def asked_for():
    extras = PROJECT["optional-dependencies"]
    return {canonical(name) for name in [*PROJECT["dependencies"], *extras["dev"]]}


def test_every_dependency_is_pinned():
    assert set() == asked_for() - {canonical(name) for name in PINNED.findall(LOCK)}, "run `make lock`"


def test_every_pin_came_in_by_a_dependency():
    reasons = re.findall(r"^    #   (?:via )?(\S+)", LOCK, re.MULTILINE)
    reasons += re.findall(r"^    # via (\S+)", LOCK, re.MULTILINE)
    direct = {name for name in PINNED.findall(LOCK) if canonical(name) in asked_for()}
    known = {canonical(name) for name in PINNED.findall(LOCK)} | {"meridian"}
    assert direct
    assert {canonical(reason) for reason in reasons} <= known


def test_every_pin_has_a_hash():
    pins = re.split(r"(?m)^(?=[a-z0-9])", LOCK)
    assert [] == [pin.split("\n")[0] for pin in pins if PINNED.match(pin) and "--hash=sha256:" not in pin]


def test_the_lock_names_no_host():
    assert [] == re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links|--trusted-host", LOCK)

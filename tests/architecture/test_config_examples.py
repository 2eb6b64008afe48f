"""The examples of settings load, name every setting there is, and show the defaults as they are."""

import re
import tomllib

import msgspec
import pytest

from region_node.backends import geography
from region_node.settings import Settings, load_settings, settings_from
from tests.support.sources import ROOT

CONFIG = ROOT / "config"
WHOLE = CONFIG / "node.example.toml"
EXAMPLES = sorted(CONFIG.glob("node*.toml"))
DIFFERS = {
    "nats.monitor_url": "has no default that would serve everywhere",
    "node": "has no defaults",
    "keys": "has no defaults",
}


def tables(kind):
    """The parts of the settings by name, with the type of each; plain values under an empty name."""
    for field in msgspec.structs.fields(kind):
        options = [field.type, *getattr(field.type, "__args__", ())]
        part = next((o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)), None)
        yield field.name, part


def uncommented(text):
    """The file with every commented setting and part in force."""
    return re.sub(r"^# (?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_loads_and_its_region_exists(example):
    settings = load_settings(example)
    assert settings.node.region in {str(name) for name in geography(settings).regions.regions}


def test_the_whole_example_names_every_setting():
    document = tomllib.loads(uncommented(WHOLE.read_text()))
    wanted = {
        f"{name}.{field.name}" if part else name
        for name, part in tables(Settings)
        for field in (msgspec.structs.fields(part) if part else [None])
    }
    given = {
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in document.items()
        for key in (value if isinstance(value, dict) else [""])
    }
    assert wanted == given


def test_the_commented_settings_are_valid_too():
    document = tomllib.loads(uncommented(WHOLE.read_text()))
    assert settings_from(document, CONFIG).tls is not None


def test_the_whole_example_shows_the_defaults():
    shown = msgspec.to_builtins(load_settings(WHOLE), enc_hook=str)
    required = {"node": shown["node"], "keys": shown["keys"]}
    defaults = msgspec.to_builtins(settings_from(required, CONFIG), enc_hook=str)
    differing = {
        f"{name}.{key}"
        for name, part in shown.items()
        if isinstance(part, dict) and name not in DIFFERS
        for key, value in part.items()
        if value != defaults[name][key]
    }
    assert differing == {place for place in DIFFERS if "." in place}
    assert shown["age_assurance"] == defaults["age_assurance"]


def test_no_example_holds_a_secret():
    secret = re.compile(r"^[# ]*(\w*(password|secret|token)\w*)(?<!_file) = \"[^\"]", re.MULTILINE)
    assert [] == [path.name for path in EXAMPLES if secret.search(path.read_text())]

"""What the checks of the architecture walk: source files, their trees, and imported modules."""

import ast
import importlib
import pkgutil
import tokenize
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("cli", "region_node", "federation", "policies", "locales")


def code_files():
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def files_of_tests():
    return sorted((ROOT / "tests").rglob("*.py"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path):
    return ast.parse(path.read_text(), filename=str(path))


def comments_of(path):
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def nodes(path, kind):
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, kind))


@cache
def modules_of(package):
    """Every module of *package*, imported."""
    root = importlib.import_module(package)
    found = pkgutil.walk_packages(root.__path__, f"{package}.")
    return [root, *(importlib.import_module(one.name) for one in found)]

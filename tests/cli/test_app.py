"""The root command."""

import subprocess
import sys

from cli.app import NOUNS


def test_help_names_every_noun():
    done = subprocess.run(
        [sys.executable, "-c", "from cli.app import main; main()", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set() == {noun for noun in NOUNS if f" {noun} " not in done.stdout}

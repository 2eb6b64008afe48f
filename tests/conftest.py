"""Fixtures shared by all tests; nothing here reaches outside loopback."""

pytest_plugins = ["tests.support.servers", "tests.support.node"]

"""Fixtures shared by all tests; nothing here reaches outside loopback."""

from hypothesis import settings

pytest_plugins = ["tests.support.servers", "tests.support.node"]

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

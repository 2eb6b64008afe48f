"""Fixtures shared by all tests; nothing here reaches outside loopback."""

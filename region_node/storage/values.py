"""Typed access to the values of a row; a wrong type is a bug, not bad input."""

from datetime import datetime

from region_node.storage.engine import Row


def text(row: Row, name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is text")
    return value


def number(row: Row, name: str) -> int:
    value = row[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} is a whole number")
    return value


def instant(row: Row, name: str) -> datetime:
    value = row[name]
    if not isinstance(value, datetime):
        raise TypeError(f"{name} is an instant")
    return value


def blob(row: Row, name: str) -> bytes:
    value = row[name]
    if not isinstance(value, bytes):
        raise TypeError(f"{name} is bytes")
    return value


def to_the_millisecond(value: datetime) -> datetime:
    """As an engine gives it back."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000)

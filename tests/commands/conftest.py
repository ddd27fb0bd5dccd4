"""What the tests of commands share: storage on a SQLite file of their own."""

from tests.jobs.conftest import clock, file, migrated, store

__all__ = ["clock", "file", "migrated", "store"]

"""The job engine's file: what the engine would wait for is waited for, other errors stay errors."""

from pathlib import Path

import pytest
from dbos._utils import retriable_sqlite_exception
from sqlalchemy.exc import OperationalError

from storage.engine_file import EngineFileUnusable, open_engine_file


def test_the_engine_waits_where_there_is_no_room(tmp_path: Path) -> None:
    engine = open_engine_file(f"sqlite:///{tmp_path / 'engine.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE line (text TEXT)")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 2")
        with pytest.raises(EngineFileUnusable) as fault:
            connection.exec_driver_sql("INSERT INTO line VALUES (hex(zeroblob(10000)))")
    assert retriable_sqlite_exception(fault.value), "the words that the engine looks for"
    engine.dispose()


def test_what_is_wrong_with_a_statement_is_no_reason_to_wait(tmp_path: Path) -> None:
    engine = open_engine_file(f"sqlite:///{tmp_path / 'engine.sqlite'}")
    with engine.connect() as connection, pytest.raises(OperationalError, match="no such table"):
        connection.exec_driver_sql("INSERT INTO line VALUES (1)")
    engine.dispose()

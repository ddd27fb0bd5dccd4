"""The sandbox's own database: beside the given one, which it never writes to."""

import psycopg
import pytest

from sandbox.database import NoDatabase, own_database, place_of
from tests.strokes import own_postgres


async def test_the_database_of_the_sandbox_is_there_for_as_long_as_it_is_used() -> None:
    with own_postgres() as (_, given):
        async with own_database(given) as own:
            assert own != given
            assert await names_beside(own) == await names_beside(given)
            before = await names_beside(given)
        after = await names_beside(given)
        assert before - after == {own.rpartition("/")[2]}


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        pytest.param("postgres", "The address of the database is none.", id="no-address"),
        pytest.param("sqlite:///x.sqlite", "This needs a PostgreSQL", id="sqlite"),
        pytest.param(
            "postgresql+psycopg://ann:s3cret@127.0.0.1:9/bot", "cannot be made", id="nobody-there"
        ),
    ],
)
async def test_where_none_can_be_made_a_sentence_says_so(address: str, sentence: str) -> None:
    with pytest.raises(NoDatabase, match=sentence) as caught:
        async with own_database(address):
            pass
    assert "s3cret" not in str(caught.value)


def test_the_place_of_a_database_tells_no_secret() -> None:
    address = "postgresql+psycopg://ann:s3cret@db.example.com:5433/bot"
    assert place_of(address) == "PostgreSQL at db.example.com:5433"


async def names_beside(address: str) -> set[str]:
    plain = address.replace("postgresql+psycopg://", "postgresql://")
    async with await psycopg.AsyncConnection.connect(plain) as connection:
        found = await connection.execute("SELECT datname FROM pg_database")
        return {name for (name,) in await found.fetchall()}

"""What a dialog remembers is small, and read back as it was written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from commands.views.metadata import Metadata, pack, unpack
from storage.states import AudienceKind
from tests.commands.views import strategies as any_


@given(
    st.builds(
        Metadata,
        connection_id=st.none() | any_.ids,
        run_id=st.none() | any_.ids,
        channel_id=st.none() | st.just("C0LIST"),
        kind=st.none() | st.sampled_from(AudienceKind),
        generation=st.integers(0, 1000),
    )
)
def test_any_metadata_is_read_back(metadata: Metadata) -> None:
    assert unpack(pack(metadata)) == metadata
    assert len(pack(metadata)) < 3000


def test_nothing_is_remembered_without_metadata() -> None:
    assert unpack("") == Metadata()


def test_what_is_not_known_is_not_written() -> None:
    assert json.loads(pack(Metadata(run_id=31))) == {"run": 31}

"""Fixtures of the view tests: snapshots as JSON that pastes into Slack's Block Kit Builder."""

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension


@pytest.fixture
def as_json(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with one JSON file for each test case."""
    return snapshot.use_extension(JSONSnapshotExtension)

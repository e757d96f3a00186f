"""Arrays written as texts mean in PostgreSQL what they meant in Python."""

from __future__ import annotations

from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.records.queries.arrays import bytea_array, text_array

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.none() | st.binary()), st.lists(st.none() | _TEXTS))
def test_arrays_come_back(
    superuser: psycopg.Connection[Any], values: list[bytes | None], texts: list[str | None]
) -> None:
    row = superuser.execute(
        "SELECT %s::bytea[], %s::text[]", (bytea_array(values), text_array(texts))
    ).fetchone()
    assert row == (values, texts)

"""An envelope survives its way through AMQP headers."""

from uuid import uuid4

import pytest

from services.shared.envelope import JSON, from_headers, new_envelope, request_id_from


def test_an_envelope_survives_the_headers() -> None:
    sent = new_envelope(
        "imports.chunk_wanted.v1",
        subject="s",
        content_type=JSON,
        subject_version=3,
        site_id=uuid4(),
        actor_id=uuid4(),
        request_id="a" * 32,
    )
    assert from_headers(sent.to_headers(), JSON) == sent
    assert sent.source == "imports"
    assert request_id_from(sent.traceparent) == "a" * 32


def test_absent_extensions_are_no_headers() -> None:
    headers = new_envelope("a.b.v1", subject="s", content_type=JSON).to_headers()
    assert "cloudEvents_siteid" not in headers
    assert from_headers(headers, JSON).site_id is None


@pytest.mark.parametrize("missing", ["id", "type", "source", "time", "subject"])
def test_a_missing_attribute_is_named(missing: str) -> None:
    headers = new_envelope("a.b.v1", subject="s", content_type=JSON).to_headers()
    del headers[f"cloudEvents_{missing}"]
    with pytest.raises(ValueError, match=missing):
        from_headers(headers, JSON)


def test_a_malformed_id_is_refused() -> None:
    headers = new_envelope("a.b.v1", subject="s", content_type=JSON).to_headers()
    with pytest.raises(ValueError):
        from_headers({**headers, "cloudEvents_id": "no uuid"}, JSON)

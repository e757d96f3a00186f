"""Logs carry ids and scalars, never an object or the text of a fault."""

import json
from typing import Any

import pytest
import structlog

from services.shared import logs


@pytest.fixture(autouse=True)
def _restore() -> Any:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_object_is_replaced_by_the_name_of_its_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("records")
    logs.get_logger().info("seen", row={"nhs_number": "9990000018"}, rows=3)
    (line,) = _lines(capsys)
    assert line["row"] == "<dict>"
    assert line["rows"] == 3
    assert line["service"] == "records"


def test_the_text_of_a_fault_stays_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("records")
    try:
        raise ValueError("patient 9990000018")
    except ValueError:
        logs.get_logger().error("failed", exc_info=True)
    (line,) = _lines(capsys)
    assert line["fault"] == "ValueError"
    assert "test_logs.py" in line["where"]
    assert "9990000018" not in json.dumps(line)


def test_bound_values_stand_on_every_line_of_the_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("records")
    with logs.bind(request_id="r1"):
        assert logs.bound("request_id") == "r1"
        logs.get_logger().info("inside")
    logs.get_logger().info("outside")
    inside, outside = _lines(capsys)
    assert inside["request_id"] == "r1"
    assert "request_id" not in outside

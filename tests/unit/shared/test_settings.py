"""A process reads its settings once, or stops with one clear line."""

import environ
import pytest

from services.shared.settings import ServiceSettings, json_object, load


@environ.config(prefix="FLS", frozen=True)
class _Settings(ServiceSettings):
    keys: dict[str, str] = environ.var(converter=json_object, help="Keys.")


_WHOLE = {
    "FLS_DATABASE_URL": "postgresql://x",
    "FLS_BROKER_URL": "amqp://x",
    "FLS_IDENTITY_PUBLIC_KEYS": "{}",
    "FLS_KEYS": '{"a": "secret-value"}',
}


def test_what_is_set_is_read_and_the_rest_has_defaults() -> None:
    settings = load(_Settings, _WHOLE)
    assert settings.keys == {"a": "secret-value"}
    assert settings.metrics_port == 0


def test_every_missing_setting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        load(_Settings, {"FLS_KEYS": "{}"})
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "FLS_DATABASE_URL" in line
    assert "FLS_BROKER_URL" in line


def test_a_setting_that_cannot_be_read_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        load(_Settings, {**_WHOLE, "FLS_KEYS": "secret-value"})
    assert "secret-value" not in capsys.readouterr().err

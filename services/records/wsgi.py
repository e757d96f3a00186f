"""gunicorn's entry: `services.records.wsgi:app`."""

from services.records.app import create_app
from services.records.settings import Settings
from services.shared import logs
from services.shared.settings import load

_settings = load(Settings)
logs.configure("records.web", _settings.log_level)
app = create_app(_settings)

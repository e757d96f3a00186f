"""gunicorn's entry: `services.facilities.wsgi:app`."""

from services.facilities.app import create_app
from services.facilities.settings import Settings
from services.shared import logs
from services.shared.settings import load

_settings = load(Settings)
logs.configure("facilities.web", _settings.log_level)
app = create_app(_settings)

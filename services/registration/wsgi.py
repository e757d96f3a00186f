"""What gunicorn serves."""

from __future__ import annotations

from services.registration.app import create_app
from services.registration.settings import Settings
from services.shared import logs
from services.shared.settings import load

settings = load(Settings)
logs.configure("registration.web", settings.log_level)
app = create_app(settings)

"""What gunicorn serves."""

from __future__ import annotations

from services.imports.app import create_app
from services.imports.settings import Settings
from services.shared import logs
from services.shared.settings import load

settings = load(Settings)
logs.configure("imports.web", settings.log_level)
app = create_app(settings)

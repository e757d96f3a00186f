"""What gunicorn serves: `gunicorn -c deploy/gunicorn.conf.py gateway.wsgi:app`."""

from __future__ import annotations

from gateway.app import create_app
from gateway.settings import GatewaySettings
from services.shared.settings import load

app = create_app(load(GatewaySettings))

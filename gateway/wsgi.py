"""What gunicorn serves: `gunicorn -c deploy/gunicorn.conf.py gateway.wsgi:app`."""

from __future__ import annotations

from gateway.app import create_app
from gateway.settings import GatewaySettings
from services.shared.settings import load

app = create_app(load(GatewaySettings))
# Compiled before the workers are forked: the first visitor of each page would wait a second for it.
for name in app.jinja_env.list_templates(extensions=["html", "jinja"]):
    if name != "nhsuk/template.jinja":  # the frame that ours replaces
        app.jinja_env.get_template(name)

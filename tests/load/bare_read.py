"""The bare limit of an API read: one SELECT by primary key and one committed INSERT.

A Flask route that uses SQLAlchemy and does nothing else: no identity, no rule, no seal, no history,
no log line. The benchmark of reads puts it in the place of the records service, behind the same
nginx.
"""

from __future__ import annotations

import os

from flask import Flask, jsonify
from sqlalchemy import Uuid, bindparam, text

from services.shared.db import make_engine

app = Flask(__name__)
_engine = make_engine(os.environ["FLS_DATABASE_URL"], application_name="bench.bare")
_SELECT = text("SELECT * FROM bench_bare WHERE record_id = :record_id").bindparams(
    bindparam("record_id", type_=Uuid)
)
_INSERT = text("INSERT INTO bench_bare_read (record_id) VALUES (:record_id)").bindparams(
    bindparam("record_id", type_=Uuid)
)


@app.get("/api/records/v1/records/<uuid:record_id>")
def read(record_id):  # type: ignore[no-untyped-def]
    """The row as JSON, once the reading is noted."""
    with _engine.begin() as connection:
        row = connection.execute(_SELECT, {"record_id": record_id}).mappings().one()
        connection.execute(_INSERT, {"record_id": record_id})
    return jsonify(dict(row))


@app.get("/health/ready")
def ready() -> str:
    """For whoever waits until it is there."""
    return "ready"

"""Receipts, and the public keys to check them with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.imports.parts import parts
from services.imports.queries.showing import get_receipt
from services.imports.schemas import ReceiptKeysAnswer, SignedReceiptAnswer
from services.shared.identity import allows, public
from services.shared.web import site_transaction

blueprint = Blueprint("receipts", __name__, description="Signed receipts")


@blueprint.get("/imports/<uuid:import_id>/receipt")
@allows("records.read", "records.import")
@blueprint.response(200, SignedReceiptAnswer)
def show_receipt(import_id: UUID) -> Any:
    """Get the newest receipt of a stored import; it names the one that it replaces."""
    with site_transaction(read_only=True) as session:
        return get_receipt(session, import_id)


@blueprint.get("/receipt-keys")
@public
@blueprint.response(200, ReceiptKeysAnswer)
def show_keys() -> Any:
    """Get the public keys with which receipts can be checked, the older ones among them."""
    return {"keys": parts().signer.public_keys()}

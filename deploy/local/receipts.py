"""`verify-receipt`: whether a receipt of an import is as it was issued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from services.imports.domain.receipts import NotGenuine, verify


def verify_receipt(file: Path, keys: dict[str, str]) -> int:
    """Prints whether a receipt is genuine, and what it says.

    Returns:
        0 if it is genuine, 1 if not.
    """
    try:
        signed: Any = json.loads(file.read_text("utf-8"))
        receipt = verify(signed, keys)
    except (ValueError, NotGenuine) as error:
        why = error if isinstance(error, NotGenuine) else "The file is not JSON."
        print(f"NOT GENUINE. {why}")
        return 1
    ledger = receipt["ledger"]
    print(f"GENUINE. Receipt {receipt['number']} of import {receipt['import_id']}")
    print(f"  site {receipt['site_code']}, issued {receipt['issued_at']}, state {receipt['state']}")
    print("  " + ", ".join(f"{name} {count}" for name, count in ledger.items()))
    print(f"  SHA-256 of the file {receipt['file_sha256']}")
    if receipt["replaces"]:
        print(f"  it replaces receipt {receipt['replaces']}")
    return 0


def published_keys(address: str) -> dict[str, str]:
    """The public keys that a system publishes.

    Raises:
        ValueError: nobody answers there, or not with keys.
    """
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"{address} is no address of a system")
    try:
        with urlopen(f"{address.rstrip('/')}/api/imports/v1/receipt-keys", timeout=20) as answer:  # noqa: S310
            keys: dict[str, str] = json.load(answer)["keys"]
    except (URLError, OSError, KeyError, ValueError) as error:
        raise ValueError(f"{address} does not tell its keys: {error}") from None
    return keys


def keys_of(file: Path) -> dict[str, str]:
    """The public keys in a file, as a system publishes them. Raises ValueError."""
    data: Any = json.loads(file.read_text("utf-8"))
    keys = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(keys, dict):
        raise ValueError(f"{file} holds no keys")
    return keys

"""The rules of imports, pure: bytes and plain values in, decisions out."""

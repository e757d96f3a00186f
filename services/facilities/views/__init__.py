"""The facilities API: one blueprint for each noun, below /api/facilities/v1."""

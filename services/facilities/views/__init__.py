"""The facilities API: one blueprint for each noun, all below /api/facilities/v1/rounds."""

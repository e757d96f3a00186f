"""How the system is run: images, server configuration, and `deploy.local` for a bare machine."""

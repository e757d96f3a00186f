"""Runs the whole system on one machine without containers; `./flsdb help` lists what it can do.

Owns: the private PostgreSQL, RabbitMQ and nginx below `.local/`, the processes of the services, and
the commands that people type. It knows no rule of the audit and imports no service: it starts
programs and talks to them as any client would.
"""

"""The events that facilities publishes: none yet.

An event is published only once something hears it. Reminders of a round will be the first
(`facilities.reminder_wanted.v1`, heard by registration, who writes the mail).
"""

from __future__ import annotations

from services.shared.outbox import EventType

PUBLISHED: tuple[EventType, ...] = ()

"""Where people are signed in: Django's sessions, with whose they are, since when, last seen when, and in what kind of browser."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from twoparks.registry.models import Session

BROWSER, SIGNED_IN_AT, SEEN_AT = "browser", "signed_in_at", "seen_at"
_BROWSERS = (  # first match wins: every other browser also says Safari, most also Chrome
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class SessionStore(db.SessionStore):
    """Django's database engine on our own table."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:  # Any: session values are JSON
        """The row of this session; its columns repeat what the list of sessions needs."""
        row: Session = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.browser = data.get(BROWSER, "")
        row.signed_in_at = instant(data.get(SIGNED_IN_AT))
        row.seen_at = instant(data.get(SEEN_AT))
        return row


def instant(written: str | None) -> datetime | None:
    """An instant as a session holds it."""
    return None if written is None else datetime.fromisoformat(written)


def name_of(session_key: str) -> str:
    """A name for one session that can stand on a page: the key itself would let its reader in."""
    return hashlib.sha256(f"session:{session_key}".encode()).hexdigest()[:16]


def browser_kind(user_agent: str) -> str:
    """Kind of browser and system, such as 'Firefox, Linux'; versions are not kept."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    return ", ".join(word for word in (browser, system) if word)

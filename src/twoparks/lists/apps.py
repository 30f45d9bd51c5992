"""The room of lists."""

from __future__ import annotations

from django.apps import AppConfig


class Lists(AppConfig):
    """What is searched and which views people keep."""

    name = "twoparks.lists"
    default_auto_field = "django.db.models.BigAutoField"

"""What the node remembers of calls to its API."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Answered(models.Model):
    """A write asked for under an Idempotency-Key: being done while `status` is null, else the answer to give again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # SHA-256 of method, address and body
    claim = models.CharField(max_length=32)  # who is doing it; another claim voids this one's work
    begun_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=80, blank=True)
    content = models.BinaryField(default=b"")
    forget_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="answered_once")]

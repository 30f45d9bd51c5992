"""Gates enrolled at this node, the events they handed over, and crossings as lists show them."""

from __future__ import annotations

from django.db import models


class GateDevice(models.Model):
    """A gate enrolled at this node: its key's name and how far its events were taken."""

    gate = models.CharField(primary_key=True, max_length=40)
    group = models.CharField(max_length=40)
    kid = models.CharField(max_length=40)
    enrolled_at = models.DateTimeField()
    cut_off_at = models.DateTimeField(null=True)
    last_number = models.IntegerField(default=0)
    last_digest = models.BinaryField(max_length=32, null=True)
    synced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["gate"]


class GateEvent(models.Model):
    """One signed event of a gate, kept whole. `waits` while its permit is not known in force here yet."""

    gate = models.CharField(max_length=40)
    kid = models.CharField(max_length=40)
    number = models.IntegerField()
    kind = models.CharField(max_length=20)  # gate.passed, gate.referred, gate.refused
    permit = models.CharField(max_length=40, blank=True)
    codes = models.JSONField()
    at = models.DateTimeField()
    taken_at = models.DateTimeField()
    envelope = models.BinaryField()
    waits = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-number"]
        constraints = [models.UniqueConstraint(fields=["kid", "number"], name="gate_event_once")]
        indexes = [
            models.Index(fields=["gate", "-at"]),
            models.Index(fields=["-at"]),
            models.Index(fields=["kind", "-at"]),
            models.Index(fields=["permit"]),
            models.Index(fields=["waits"]),
        ]


class CrossingRow(models.Model):
    """One crossing as lists show it; computed from the acts in their transaction."""

    id = models.CharField(primary_key=True, max_length=60)
    permit = models.CharField(max_length=40)
    version = models.IntegerField()
    crosses = models.CharField(max_length=12)
    state = models.CharField(max_length=20)  # before time is looked at
    late_at = models.DateTimeField(null=True)  # when a lone leg becomes overdue or unannounced
    first_at = models.DateTimeField()
    exit_at = models.DateTimeField(null=True)
    entry_at = models.DateTimeField(null=True)
    declared_at = models.DateTimeField(null=True)  # stated, not seen by a gate
    control_point = models.CharField(max_length=40, blank=True)  # where, as stated
    person = models.CharField(max_length=18, blank=True)  # pseudonym of the person who crossed
    exit_group = models.CharField(max_length=40, blank=True)
    entry_group = models.CharField(max_length=40, blank=True)
    sender = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40)
    sender_name = models.JSONField()
    recipient_name = models.JSONField()
    open_code = models.CharField(max_length=20, blank=True)  # a recorded discrepancy that is not closed
    owner = models.CharField(max_length=8, blank=True)
    recorded = models.CharField(
        max_length=80, blank=True
    )  # codes of all discrepancies recorded, open or closed

    acts = models.JSONField(null=True)  # numbers of the acts about it; null: written before they were kept
    exit_version = models.IntegerField(null=True)  # version of the permit under which each was said
    entry_version = models.IntegerField(null=True)
    stated_version = models.IntegerField(null=True)

    class Meta:
        ordering = ["-first_at", "id"]
        indexes = [
            models.Index(fields=["permit"]),
            models.Index(
                fields=["-first_at", "crosses", "exit_group", "entry_group"]
            ),  # today is read from it alone
            models.Index(fields=["sender", "-first_at"]),
            models.Index(fields=["recipient", "-first_at"]),
            models.Index(fields=["late_at"]),
            models.Index(fields=["person", "-first_at"]),
            models.Index(fields=["open_code", "owner"]),
            models.Index(fields=["exit_at"]),
            models.Index(fields=["entry_at"]),
            models.Index(fields=["state", "-first_at"]),
            models.Index(fields=["recorded", "-first_at"]),
        ]

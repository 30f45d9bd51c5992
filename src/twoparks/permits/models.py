"""What this node keeps beside the acts: drafts, the lists' projection, and places in its status list."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from twoparks.registry.models import Organisation, Project


class Draft(models.Model):
    """A declaration being typed; it never leaves this node."""

    id = models.CharField(primary_key=True, max_length=40)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content = models.JSONField(default=dict)  # as typed
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "id"]


class PermitRow(models.Model):
    """One permit as lists show it. Computed from its acts in their transaction; `twoparks rebuild` makes it again."""

    id = models.CharField(primary_key=True, max_length=40)
    home = models.CharField(max_length=8)
    flow = models.CharField(max_length=20)
    crosses = models.CharField(max_length=12)
    version = models.IntegerField()
    trial = models.CharField(max_length=40, blank=True)  # the trial of rules it was declared under
    status = models.CharField(max_length=20)  # before time is looked at; see expires_at
    expires_at = models.DateTimeField(null=True)  # when the status becomes expired, unless something happens
    outcome = models.CharField(max_length=20, blank=True)  # what this bank's law answered
    acts = models.IntegerField()
    sender = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40)
    sender_name = models.JSONField()
    recipient_name = models.JSONField()
    project = models.CharField(max_length=40)
    title = models.JSONField()
    terms = models.JSONField(null=True)  # the terms document gates hold, while the permit can be used
    signed_with = models.CharField(max_length=16, blank=True)  # name of the pass key this park signed with
    exit_group = models.CharField(max_length=40)  # of the way out, the first where there are several
    entry_group = models.CharField(max_length=40)
    person = models.CharField(max_length=18, blank=True)  # pseudonym of the person who crosses
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    authorities = models.TextField(blank=True)  # ' nhc customs_ml ': before whom it is or was
    waits_here = models.CharField(max_length=20, blank=True)  # authority, applicant, park, peer or nobody
    declared_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "id"]
        indexes = [
            models.Index(fields=["status", "-changed_at"]),
            models.Index(fields=["sender", "-changed_at"]),
            models.Index(fields=["recipient", "-changed_at"]),
            models.Index(fields=["-changed_at"]),  # orders of the list
            models.Index(fields=["valid_until"]),
            models.Index(fields=["declared_at"]),
            models.Index(fields=["waits_here", "-changed_at"]),
            models.Index(fields=["project", "-changed_at"]),
            models.Index(fields=["status", "waits_here", "expires_at"]),  # figures are counted from it alone
            models.Index(fields=["expires_at"]),
            models.Index(fields=["person", "status"]),
            models.Index(fields=["flow", "declared_at"]),  # what a trial's beginning catches up with
            models.Index(fields=["trial", "status"], condition=~models.Q(trial=""), name="permit_on_trial"),
        ]


class PermitGate(models.Model):
    """One gate group that a permit names; gates ask by it what they have to hold."""

    permit = models.ForeignKey(PermitRow, on_delete=models.CASCADE, related_name="gates")
    group = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "permit"], name="permit_gate_once")]


class Work(models.Model):
    """One piece of work left at this node, for the queue of one authority (empty: the park itself)."""

    permit = models.ForeignKey(PermitRow, on_delete=models.CASCADE, related_name="work")
    item = (
        models.IntegerField()
    )  # which piece, from 0: rows of one piece differ in the authority that may settle it
    authority = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=20)
    measures = models.JSONField()
    provisions = models.JSONField()
    register_answer = models.CharField(max_length=20, blank=True)
    simulated = models.BooleanField()
    question = models.TextField(blank=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["authority", "since"])]


class StatusPlace(models.Model):
    """One bit of this park's status list, given to one version of one permit for good."""

    list = models.IntegerField()
    index = models.IntegerField()
    permit = models.CharField(max_length=40)
    version = models.IntegerField()
    ended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "index"], name="status_place_once"),
            models.UniqueConstraint(fields=["permit", "version"], name="status_place_per_version"),
        ]

"""What this node keeps of trials beside their acts: drafts, and the rows that lists and figures are read from."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class TrialDraft(models.Model):
    """A change of the law being thought about; it never leaves this node. The park's rule makers share its drafts."""

    id = models.CharField(primary_key=True, max_length=40)  # '<park>-td-<random>'
    title = models.JSONField(default=dict)  # {language: text}
    question = models.JSONField(default=dict)  # {language: text}: what the trial is to find out
    flow = models.CharField(max_length=20, blank=True)
    crosses = models.CharField(max_length=12, blank=True)  # empty: both ways
    change = models.TextField(
        blank=True
    )  # YAML as `law/amend.py` reads it; empty where a technology is tried
    alternatives = models.JSONField(default=list)  # up to three further change texts
    protocol = models.JSONField(
        default=dict
    )  # what an example proposes for the protocol; the form begins with it
    example = models.CharField(max_length=60, blank=True)  # the shipped example it began from
    trial = models.CharField(max_length=40, blank=True)  # the trial it was filed as
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "id"]


class TrialRow(models.Model):
    """One trial as lists show it; computed from its acts in their transaction, made again by `twoparks rebuild`."""

    id = models.CharField(primary_key=True, max_length=40)
    home = models.CharField(max_length=8)
    version = models.IntegerField()
    kind = models.CharField(max_length=12)  # rule or technology
    flow = models.CharField(max_length=20)
    crosses = models.CharField(max_length=12, blank=True)  # empty: both ways
    title = models.JSONField()
    question = models.JSONField()
    stage = models.CharField(
        max_length=12
    )  # what the acts alone say; with the three moments it gives the status
    agreed_at = models.DateTimeField(null=True)
    shadow_at = models.DateTimeField()
    live_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    stopped_why = models.CharField(max_length=12, blank=True)
    stopped_at = models.DateTimeField(null=True)
    authorities = models.TextField(blank=True)  # ' nhc dh ': named by the protocol
    joined = models.IntegerField(default=0)
    acts = models.IntegerField()
    filed_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "id"]
        indexes = [
            models.Index(fields=["-changed_at"]),
            models.Index(fields=["flow", "ends_at"]),
            models.Index(fields=["stage", "ends_at"]),
        ]


class TrialCase(models.Model):
    """One permit in the scope of a trial: what the ordinary law and the law on trial say, and what became of it.

    Every value follows from acts that crossed, so both parks hold the same rows.
    """

    trial = models.CharField(max_length=40)
    permit = models.CharField(max_length=40)
    version = models.IntegerField()
    home = models.CharField(max_length=8)
    crosses = models.CharField(max_length=12)
    organisation = models.CharField(max_length=40)  # of the applicant
    group = models.CharField(max_length=12)  # participant, waiting (joined, not drawn) or other
    live = models.BooleanField()  # declared under the trial
    sender_kind = models.CharField(max_length=40, blank=True)  # as declared, or as the organisation joined
    law = models.CharField(max_length=64)  # digest of the law on trial that was asked
    before = models.CharField(max_length=20)  # worst outcome of both banks under the ordinary law
    after = models.CharField(max_length=20)  # the same under the law on trial
    changed = models.BooleanField()  # another outcome, or other measures still required, at some bank
    banks = (
        models.JSONField()
    )  # {bank: {"before": outcome, "after": outcome, "measures_before": [], "measures_after": []}}
    provisions = models.JSONField()  # ids that hold under one law and not under the other
    declared_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)  # the second clearance
    in_force_at = models.DateTimeField(null=True)
    working_minutes = models.IntegerField(
        null=True
    )  # from declared to in force, in the home park's working time
    result = models.CharField(
        max_length=12, blank=True
    )  # in_force, refused, revoked, withdrawn, replaced; empty while open
    crossings = models.IntegerField(default=0)
    discrepancies = models.IntegerField(default=0)  # crossings with one recorded
    quantity = models.BigIntegerField(default=0)  # what the protocol's cap counts

    class Meta:
        ordering = ["-declared_at", "permit"]
        constraints = [models.UniqueConstraint(fields=["trial", "permit"], name="trial_case_once")]
        indexes = [
            models.Index(fields=["trial", "-declared_at"]),
            models.Index(fields=["trial", "live", "home"]),
            models.Index(fields=["permit"]),
        ]


class ImpactRun(models.Model):
    """One asking of what a draft would have done to past cases: what was asked, how far the scan is, what it found."""

    id = models.CharField(primary_key=True, max_length=40)  # '<park>-ti-<random>'
    draft = models.ForeignKey(TrialDraft, on_delete=models.CASCADE, related_name="runs")
    packs = models.CharField(max_length=64)  # digest of the packs it was asked over
    changes = models.JSONField()  # the change's text, then alternatives compared with it
    numbers = models.JSONField()  # which texts of the draft they are: 0 the change, from 1 alternatives
    history = models.CharField(max_length=12)  # 'record' of this park, or 'generated'
    flow = models.CharField(max_length=20)
    crosses = models.CharField(max_length=12)
    since = models.DateField(null=True)  # days of the cases, [since, until)
    until = models.DateField(null=True)
    on = models.DateField(null=True)  # the law of this day is asked; null: each case by the law of its own
    state = models.CharField(max_length=12)  # waiting, drawing, running, done, stopped, failed
    read = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    result = models.JSONField(null=True)
    says = models.TextField(blank=True)  # why it failed
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)  # last sign of life of the scan
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "id"]
        indexes = [models.Index(fields=["state", "asked_at"]), models.Index(fields=["draft", "-asked_at"])]

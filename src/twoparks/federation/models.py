"""The node's log of acts, its queue to the other park, and what it knows of the other park's log."""

from __future__ import annotations

from django.db import models


class Act(models.Model):
    """One signed act, ours or accepted from the other park, in this node's order."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=60)
    park = models.CharField(max_length=8)
    stream = models.CharField(max_length=60)
    seq = models.IntegerField(null=True)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    envelope = models.BinaryField(null=True)  # canonical {act, kid, sig}; null once erased
    salt = models.BinaryField(null=True)
    commitment = models.BinaryField(max_length=32)
    leaf_index = models.BigIntegerField(unique=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["stream", "number"]), models.Index(fields=["kind", "number"])]
        constraints = [models.UniqueConstraint(fields=["park", "stream", "seq"], name="act_sequence_once")]


class TreeNode(models.Model):
    """Hash of one complete subtree of the log."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="tree_node_once")]


class Outgoing(models.Model):
    """An act on its way to the other park."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="outgoing")
    stream = models.CharField(max_length=60)
    seq = models.IntegerField()
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=20, blank=True)  # why the last attempt has to be repeated
    stopped_code = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["delivered_at", "next_attempt_at"])]
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="outgoing_sequence_once")]


class Checkpoint(models.Model):
    """A checkpoint this node signed over its own log, and the peer's cosignature once it came."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()  # signed note
    signed_at = models.DateTimeField()
    cosigned_note = models.TextField(blank=True)
    cosigned_at = models.DateTimeField(null=True)


class PeerCheckpoint(models.Model):
    """A checkpoint of the other park's log that this node verified and cosigned."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    frontier = models.BinaryField(
        default=b""
    )  # hashes of 32 bytes; with them the peer can go on after a loss
    seen_at = models.DateTimeField()


class Incident(models.Model):
    """Something that must not happen and did: conflict, refusal, fork, forged signature. Never deleted."""

    kind = models.CharField(max_length=60)
    stream = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)


class Fetched(models.Model):
    """The newest verified document of one kind pulled from the other park (trust list, status list)."""

    name = models.CharField(max_length=60, unique=True)
    document = models.BinaryField()
    issued_at = models.DateTimeField()
    fetched_at = models.DateTimeField()


class Heartbeat(models.Model):
    """When a background process of this node last said that it runs."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()


class Restoration(models.Model):
    """This node was put back from a copy. While `ended_at` is null nothing is written to its log."""

    copied_at = models.DateTimeField()
    restored_at = models.DateTimeField()
    size = models.BigIntegerField()  # leaves of the copy
    continues_at = models.BigIntegerField(
        null=True
    )  # where the log goes on; more than `size`: those between are lost
    frontier = models.BinaryField(default=b"")
    brought_back = models.IntegerField(default=0)  # acts the other park gave back
    accepted_by = models.CharField(max_length=40, blank=True)  # pseudonym of the officer who accepted a loss
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["restored_at"], condition=models.Q(ended_at=None), name="restoration_open_once"
            )
        ]

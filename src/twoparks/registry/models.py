"""Who and what a park knows: organisations, people and their roles, projects, approvals and the registers behind them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone


class Organisation(models.Model):
    """A tenant, university, hospital or public body of this park, or a partner known from the other one."""

    id = models.CharField(primary_key=True, max_length=40)  # '<park>-o-<slug>'
    park = models.CharField(max_length=8)
    kind = models.CharField(max_length=40)  # a value of the vocabulary's sender_kind
    name = models.JSONField()  # {language: name}
    number = models.CharField(max_length=40, blank=True)  # USCC or business registration number
    place = models.CharField(max_length=40)  # a value of the vocabulary's places
    profile = models.JSONField(default=dict)  # stated facts of the vocabulary about the organisation itself
    fictitious = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.id


class User(AbstractUser):
    """A person with an account at this node."""

    language = models.CharField(max_length=10, default="en")
    fictitious = models.BooleanField(default=False)
    password_given = models.BooleanField(default=False)  # somebody else chose it; to be changed first

    class Meta(AbstractUser.Meta):
        indexes = [models.Index(fields=["first_name"])]


class Role(models.Model):
    """What a user may do and for whom: exactly one of organisation, authority or gate where the kind needs it.

    A role that ended is kept: who gave it, who ended it, and when.
    """

    class Kind(models.TextChoices):
        MEMBER = "member"
        ADMINISTRATOR = "administrator"
        PARK_OFFICER = "park_officer"
        AUTHORITY_OFFICER = "authority_officer"
        GATE = "gate"
        AUDITOR = "auditor"
        RULE_MAKER = "rule_maker"
        PERSON = "person"  # who crosses: sees and shows what is about this person alone

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE)
    authority = models.CharField(max_length=40, blank=True)  # key of the packs' authorities
    gate = models.CharField(max_length=40, blank=True)  # gate id of the zone file
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    given_act = models.CharField(max_length=60, blank=True)  # the act that gave it, or noted that it stood
    ended_act = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "organisation", "authority", "gate"],
                condition=models.Q(ended_at=None),
                name="role_once",
            ),
        ]


class Token(models.Model):
    """What a program shows to act for a person. Only the digest of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    prefix = models.CharField(max_length=8, unique=True)  # shown, so that its owner can tell it from others
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the whole token, in hexadecimal
    label = models.CharField(max_length=60)
    verbs = models.JSONField()  # what it may at most do: values of access.Verb
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in, as its owner sees it listed. No network address is kept."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    browser = models.CharField(max_length=40, blank=True)  # kind of browser and system
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> type:
        """The engine that reads and writes these rows."""
        from twoparks.registry.sessions import SessionStore

        return SessionStore


class Project(models.Model):
    """A joint project with parties on both banks; its approvals are reused by every permit under it."""

    id = models.CharField(primary_key=True, max_length=40)  # '<park>-j-<random>'
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="projects")
    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="partner_projects")
    title = models.JSONField()  # {language: title}; one language is enough
    protocol = models.CharField(max_length=80, blank=True)  # protocol number
    fictitious = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]


class Approval(models.Model):
    """Evidence that a measure of the law is held: an authority's approval, a committee's decision, consents obtained."""

    id = models.CharField(primary_key=True, max_length=40)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="approvals"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="approvals")
    measure = models.CharField(max_length=80)  # key of the packs' measures
    authority = models.CharField(max_length=40)
    number = models.CharField(max_length=80)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # last day, inclusive
    document_digest = models.CharField(max_length=64, blank=True)
    fictitious = models.BooleanField(default=False)


class RegisterEntry(models.Model):
    """One row of a simulated register: what the authority itself would answer about a number."""

    authority = models.CharField(max_length=40)
    measure = models.CharField(max_length=80)
    number = models.CharField(max_length=80)
    holder = models.CharField(max_length=40)  # organisation id
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    revoked_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="register_number_once")]


class Person(models.Model):
    """A person whom an employer of this park registered to cross. The name never leaves this node; the pseudonym may."""

    id = models.CharField(
        primary_key=True, max_length=40
    )  # '<park>-n-<random>'; also the stream of its consents
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    user = models.OneToOneField(User, null=True, on_delete=models.SET_NULL, related_name="person")
    name = models.CharField(max_length=120)
    pseudonym = models.CharField(max_length=18, unique=True)  # made for the other park alone
    holder = models.CharField(
        max_length=22, blank=True
    )  # by which a pass names the key of the person's phone
    holder_at = models.DateTimeField(null=True)
    agreed = models.JSONField(default=list)  # digests of the consents that stand, computed from the acts
    counts_released = models.JSONField(default=list)  # months the employer may see, computed from the acts
    registered_at = models.DateTimeField()
    fictitious = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["organisation", "name"]),
            models.Index(fields=["organisation", "registered_at"]),
        ]


class Invitation(models.Model):
    """A link by which a registered person takes an account, once. The link itself is not kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

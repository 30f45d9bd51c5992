"""What lists keep of their own: the words things are found by, and the views people saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SearchText(models.Model):
    """The folded words of one thing, under the name of its kind. Written with the thing, made again by `twoparks rebuild`."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=60)
    search = models.TextField()  # ' word word': a space before each, so that ' wor' is found

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="search_text_once")]


class SavedView(models.Model):
    """A filter a person keeps under a name; nobody else sees it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    listing = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["listing", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "listing", "name"], name="saved_view_once")]

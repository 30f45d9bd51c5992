"""The only writers of saved views. They are a person's own notes, so no ledger entry is made of them."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.lists.asked import query
from twoparks.lists.models import SavedView
from twoparks.lists.types import Asked, Line, Listing

NAME_MAX, QUERY_MAX, VIEWS_MAX = 60, 500, 50


class NotKept(ValueError):
    """A view cannot be kept so; the message says why and what would be accepted."""


@transaction.atomic
def save_view(user: AbstractBaseUser, listing: Listing[Line], asked: Asked, name: str) -> SavedView:
    """Keep what was asked of the list under a name of the person's own."""
    said = query(listing, asked)
    if len(said) > QUERY_MAX:
        raise NotKept(_("This filter is too long to be kept; use fewer words."))
    if SavedView.objects.filter(user=user).count() >= VIEWS_MAX:
        raise NotKept(_("You keep %(n)d views already; delete one first.") % {"n": VIEWS_MAX})
    return SavedView.objects.create(
        user=user, listing=listing.name, query=said, name=_free(user, listing.name, name)
    )


@transaction.atomic
def rename_view(user: AbstractBaseUser, view: int, name: str) -> SavedView:
    """Give an own view another name; raises SavedView.DoesNotExist for anybody else's."""
    found = SavedView.objects.select_for_update().get(pk=view, user=user)
    if found.name != name.strip():
        found.name = _free(user, found.listing, name)
        found.save(update_fields=["name"])
    return found


@transaction.atomic
def delete_view(user: AbstractBaseUser, view: int) -> None:
    """Throw an own view away; raises SavedView.DoesNotExist for anybody else's."""
    SavedView.objects.get(pk=view, user=user).delete()


def _free(user: AbstractBaseUser, listing: str, name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise NotKept(_("Give the view a name of 1 to %(n)d letters.") % {"n": NAME_MAX})
    if SavedView.objects.filter(user=user, listing=listing, name=name).exists():
        raise NotKept(_("You keep a view called %(name)s already; choose another name.") % {"name": name})
    return name

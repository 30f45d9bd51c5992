"""What a password has to be, said in the reader's language."""

from __future__ import annotations

from django.contrib.auth import password_validation as django
from django.utils.translation import gettext as _


class LongEnough(django.MinimumLengthValidator):
    """Not shorter than the setting says."""

    def get_error_message(self) -> str:
        """What is wrong and what would be accepted."""
        return _("Too short: use at least %(n)d characters.") % {"n": self.min_length}


class NotOften(django.CommonPasswordValidator):
    """Not one of the passwords tried first."""

    def get_error_message(self) -> str:
        """What is wrong and what would be accepted."""
        return _("Many people use this password; choose another, such as a few words in a row.")


class NotYourName(django.UserAttributeSimilarityValidator):
    """Not the person's own name."""

    def get_error_message(self) -> str:
        """What is wrong and what would be accepted."""
        return _("This is too much like your name; choose another.")

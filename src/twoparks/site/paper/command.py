"""`twoparks permit paper`: a paper of a permit as a PDF file."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from twoparks.permits import queries
from twoparks.permits.types import NotPossible, PermitId
from twoparks.registry.models import User
from twoparks.site.paper import papers, wording
from twoparks.site.paper.pdf import pdf
from twoparks.site.paper.shape import PaperKind


def words(parser: argparse.ArgumentParser) -> None:
    """The words of `twoparks permit paper` beyond those of every verb."""
    parser.add_argument("--kind", choices=[str(kind) for kind in PaperKind], default=str(PaperKind.PERMIT))
    parser.add_argument("--lang", choices=wording.LANGUAGES, default="en", help="language of the paper")
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="the PDF to write")


def paper(asked: argparse.Namespace, user: User, now: datetime) -> str:
    """Write the paper the words ask for; raises NotPossible when there is none now or it cannot be written."""
    with wording.language(asked.lang) as language:
        made = papers.paper(
            queries.detail(user, PermitId(asked.permit), now), PaperKind(asked.kind), language
        )
    content = pdf(made)
    try:
        Path(asked.out).write_bytes(content)
    except OSError as error:
        raise NotPossible("not_written", f"{asked.out}: {error.strerror}") from error
    return f"{asked.out}: {made.title}, {made.number} {made.version}, {len(content):,} bytes"

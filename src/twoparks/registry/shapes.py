"""What every room's API takes in one way: strict bodies, bounded pages and texts."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Schema
from pydantic import ConfigDict, Field

Raw = dict[str, Any]  # Any: JSON whose shape its reader checks and names every problem of
PageNumber = Annotated[int, Query(ge=1, le=100_000, description="Page of the list, from 1.")]
Text = Annotated[str, Field(max_length=2_000)]
Key = Annotated[str, Field(max_length=200)]  # an id, a name of the packs, a number on a document


class Given(Schema):
    """A body sent to the node: a field it does not know is refused, never passed over."""

    model_config = ConfigDict(extra="forbid")

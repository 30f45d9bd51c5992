"""The whole main job through two nodes: declared, determined, decided, permitted, checked offline, moved, reconciled."""

from tests.story import Story

from twoparks.crossings import queries as crossings
from twoparks.crossings.types import State
from twoparks.permits.types import Status


def test_a_box_of_samples_goes_from_one_park_to_the_other(story: Story) -> None:
    permit = story.in_force()
    story.cross(permit)

    for park in ("sz", "hk"):
        assert story.status(park, permit) == Status.COMPLETED
        with story.nodes.at(park):
            officer = story.user(f"{park}-officer")
            (line,) = crossings.of_permit(officer, permit, story.nodes.now)
        assert line.state is State.RECONCILED
        assert line.row.id == f"{permit}-x1"

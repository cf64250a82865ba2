"""Display windows for CT."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A display window: what is black, what is white.

    Parameters
    ----------
    name : str
    center_hu, width_hu : float
    key : str
        The key that sets it.
    """

    name: str
    center_hu: float
    width_hu: float
    key: str

    @property
    def limits_hu(self) -> tuple[float, float]:
        """(black, white) in HU."""
        return (self.center_hu - self.width_hu / 2, self.center_hu + self.width_hu / 2)


#: Everyday reading windows; `catheter` and `metal` are wide enough to see a wall beside bone and a pump's edge.
WINDOWS = (
    Window(name="soft tissue", center_hu=40, width_hu=400, key="F1"),
    Window(name="bone", center_hu=500, width_hu=2000, key="F2"),
    Window(name="lung", center_hu=-600, width_hu=1500, key="F3"),
    Window(name="catheter", center_hu=350, width_hu=1200, key="F4"),
    Window(name="metal", center_hu=1500, width_hu=5000, key="F5"),
    Window(name="myelogram", center_hu=250, width_hu=900, key="F6"),
)
FIRST_WINDOW = WINDOWS[3]

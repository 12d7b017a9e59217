"""The shapes that faces are put together from: masks, drawn once at four times the size and then made small.

All measures are in pixels of a picture of SIZE × SIZE, with the head's middle at (160, 148), before the ZOOM.
"""

from collections.abc import Callable
from functools import cache
from math import cos, pi, sin

from PIL import Image, ImageDraw

SIZE = 320
SCALE = 4
MIDDLE = 160
# How much larger than drawn, and the height that stays where it is.
ZOOM = 1.2
HORIZON = 166

Point = tuple[float, float]
Points = list[Point]


class Pen:
    """Draws in picture pixels on a mask that is SCALE times as large; `ink` 0 rubs out."""

    def __init__(self) -> None:
        self.image = Image.new("L", (SIZE * SCALE, SIZE * SCALE))
        self._draw = ImageDraw.Draw(self.image)

    def ellipse(self, x: float, y: float, width: float, height: float, ink: int = 255) -> None:
        """An ellipse around (x, y)."""
        self._draw.ellipse([*_at(x - width / 2, y - height / 2), *_at(x + width / 2, y + height / 2)], fill=ink)

    def box(self, left: float, top: float, right: float, bottom: float, radius: float = 0, ink: int = 255) -> None:
        corners = [*_at(left, top), *_at(right, bottom)]
        self._draw.rounded_rectangle(corners, radius * ZOOM * SCALE, fill=ink)

    def shape(self, points: Points, ink: int = 255) -> None:
        """A closed curve through the points, as smooth as a Catmull-Rom spline."""
        self._draw.polygon([_at(x, y) for x, y in smooth(points)], fill=ink)

    def line(self, points: Points, width: float, ink: int = 255) -> None:
        """An open curve through the points with round ends."""
        curve = smooth(points, closed=False)
        self._draw.line([_at(x, y) for x, y in curve], fill=ink, width=round(width * ZOOM * SCALE), joint="curve")
        for x, y in (curve[0], curve[-1]):
            self.ellipse(x, y, width, width, ink)


def _at(x: float, y: float) -> Point:
    """Where a point of the drawing lies on the mask."""
    return ((x - MIDDLE) * ZOOM + MIDDLE) * SCALE, ((y - HORIZON) * ZOOM + HORIZON) * SCALE


def smooth(points: Points, *, closed: bool = True, steps: int = 12) -> Points:
    """Puts points between the given ones, on a Catmull-Rom spline."""
    count = len(points)
    curve: Points = []
    for index in range(count if closed else count - 1):
        around = [_neighbour(points, index + offset, closed) for offset in (-1, 0, 1, 2)]
        curve += [_between(around, step / steps) for step in range(steps)]
    return curve if closed else [*curve, points[-1]]


def _neighbour(points: Points, index: int, closed: bool) -> Point:
    return points[index % len(points)] if closed else points[min(max(index, 0), len(points) - 1)]


def _between(around: Points, t: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = around
    weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3)
    a, b, c, d = (weight / 2 for weight in weights)
    return (a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy)


@cache
def part(draw: Callable[[Pen], None]) -> tuple[Image.Image, tuple[int, int]]:
    """A part's mask, cut to what is drawn, and where its upper left corner comes."""
    pen = Pen()
    draw(pen)
    small = pen.image.reduce(SCALE)
    box = small.getbbox() or (0, 0, 1, 1)
    return small.crop(box), (box[0], box[1])


def mirrored(points: Points) -> Points:
    """The left half's points, from top to bottom, completed with the right half's."""
    return points + [(2 * MIDDLE - x, y) for x, y in reversed(points) if x != MIDDLE]


def arc(x: float, y: float, width: float, height: float, start: float, end: float, count: int = 9) -> Points:
    """Points on an ellipse; angles in degrees, clockwise from three o'clock."""
    angles = [(start + (end - start) * step / (count - 1)) * pi / 180 for step in range(count)]
    return [(x + width / 2 * cos(angle), y + height / 2 * sin(angle)) for angle in angles]

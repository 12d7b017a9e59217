"""Pictures above articles, drawn by us: quiet landscapes in the colours of the site, another one for each title."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from deploy.demo.company import SEED

WIDTH, HEIGHT = 960, 480
SKIES = [(252, 226, 182), (190, 222, 226), (244, 200, 176), (206, 214, 236)]
HILLS = [(11, 110, 99), (38, 84, 124), (58, 124, 104), (112, 88, 148)]
SUN = (255, 244, 214)
LAYERS = 4
QUALITY = 80


def cover(title: str) -> bytes:
    """Draws the picture of a title: a JPEG file of 960 × 480 pixels."""
    rng = Random(f"{SEED}/cover/{title}")
    sky, hill = rng.choice(SKIES), rng.choice(HILLS)
    image = Image.new("RGB", (WIDTH, HEIGHT), sky)
    pen = ImageDraw.Draw(image)
    x, y, radius = rng.randint(120, WIDTH - 120), rng.randint(90, 200), rng.randint(40, 80)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=SUN)
    for layer in range(1, LAYERS + 1):
        share = layer / LAYERS
        colour = tuple(round(one * (1 - share) + other * share) for one, other in zip(sky, hill, strict=True))
        pen.polygon(_ridge(rng, HEIGHT * (0.35 + 0.13 * layer)), fill=colour)
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _ridge(rng: Random, height: float) -> list[tuple[float, float]]:
    """The outline of hills at about a height, closed below."""
    steps = 8
    tops = [(WIDTH * step / steps, height + rng.uniform(-60, 60)) for step in range(steps + 1)]
    return [(0, HEIGHT), *tops, (WIDTH, HEIGHT)]

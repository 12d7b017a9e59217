"""Friendly faces that belong to nobody, drawn by us: the same person always has the same face."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from deploy.demo import face_hair, face_shapes
from deploy.demo.company import SEED, Person
from deploy.demo.face_parts import SCALE, SIZE, Pen, part

Colour = tuple[int, int, int]
Draw = Callable[[Pen], None]

QUALITY = 85
INK = (52, 42, 46)
SKIN = [(255, 221, 196), (246, 205, 173), (229, 180, 140), (199, 147, 106), (154, 106, 74), (112, 75, 54)]
LIGHT_HAIR = [(222, 184, 118), (200, 156, 92), (150, 100, 60), (112, 74, 48), (84, 56, 42), (58, 42, 38), (176, 92, 52)]
DARK_HAIR = [(36, 30, 34), (44, 34, 34), (58, 42, 38), (72, 48, 38)]
GREY_HAIR = [(176, 176, 178), (206, 204, 200), (140, 138, 140)]
GREY_SHARE = 0.16
BACKGROUNDS = [(174, 214, 232), (190, 222, 196), (247, 214, 160), (244, 190, 176), (206, 196, 232), (168, 216, 208),
               (236, 202, 216), (214, 220, 226), (252, 226, 182), (186, 204, 240)]  # fmt: skip
CLOTHES = [(38, 84, 124), (214, 84, 72), (58, 124, 104), (240, 168, 60), (112, 88, 148), (66, 72, 86), (232, 232, 230),
           (36, 140, 168), (176, 72, 104), (98, 130, 70), (28, 48, 84), (224, 130, 96)]  # fmt: skip
BLAZERS = [(44, 52, 70), (72, 74, 82), (32, 60, 92), (92, 70, 62), (60, 84, 80)]
SCARVES = [(70, 110, 150), (186, 108, 120), (108, 128, 96), (60, 62, 78), (198, 160, 112), (130, 100, 140)]
FRAMES = [(46, 44, 50), (110, 66, 44), (40, 66, 104), (150, 44, 54)]
LIPS = [(206, 96, 96), (190, 82, 88), (200, 104, 100)]
DARK_TONE = 4


@dataclass(frozen=True, slots=True)
class _Look:
    """The dice of one person's face."""

    rng: Random
    woman: bool
    tone: int
    skin: Colour
    hair: Colour


def face(person: Person) -> bytes:
    """Draws somebody's face: a JPEG file of 320 × 320 pixels."""
    image = _drawn(person)
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _drawn(person: Person) -> Image.Image:
    rng = Random(f"{SEED}/faces/{person.personnel_number}")
    hair = rng.choice(LIGHT_HAIR if person.tone < 2 else DARK_HAIR)
    if rng.random() < GREY_SHARE:
        hair = rng.choice(GREY_HAIR)
    look = _Look(rng, person.woman, person.tone, SKIN[person.tone], hair)
    image = _background(rng.choice(BACKGROUNDS)).copy()
    back, front = (face_hair.scarf_back, face_hair.scarf_front) if person.scarf else _hair(look)
    top = rng.choice(SCARVES) if person.scarf else look.hair
    _paint(image, back, _darker(top, 0.86))
    _body(image, look)
    _head(image, look, covered=person.scarf)
    _paint(image, front, top)
    if person.scarf:
        _paint(image, face_hair.scarf_fold, _darker(top, 0.88))
    _accessories(image, look, covered=person.scarf)
    return image


def _hair(look: _Look) -> tuple[Draw, Draw]:
    if look.tone >= DARK_TONE and look.rng.random() < 0.6:
        return look.rng.choice(face_hair.TIGHT_CURLS_OF_WOMEN if look.woman else face_hair.TIGHT_CURLS_OF_MEN)
    return look.rng.choice(face_hair.HAIR_OF_WOMEN if look.woman else face_hair.HAIR_OF_MEN)


def _body(image: Image.Image, look: _Look) -> None:
    rng, colour = look.rng, look.rng.choice(CLOTHES)
    style = rng.choice(["crew", "crew", "deep", "shirt", "shirt", "blazer", "hood"])
    if style == "hood":
        _paint(image, face_shapes.hood, _darker(colour, 0.8))
    if style == "blazer":
        _blazer(image, look)
        return
    _paint(image, face_shapes.body, colour)
    if style in ("crew", "hood"):
        _paint(image, face_shapes.crew_collar, _darker(colour, 0.84))
    opening = face_shapes.deep_opening if style in ("deep", "shirt") else face_shapes.crew_opening
    _paint(image, opening, look.skin)
    _neck(image, look)
    if style == "shirt":
        _paint(image, face_shapes.shirt_collar, _lighter(colour, 0.25))
        _paint(image, face_shapes.shirt_front, _darker(colour, 0.8))
    if style == "hood":
        _paint(image, face_shapes.hood_strings, _lighter(colour, 0.6))


def _blazer(image: Image.Image, look: _Look) -> None:
    jacket, shirt = look.rng.choice(BLAZERS), look.rng.choice([(244, 244, 242), (220, 232, 244), *CLOTHES])
    _paint(image, face_shapes.body, jacket)
    _paint(image, face_shapes.inner_shirt, shirt)
    _paint(image, face_shapes.deep_opening, look.skin)
    _neck(image, look)
    _paint(image, face_shapes.shirt_collar, _darker(shirt, 0.93))
    _paint(image, face_shapes.lapels, _darker(jacket, 0.82))


def _neck(image: Image.Image, look: _Look) -> None:
    _paint(image, face_shapes.neck, look.skin)
    _paint(image, face_shapes.neck_shadow, _shaded(look.skin))


def _head(image: Image.Image, look: _Look, *, covered: bool) -> None:
    rng = look.rng
    heads = [face_shapes.oval_head, face_shapes.round_head] + ([] if look.woman else [face_shapes.square_head] * 2)
    _paint(image, rng.choice(heads), look.skin)
    if not covered:
        _paint(image, face_shapes.ear_hollows, _shaded(look.skin))
    _paint(image, face_shapes.cheeks, (232, 120, 110) if look.tone < DARK_TONE else (186, 88, 70))
    noses = [face_shapes.nose, face_shapes.long_nose, face_shapes.wide_nose]
    bearded = not look.woman and _beard(image, look)
    _paint(image, rng.choice(noses), _darker(look.skin, 0.78))
    _eyes(image, look)
    _mouth(image, look, bearded)


def _beard(image: Image.Image, look: _Look) -> bool:
    """Draws a beard on some men. Tells whether it surrounds the mouth."""
    beard = look.rng.choice(
        [face_hair.nothing] * 5
        + [face_shapes.stubble] * 2
        + [face_shapes.full_beard] * 2
        + [face_shapes.goatee, face_shapes.moustache]
    )
    _paint(image, beard, _darker(look.hair, 0.9))
    return beard in (face_shapes.full_beard, face_shapes.goatee)


def _eyes(image: Image.Image, look: _Look) -> None:
    rng = look.rng
    eyes = [face_shapes.round_eyes, face_shapes.round_eyes, face_shapes.laughing_eyes]
    chosen = rng.choice([*eyes, face_shapes.lashed_eyes, face_shapes.lashed_eyes] if look.woman else eyes)
    if chosen is not face_shapes.laughing_eyes:
        _paint(image, face_shapes.almond_whites, (252, 250, 246))
    _paint(image, chosen, INK)
    brows = [face_shapes.straight_brows, face_shapes.arched_brows if look.woman else face_shapes.heavy_brows]
    _paint(image, rng.choice(brows), _darker(look.hair, 0.72))


def _mouth(image: Image.Image, look: _Look, bearded: bool) -> None:
    style = look.rng.choice(["smile", "grin", "small", "lips" if look.woman else "grin"])
    if bearded and style == "grin":
        style = "smile"
    if style == "grin":
        _paint(image, face_shapes.grin, (140, 56, 58))
        _paint(image, face_shapes.teeth, (252, 250, 246))
    elif style == "lips":
        _paint(image, face_shapes.lips, look.rng.choice(LIPS))
    else:
        _paint(image, face_shapes.smile if style == "smile" else face_shapes.small_smile, (150, 66, 62))


def _accessories(image: Image.Image, look: _Look, *, covered: bool) -> None:
    rng = look.rng
    if rng.random() < 0.3:
        glasses = rng.choice([face_shapes.round_glasses, face_shapes.square_glasses])
        _paint(image, glasses, rng.choice(FRAMES))
    if look.woman and not covered and rng.random() < 0.35:
        _paint(image, face_shapes.earrings, (232, 186, 84))


def _paint(image: Image.Image, draw: Draw, colour: Colour) -> None:
    mask, corner = part(draw)
    image.paste(colour, corner, mask)


@cache
def _background(colour: Colour) -> Image.Image:
    """A plain background with a lighter disc behind the head."""
    large = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), colour)
    edge, far = 14 * SCALE, (SIZE - 14) * SCALE
    ImageDraw.Draw(large).ellipse([edge, edge, far, far], fill=_lighter(colour, 0.35))
    return large.reduce(SCALE)


def _shaded(skin: Colour) -> Colour:
    """Skin in the shade is redder, not just darker."""
    return round(skin[0] * 0.9), round(skin[1] * 0.8), round(skin[2] * 0.77)


def _darker(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(channel * share) for channel in colour)
    return red, green, blue


def _lighter(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(channel + (255 - channel) * share) for channel in colour)
    return red, green, blue

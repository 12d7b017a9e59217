"""Images are taken for what is in them, and nothing but the picture comes through."""

from io import BytesIO
from pathlib import Path
from struct import pack
from zlib import crc32

import pytest
from PIL import Image, ImageChops, ImageStat, PngImagePlugin

from chassis import media
from chassis.media import Media, fitted, squares
from chassis.problems import BadInput, NotFound

RED, BLUE = (200, 20, 20), (20, 20, 200)
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def file_of(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(width: int = 640, height: int = 480, colour: tuple[int, ...] = RED, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), colour)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def near(one: object, other: tuple[int, int, int]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


async def refused(content: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        await squares(content, [96], "photo")
    assert caught.value.field == "photo"
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_every_size_asked_is_a_square_webp(kind: str) -> None:
    made = [opened(content) for content in await squares(file_of(plain(), kind), [96, 400], "photo")]
    assert [(image.format, image.size) for image in made] == [("WEBP", (96, 96)), ("WEBP", (400, 400))]


async def test_the_small_one_is_as_sharp_as_if_it_were_made_of_the_file() -> None:
    detailed = Image.effect_mandelbrot((960, 960), (-2.0, -1.5, 1.0, 1.5), 100).convert("RGB")
    ideal = detailed.resize((96, 96), Image.Resampling.LANCZOS)
    small, _ = await squares(file_of(detailed, "PNG"), [96, 400], "photo")
    assert distance(small, ideal) < 1.05 * distance(file_of(ideal, "WEBP", quality=media.QUALITY, method=2), ideal)


def distance(content: bytes, ideal: Image.Image) -> float:
    """How far the pixels are from those of another image: the root of the mean square."""
    difference = ImageChops.difference(opened(content).convert("L"), ideal.convert("L"))
    return ImageStat.Stat(difference).rms[0]


async def test_the_middle_is_what_remains() -> None:
    wide = plain(900, 300, BLUE)
    wide.paste(plain(300, 300, RED), (300, 0))
    [made] = await squares(file_of(wide, quality=95), [96], "photo")
    image = opened(made).convert("RGB")
    assert near(image.getpixel((3, 48)), RED)
    assert near(image.getpixel((92, 48)), RED)


async def test_an_image_stands_as_its_camera_was_held() -> None:
    lying = plain(400, 400, BLUE)
    lying.paste(plain(400, 200, RED), (0, 0))
    exif = Image.Exif()
    exif[ORIENTATION] = 3  # upside down
    [made] = await squares(file_of(lying, exif=exif, quality=95), [96], "photo")
    assert near(opened(made).convert("RGB").getpixel((48, 5)), BLUE)


async def test_place_camera_and_hidden_text_do_not_come_along() -> None:
    exif = Image.Exif()
    exif[MAKER] = "Secret Camera"
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 5.0, 0.0)})
    photographed = file_of(plain(), exif=exif, comment=b"secret comment", xmp=b"<x>secret place</x>")
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Comment", "secret comment")
    for content in (photographed, file_of(plain(), "PNG", pnginfo=noted), file_of(plain(), "WEBP", exif=exif)):
        assert b"ecret" in content
        [square] = await squares(content, [96], "photo")
        whole, smaller = await fitted(content, [1600, 480], "image")
        for made in (square, whole.content, smaller.content):
            assert b"ecret" not in made
            assert not opened(made).getexif()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3200, 1000), [(1600, 500), (480, 150)]),
        ((900, 1800), [(800, 1600), (240, 480)]),
        ((600, 300), [(600, 300), (480, 240)]),
        ((40, 30), [(40, 30), (40, 30)]),
        ((5000, 2), [(1600, 1), (480, 1)]),
    ],
)
async def test_an_image_is_made_to_fit_in_its_own_proportion_and_never_larger(
    size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    made = await fitted(file_of(plain(*size)), [1600, 480], "image")
    assert [(picture.width, picture.height) for picture in made] == expected
    images = [opened(picture.content) for picture in made]
    assert [(image.format, image.size) for image in images] == [("WEBP", size) for size in expected]


async def test_a_fitted_image_is_upright_and_has_the_sides_that_one_sees() -> None:
    lying = plain(400, 200, BLUE)
    lying.paste(plain(200, 200, RED), (0, 0))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the left is on top
    [made] = await fitted(file_of(lying, exif=exif, quality=95), [1600], "image")
    assert (made.width, made.height) == (200, 400)
    image = opened(made.content).convert("RGB")
    assert near(image.getpixel((100, 20)), RED)
    assert near(image.getpixel((100, 380)), BLUE)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "CMYK", "1"])
async def test_any_mode_of_colour_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    [made] = await squares(file_of(plain().convert(mode), kind), [96], "photo")
    assert opened(made).size == (96, 96)


@pytest.mark.parametrize(
    "content", [b"", b"photo", b"GIF89a" + bytes(60), b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
async def test_what_is_no_image_is_refused(content: bytes) -> None:
    assert (await refused(content)).reason == "NO_IMAGE"


async def test_other_formats_are_refused_whatever_they_are_called() -> None:
    for kind in ("GIF", "BMP", "TIFF", "PPM"):
        assert (await refused(file_of(plain(), kind))).reason == "NO_IMAGE"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_half_a_file_is_refused(kind: str) -> None:
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    content = file_of(noise, kind)
    assert (await refused(content[: len(content) // 2])).reason == "NO_IMAGE"


async def test_a_damaged_file_is_refused_and_breaks_nothing() -> None:
    content = bytearray(file_of(Image.effect_noise((64, 64), 80).convert("RGB"), "PNG"))
    for position in range(0, len(content), 97):
        content[position] ^= 0xFF
        assert (await refused(bytes(content))).reason == "NO_IMAGE"


async def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    header = b"IHDR" + pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + pack(">I", 13) + header + pack(">I", crc32(header)) + pack(">I", 0) + b"IDAT"
    assert (await refused(bomb + pack(">I", crc32(b"IDAT")))).reason == "IMAGE_TOO_LARGE"


async def test_too_many_bytes_are_refused() -> None:
    assert (await refused(file_of(plain()) + bytes(media.MOST_BYTES))).reason == "IMAGE_TOO_LARGE"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_what_moves_is_refused(kind: str) -> None:
    content = file_of(plain(), kind, save_all=True, append_images=[plain(colour=BLUE)], duration=100)
    assert (await refused(content)).reason == "IMAGE_MOVES"


async def test_the_second_picture_of_a_telephone_is_left_out() -> None:
    content = file_of(plain(colour=BLUE), "MPO", save_all=True, append_images=[plain(colour=RED)])
    [made] = await squares(content, [96], "photo")
    assert near(opened(made).convert("RGB").getpixel((48, 48)), BLUE)


async def test_content_is_found_under_its_own_name_and_stored_once(tmp_path: Path) -> None:
    kept = Media(f"file://{tmp_path}/media")
    name = await kept.keep(b"picture")
    assert await kept.keep(b"picture") == name
    assert await kept.content(name) == b"picture"
    assert stored(tmp_path) == [name]


def stored(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_an_unknown_name_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await Media(f"file://{tmp_path}").content("ab" * 32)


async def test_what_is_removed_is_gone_and_nothing_else(tmp_path: Path) -> None:
    own, others = Media(f"file://{tmp_path}", "feed"), Media(f"file://{tmp_path}")
    name, second = await own.keep(b"picture"), await own.keep(b"second")
    assert await others.keep(b"picture") == name
    await own.remove([name, "ab" * 32])
    with pytest.raises(NotFound):
        await own.content(name)
    assert await own.content(second) == b"second"
    assert await others.content(name) == b"picture"

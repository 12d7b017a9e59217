"""A picture in a post, from the file to whoever sees the post."""

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from tests.end_to_end.conftest import Member, Whole


@pytest.fixture(scope="module")
def ada(whole: Whole) -> Member:
    return whole.member("ada")


@pytest.fixture(scope="module")
def ingrid(whole: Whole) -> Member:
    return whole.member("ingrid")


def file_of(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(file, "JPEG", quality=95)
    return file.getvalue()


def test_a_picture_goes_up_is_posted_and_seen(ada: Member, ingrid: Member) -> None:
    file = file_of(2600, 1950)
    assert 2 * 1024 * 1024 < len(file) < 5 * 1024 * 1024
    path, kind = f"/v1/images?requestId={uuid4()}", {"content-type": "image/jpeg"}
    first, again = (ada.http.post(path, content=file, headers=kind) for _ in range(2))
    assert first.status_code == 200, first.text
    assert again.json() == first.json()
    assert (first.json()["width"], first.json()["height"]) == (1600, 1200)
    image = first.json()["name"]
    small = f"/v1/{image}/sizes/small"
    assert ingrid.http.get(small).status_code == 404
    answer = ada.http.post("/v1/posts", json={"post": {"images": [{"image": image, "altText": "Ruis"}]}})
    assert answer.status_code == 200, answer.text
    shown = ingrid.http.get(f"/v1/{answer.json()['name']}").json()["images"]
    assert shown == [{"image": image, "altText": "Ruis", "width": 1600, "height": 1200}]
    seen = ingrid.http.get(small)
    assert (seen.headers["content-type"], seen.headers["cache-control"].partition(",")[0]) == ("image/webp", "private")
    assert Image.open(BytesIO(seen.content)).size == (480, 360)


def test_what_is_no_picture_or_too_large_is_refused_with_its_reason(ada: Member) -> None:
    for content, reason in ((b"%PDF-1.7", "NO_IMAGE"), (file_of(64, 64) + bytes(5 * 1024 * 1024), "IMAGE_TOO_LARGE")):
        answer = ada.http.post("/v1/images", content=content, headers={"content-type": "image/png"})
        assert (answer.status_code, answer.json()["details"][0]["reason"]) == (400, reason)


def test_without_a_token_there_is_no_picture(whole: Whole) -> None:
    http = whole.http()
    assert http.post("/v1/images", content=file_of(64, 64)).status_code == 401
    assert http.get(f"/v1/images/{uuid4()}/sizes/small").status_code == 401

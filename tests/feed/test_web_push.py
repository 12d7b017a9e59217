"""What is pushed can be read by the device alone, as RFC 8291 says, and says who pushes it, as RFC 8292 says."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from services.feed.wire.web_push import Vapid, decoded, encrypted

# The example in section 5 of RFC 8291; its keys are in appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
DEVICE = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
    "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard_comes_out() -> None:
    sender = ec.derive_private_key(int.from_bytes(decoded(SENDER), "big"), ec.SECP256R1())
    assert encrypted(PLAIN, decoded(DEVICE), decoded(AUTH), decoded(SALT), sender) == decoded(ENCRYPTED)


def test_the_same_is_never_encrypted_alike() -> None:
    messages = {encrypted(PLAIN, decoded(DEVICE), decoded(AUTH)) for _ in range(3)}
    assert len(messages) == 3


def test_a_push_says_who_pushes_and_to_which_service() -> None:
    key = ECKey.generate_key("P-256")
    vapid = Vapid(key.as_pem(private=True), "mailto:plein@telwiek.example")
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    scheme, token, public = vapid.headers("https://push.example:444/abc?d", moment)["authorization"].split(" ")
    assert scheme == "vapid"
    assert public == f"k={vapid.public_key}"
    assert len(decoded(vapid.public_key)) == 65
    claims = jwt.decode(token.removeprefix("t=").removesuffix(","), key, algorithms=["ES256"]).claims
    assert claims == {
        "aud": "https://push.example:444",
        "exp": int(moment.timestamp()) + 12 * 3600,
        "sub": "mailto:plein@telwiek.example",
    }

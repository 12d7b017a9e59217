"""The command line: `plein import people` and `plein invite`, against identity and profile as they are."""

import asyncio
import csv
import io
import os
import shutil
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image
from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, identity_pb2

from chassis.testing import World
from deploy.preflight import locked
from deploy.stack import Stack
from services.profile.service import SERVICE as PROFILE
from tests.identity.house import PASSWORD, House, hr_file, row


@dataclass
class Shell:
    """Where the commands are run, and how."""

    house: House
    folder: Path
    home: Path

    async def plein(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a command."""
        command = [sys.executable, "-P", "-m", "deploy.cli", *arguments, "--home", str(self.home)]
        wide = os.environ | {"COLUMNS": "200"}
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=wide)
        output, errors = await process.communicate()
        return process.returncode or 0, output.decode(), errors.decode()

    def file(self, content: bytes, name: str = "people.csv") -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture(scope="module")
async def shell(
    house: House, start: Callable[..., Awaitable[World]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shell]:
    folder: Path = tmp_path_factory.mktemp("shell")
    home, neighbours = folder / "home", {"identity": house.world.server.address}
    (home / "secrets").mkdir(parents=True)
    shutil.copy(house.world.secrets.folder / "operator.pem", home / "secrets")
    profile = await start(PROFILE, media_url=f"file://{tmp_path_factory.mktemp('media')}", neighbours=neighbours)
    neighbours |= {"profile": profile.server.address}
    with locked(home):
        Stack(home, 1, 2, "http://localhost:1", os.getpid(), True, neighbours, ()).write()
        yield Shell(house, folder, home)


def face(colour: str) -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (120, 120), colour).save(image, "JPEG")
    return image.getvalue()


async def test_a_dry_run_shows_every_change_and_the_import_does_them(shell: Shell) -> None:
    await shell.house.take_in(hr_file([row("c1", title="Planner")]))
    rows = [row("c1", title="Regisseur"), row("c2"), row("c3", email="wrong"), row("c4", kind="BOSS")]
    file = shell.file(hr_file(rows))
    code, output, _ = await shell.plein("import", "people", file, "--dry-run")
    assert code == 0
    assert "line 2: c1 changed title “Planner” → “Regisseur”" in output
    assert "line 3: c2 new" in output
    assert "Not taken in" in output
    assert "It is not an e-mail address." in output
    assert "A dry run, nothing was changed: 1 new, 1 changed, 0 unchanged, 0 departed, 2 bad rows." in output
    code, output, _ = await shell.plein("import", "people", file)
    assert (code, "1 new, 1 changed, 0 unchanged, 0 departed, 2 bad rows." in output) == (0, True)
    assert "c1 changed" not in output
    _, output, _ = await shell.plein("import", "people", file)
    assert "0 new, 0 changed, 2 unchanged, 0 departed, 2 bad rows." in output


@pytest.mark.parametrize("packed", [True, False])
async def test_photos_go_to_the_profiles_of_their_numbers(shell: Shell, packed: bool) -> None:
    numbers = [f"photo{packed}{number}" for number in range(3)]
    names = {f"{numbers[0]}.jpg": face("red"), f"{numbers[1]}.PNG": b"no image", "nobody.jpg": face("blue")}
    names |= {f"{numbers[2]}.webp": bytes(5 * 1024 * 1024 + 1), "read me.txt": b""}
    photos = shell.folder / f"photos-{packed}"
    if packed:
        with zipfile.ZipFile(photos, "w") as archive:
            for name, content in names.items():
                archive.writestr(f"foto's/{name}", content)
    else:
        photos.mkdir()
        for name, content in names.items():
            (photos / name).write_bytes(content)
    file = shell.file(hr_file([row(number) for number in numbers]))
    code, output, _ = await shell.plein("import", "people", file, "--photos", str(photos))
    assert (code, "Photos: 1 sent, 3 with a problem." in output) == (0, True)
    assert "There is nobody with this number in the file." in output
    assert "The photo is larger than 5 MiB." in output
    assert f"{numbers[1]}.PNG" in output


async def test_a_file_that_is_of_no_use_ends_with_one_sentence(shell: Shell) -> None:
    useless = shell.file(b"name;shoe size\nAnna;42\n", "useless.csv")
    code, _, errors = await shell.plein("import", "people", useless)
    assert (code, errors.strip()) == (
        1,
        "The file has no column personnel_number, given_name, family_name, email, kind.",
    )
    code, _, errors = await shell.plein("import", "people", str(shell.folder / "absent.csv"))
    assert (code, errors.startswith("There is no file")) == (1, True)
    code, _, errors = await shell.plein("import", "people", useless, "--photos", useless)
    assert (code, errors.strip().endswith("is neither a folder nor a ZIP.")) == (1, True)


async def test_without_a_stack_there_is_nothing_to_import_into(shell: Shell, tmp_path: Path) -> None:
    code, _, errors = await replace(shell, home=tmp_path).plein("import", "people", shell.file(hr_file([])))
    assert (code, errors.startswith("Plein does not run from")) == (1, True)


async def test_invitations_are_links_that_work(shell: Shell) -> None:
    name = await shell.house.newcomer("inge")
    code, output, _ = await shell.plein("invite", "@Inge")
    handle, link = output.split()
    assert (code, handle) == (0, "inge")
    request = identity_pb2.SignInWithLinkRequest(link_token=link.partition("token=")[2], new_password=PASSWORD)
    assert (await shell.house.stub(None).SignInWithLink(request)).person == name


async def test_everybody_who_never_signed_in_is_invited_in_one_csv(shell: Shell) -> None:
    await shell.house.hire("here")
    await shell.house.newcomer("jorinde")
    code, output, _ = await shell.plein("invite", "--all", "--csv")
    links = {link["handle"]: link for link in csv.DictReader(io.StringIO(output))}
    assert (code, "here" in links) == (0, False)
    assert links["jorinde"]["email"] == "jorinde@telwiek.example"
    assert "/welcome?token=" in links["jorinde"]["link"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name people by their handles, or all with --all."),
        (["nobody.at.all"], "Nobody is called nobody.at.all."),
        (["--mail", "karel"], "No mail server is set: SMTP_URL and MAIL_FROM."),
    ],
)
async def test_invitations_that_cannot_be_end_with_one_sentence(
    shell: Shell, arguments: list[str], sentence: str
) -> None:
    await shell.house.newcomer("karel")
    code, _, errors = await shell.plein("invite", *arguments)
    assert (code, errors.strip().splitlines()[-1]) == (1, sentence)


async def test_a_system_is_let_in_and_kept_out(shell: Shell) -> None:
    await shell.house.hire("olga")
    made = await shell.plein("accounts", "create", "Monitoring", "--owner", "@Olga", "--scope", "cards.write")
    name, secret = (line.split()[-1] for line in made[1].splitlines())
    assert made[0] == 0
    stub = accounts_pb2_grpc.AccountServiceStub(shell.house.world.channel(None))
    asked = accounts_pb2.IssueServiceAccountTokenRequest(client_id=name, client_secret=secret)
    assert (await stub.IssueServiceAccountToken(asked)).access_token
    rotated = (await shell.plein("accounts", "rotate", name, "--overlap-hours", "1"))[1]
    assert rotated.splitlines()[0].endswith(name)
    assert (await shell.plein("accounts", "disable", name))[0] == 0
    listed = next(line for line in (await shell.plein("accounts", "list"))[1].splitlines() if name in line)
    assert "@olga" in listed
    assert "disabled" in listed
    assert (await shell.plein("accounts", "enable", name))[0] == 0


async def test_an_account_needs_an_owner_who_is_here(shell: Shell) -> None:
    made = await shell.plein("accounts", "create", "Monitoring", "--owner", "nobody", "--scope", "cards.write")
    assert made[0] == 1
    assert "Nobody is called nobody." in made[2]

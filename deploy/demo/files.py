"""The HR export of the demonstration company: `people.csv` and `photos.zip`, as a customer would send them."""

import csv
import io
from pathlib import Path
from random import Random
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from deploy.demo.company import SEED, Company, Person
from deploy.demo.faces import face

COLUMNS = [
    "personnel_number", "given_name", "family_name", "email", "handle", "kind", "employer", "sponsor", "end_date",
    "department", "title", "manager", "location", "phone", "segments", "language", "start_date",
]  # fmt: skip
# Some never had a picture taken; their initials are shown.
PHOTO_SHARE = 0.95
# ZIP keeps times; a fixed one makes the same file every time.
ZIP_TIME = (2020, 1, 1, 0, 0, 0)


def people_csv(company: Company) -> bytes:
    """The people as UTF-8 with commas, one a line under a header, each manager and sponsor before who has them."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(_row(person) for person in company.people)
    return file.getvalue().encode()


def photographed(company: Company) -> list[Person]:
    """The people who have a photo, all accounts of the demonstration among them."""
    return [
        person
        for person in company.people
        if "." not in person.handle or Random(f"{SEED}/photo/{person.personnel_number}").random() < PHOTO_SHARE
    ]


def write(company: Company, folder: Path) -> None:
    """Writes `people.csv` and `photos.zip`, with a `<personnel_number>.jpg` each, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_bytes(people_csv(company))
    with ZipFile(folder / "photos.zip", "w", ZIP_STORED) as archive:
        for person in photographed(company):
            archive.writestr(ZipInfo(f"{person.personnel_number}.jpg", ZIP_TIME), face(person))


def _row(person: Person) -> dict[str, str]:
    return {
        **{column: str(getattr(person, column)) for column in COLUMNS},
        "end_date": person.end_date.isoformat() if person.end_date else "",
        "segments": " ".join(person.segments),
    }

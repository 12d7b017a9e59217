"""Profiles and photos in PostgreSQL. What takes a `sight` returns only what its viewer may see, decided in the same
statement."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.profile.domain import LEAST_TYPO_LETTERS, Photo, Place, Profile, search_text, sort_name, swapped
from services.profile.tables import access_people, photos, profiles

Row = sa.Row[Any]
Select = sa.Select[Any]
Truth = sa.ColumnElement[bool]

# How alike a word and a name must be, of 1, as pg_trgm measures: 0.4 forgives one wrong letter in nearly every name.
LEAST_LIKENESS = 0.4
# Two letters that changed places are the commonest error, and one in which trigrams see no likeness.
SWAPPED_LIKENESS = 0.9
EXACT, PREFIX = 0, 1

_FROM_HR = (
    "handle", "given_name", "family_name", "kind", "employer", "department", "title", "manager", "location", "phone",
    "email", "former", "search_text", "sort_name",
)  # fmt: skip
_TEXTS = ("headline", "about")
_PHOTOS = ("small", "large")
_WITH_PHOTOS = profiles.outerjoin(photos, photos.c.person == profiles.c.id)
_forgive = sa.text(f"SET LOCAL pg_trgm.word_similarity_threshold = {LEAST_LIKENESS}")


async def visible_profile(tx: AsyncConnection, sight: Sight, id_: UUID, *, lock: bool = False) -> Profile | None:
    """A profile that the viewer may see. `lock` keeps others from changing it meanwhile."""
    query = _visible(sight).where(profiles.c.id == id_)
    if lock:
        query = query.with_for_update(of=profiles)
    row = (await tx.execute(query)).first()
    return _profile(row) if row else None


async def visible_profiles(tx: AsyncConnection, sight: Sight, ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """Those of the profiles that the viewer may see."""
    rows = await tx.execute(_visible(sight).where(profiles.c.id == sa.any_(_array(ids))))
    return {row.id: _profile(row) for row in rows}


async def photo_visible(tx: AsyncConnection, sight: Sight, id_: UUID, photo: str) -> bool:
    """Whether this is the photo, of either size, of somebody whose photo the viewer may see."""
    query = sa.select(sa.literal(1)).select_from(_WITH_PHOTOS)
    query = query.where(profiles.c.id == id_, ~profiles.c.former, meetable_clause(sight, profiles.c.id))
    query = query.where(sa.or_(photos.c.small == photo, photos.c.large == photo), _shown(sight, photos))
    return (await tx.execute(query)).first() is not None


async def visible_listed(
    tx: AsyncConnection, sight: Sight, department: str, after: Place | None, limit: int
) -> list[tuple[Place, Profile]]:
    """The people of a department, or everyone, by name."""
    page = _findable(sight, department).add_columns(sa.literal(EXACT).label("rank"))
    if after is not None:
        page = page.where(sa.tuple_(profiles.c.sort_name, profiles.c.id) > (after.sort_name, after.id))
    return await _page(tx, sight, page.order_by(profiles.c.sort_name, profiles.c.id).limit(limit))


async def visible_found(
    tx: AsyncConnection, sight: Sight, words: Sequence[str], department: str, after: Place | None, limit: int
) -> list[tuple[Place, Profile]]:
    """The people whose names have these words or words that begin so, and after them those with similar ones."""
    found = []
    begun = sa.and_(*(_begins(word) for word in words))
    if after is None or after.rank <= PREFIX:
        whole = sa.and_(*(profiles.c.search_text.like(f"% {word} %") for word in words))
        page = _findable(sight, department).where(begun)
        found = await _page(tx, sight, _ranked(page, sa.case((whole, EXACT), else_=PREFIX), after, limit))
    if len(found) < limit and any(len(word) >= LEAST_TYPO_LETTERS for word in words):
        await tx.execute(_forgive)
        page = _findable(sight, department).where(~begun, *(_resembles(word) for word in words))
        likeness = sa.func.least(*(_likeness(word) for word in words if len(word) >= LEAST_TYPO_LETTERS))
        rank = PREFIX + 1 + sa.cast(100 * (1 - likeness), sa.Integer)
        found += await _page(tx, sight, _ranked(page, rank, after, limit - len(found)))
    return found


def _findable(sight: Sight, department: str) -> Select:
    """Who is found by the viewer: not those who left or are suspended, though their profiles are there."""
    active = sa.select(sa.literal(1)).where(access_people.c.person == profiles.c.id, access_people.c.active)
    page = sa.select(profiles.c.id, profiles.c.sort_name)
    page = page.where(~profiles.c.former, meetable_clause(sight, profiles.c.id), active.exists())
    return page.where(profiles.c.department == department) if department else page


def _ranked(page: Select, rank: sa.ColumnElement[int], after: Place | None, limit: int) -> Select:
    if after is not None:
        page = page.where(
            sa.tuple_(rank, profiles.c.sort_name, profiles.c.id) > (after.rank, after.sort_name, after.id)
        )
    labelled = rank.label("rank")
    return page.add_columns(labelled).order_by(labelled, profiles.c.sort_name, profiles.c.id).limit(limit)


def _begins(word: str) -> Truth:
    return profiles.c.search_text.like(f"% {word}%")


def _resembles(word: str) -> Truth:
    if len(word) < LEAST_TYPO_LETTERS:
        return _begins(word)
    return sa.or_(sa.literal(word).bool_op("<%")(profiles.c.search_text), _turned(word))


def _likeness(word: str) -> sa.ColumnElement[float]:
    similarity = sa.func.word_similarity(word, profiles.c.search_text)
    return sa.case((_turned(word), SWAPPED_LIKENESS), else_=similarity)


def _turned(word: str) -> Truth:
    return sa.or_(sa.false(), *(_begins(other) for other in swapped(word)))


async def _page(tx: AsyncConnection, sight: Sight, page: Select) -> list[tuple[Place, Profile]]:
    """Photos and texts are read for the page alone, and not for everybody among whom it was chosen."""
    chosen = page.subquery("page")
    query = sa.select(*_columns(sight), chosen.c.rank).select_from(
        _WITH_PHOTOS.join(chosen, chosen.c.id == profiles.c.id)
    )
    rows: Iterable[Row] = await tx.execute(query.order_by(chosen.c.rank, chosen.c.sort_name, chosen.c.id))
    return [(Place(row.rank, row.sort_name, row.id), _profile(row)) for row in rows]


def _columns(sight: Sight) -> list[sa.ColumnElement[Any]]:
    """A profile as the viewer sees it: without what moderators took from the viewer's sight."""
    kept = [column for column in profiles.c if column.name not in _TEXTS]
    told = [_if_shown(sight, profiles, name) for name in _TEXTS]
    return [*kept, *told, *(_if_shown(sight, photos, name) for name in _PHOTOS)]


def _if_shown(sight: Sight, table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    return sa.case((_shown(sight, table), table.c[name]), else_="").label(name)


def _shown(sight: Sight, table: sa.Table) -> Truth:
    """What is hidden its person sees, and what is removed nobody."""
    return sa.and_(~table.c.removed, sa.or_(~table.c.hidden, profiles.c.id == sight.viewer))


async def save_own(tx: AsyncConnection, profile: Profile) -> None:
    """Stores what a person told, in a profile that the transaction has locked."""
    own = {name: value for name, value in _values(profile).items() if name not in _FROM_HR}
    await tx.execute(sa.update(profiles).where(profiles.c.id == profile.id).values(own))


async def keep_from_hr(tx: AsyncConnection, known: Sequence[Profile]) -> list[tuple[UUID, int]]:
    """Stores what HR knows, and leaves what people told. Ids and versions of those that are new (1) or changed."""
    statement = insert(profiles)
    fresh = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: fresh[name] for name in (*_FROM_HR, "update_time")} | {"version": profiles.c.version + 1},
        where=sa.tuple_(*(profiles.c[name] for name in _FROM_HR)).is_distinct_from(
            sa.tuple_(*(fresh[name] for name in _FROM_HR))
        ),
    )
    rows = [_values(profile) for profile in sorted(known, key=lambda profile: profile.id)]
    changed = await tx.execute(statement.returning(profiles.c.id, profiles.c.version), rows)
    return [(row.id, row.version) for row in changed]


async def photo_digests(tx: AsyncConnection, people: Sequence[UUID]) -> dict[UUID, bytes]:
    """The SHA-256 of the file from which each one's photo was made, of those who have one."""
    query = sa.select(photos.c.person, photos.c.digest).where(photos.c.person == sa.any_(_array(people)))
    return {row.person: row.digest for row in await tx.execute(query)}


async def put_photos(tx: AsyncConnection, made: Sequence[Photo], now: datetime) -> list[tuple[UUID, int]]:
    """Stores which photos people have; of several of one person, the last. Ids and new versions of their profiles.

    A person who has no profile yet is not among those.
    """
    statement = insert(photos)
    rows = [asdict(photo) for photo in sorted(made, key=lambda photo: photo.person)]
    fresh = {name: statement.excluded[name] for name in rows[0] if name != "person"}
    await tx.execute(statement.on_conflict_do_update(index_elements=["person"], set_=fresh), rows)
    # In the order of their ids, as all who lock several profiles do.
    locked = sa.select(profiles.c.id).where(profiles.c.id == sa.any_(_array([photo.person for photo in made])))
    locked_ids = locked.order_by(profiles.c.id).with_for_update().subquery()
    changed = sa.update(profiles).where(profiles.c.id == locked_ids.c.id)
    changed = changed.values(version=profiles.c.version + 1, update_time=now)
    return [(row.id, row.version) for row in await tx.execute(changed.returning(profiles.c.id, profiles.c.version))]


async def decide_texts(tx: AsyncConnection, person: UUID, now: datetime, *, hidden: bool, removed: bool) -> int | None:
    """Keeps what moderators decided on what a person tells. The profile's new version, None when it was so already."""
    state = {"hidden": hidden, "removed": removed}
    theirs = (profiles.c.id == person) & sa.or_(profiles.c.hidden != hidden, profiles.c.removed != removed)
    changed = sa.update(profiles).where(theirs).values(state | {"version": profiles.c.version + 1, "update_time": now})
    version: int | None = (await tx.execute(changed.returning(profiles.c.version))).scalar_one_or_none()
    return version


async def decide_photo(tx: AsyncConnection, person: UUID, now: datetime, *, hidden: bool, removed: bool) -> int | None:
    """The same for somebody's photo."""
    theirs = (photos.c.person == person) & sa.or_(photos.c.hidden != hidden, photos.c.removed != removed)
    decided = sa.update(photos).where(theirs).values(hidden=hidden, removed=removed).returning(photos.c.person).cte()
    changed = sa.update(profiles).where(profiles.c.id == decided.c.person)
    changed = changed.values(version=profiles.c.version + 1, update_time=now)
    version: int | None = (await tx.execute(changed.returning(profiles.c.version))).scalar_one_or_none()
    return version


async def as_it_stands(tx: AsyncConnection, person: UUID) -> Profile | None:
    """A profile with all that its person told and with the photo, whatever moderators decided on it."""
    query: Select = sa.select(*profiles.c, photos.c.small, photos.c.large).select_from(_WITH_PHOTOS)
    row = (await tx.execute(query.where(profiles.c.id == person))).first()
    return _profile(row) if row else None


async def photo_as_it_stands(tx: AsyncConnection, person: UUID) -> Photo | None:
    """Somebody's photo, whatever moderators decided on it."""
    row = (await tx.execute(sa.select(photos).where(photos.c.person == person))).first()
    return Photo(*row) if row else None


def _array(ids: Sequence[UUID]) -> sa.ColumnElement[Any]:
    return sa.literal(list(ids), ARRAY(sa.Uuid))


def _visible(sight: Sight) -> Select:
    return sa.select(*_columns(sight)).select_from(_WITH_PHOTOS).where(meetable_clause(sight, profiles.c.id))


def _profile(row: Row) -> Profile:
    return Profile(
        id=row.id,
        handle=row.handle,
        given_name=row.given_name,
        family_name=row.family_name,
        kind=row.kind,
        employer=row.employer,
        department=row.department,
        title=row.title,
        manager=row.manager,
        location=row.location,
        phone=row.phone,
        email=row.email,
        former=row.former,
        headline=row.headline,
        about=row.about,
        hidden=row.hidden,
        removed=row.removed,
        small_photo=row.small or "",
        large_photo=row.large or "",
        create_time=row.create_time,
        update_time=row.update_time,
        version=row.version,
    )


def _values(profile: Profile) -> dict[str, Any]:
    names = profile.given_name, profile.family_name
    return {
        "id": profile.id,
        "handle": profile.handle,
        "given_name": profile.given_name,
        "family_name": profile.family_name,
        "kind": profile.kind,
        "employer": profile.employer,
        "department": profile.department,
        "title": profile.title,
        "manager": profile.manager,
        "location": profile.location,
        "phone": profile.phone,
        "email": profile.email,
        "former": profile.former,
        "headline": profile.headline,
        "about": profile.about,
        "hidden": profile.hidden,
        "removed": profile.removed,
        "search_text": search_text(*names, profile.handle),
        "sort_name": sort_name(*names),
        "create_time": profile.create_time,
        "update_time": profile.update_time,
        "version": profile.version,
    }

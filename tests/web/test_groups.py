"""How the site shows groups, what they plan and share, and the way to report something."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from google.protobuf.timestamp_pb2 import Timestamp
from plein.groups.v1 import (
    discovery_pb2,
    files_pb2,
    gatherings_pb2,
    groups_pb2,
    invitations_pb2,
    members_pb2,
    pages_pb2,
)
from plein.moderation.v1 import moderation_pb2

from gateway.web import reports
from gateway.web.app import FOLDER
from gateway.web.groups import words
from gateway.web.views import Views
from tests.web.test_show import ADA, HENK, listed, post, shown

BAD = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def views() -> Views:
    return Views(FOLDER, "Europe/Amsterdam")


def moment(**since_now: float) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime.now(UTC) + timedelta(**since_now))
    return made


def golf(visibility: int = words.OPEN, **viewer: Any) -> groups_pb2.Group:
    standing = groups_pb2.GroupViewer(**viewer)
    group = groups_pb2.Group(name="groups/golf", title="Golf", member_count=12, viewer=standing)
    group.visibility = groups_pb2.GroupVisibility.ValueType(visibility)
    return group


def of_group(views: Views, template: str, group: groups_pb2.Group, language: str = "nl", **values: Any) -> str:
    """A page of a group, as it is made for whoever stands to it as its `viewer` says."""
    role = group.viewer.role
    around = {"group": group, "belongs": bool(role), "keeps": role >= words.KEEPER, "owns": role == words.OWNER}
    usual: dict[str, Any] = {"about": pages_pb2.GroupPage(), "request_id": "1", "error": "", "text": ""}
    return shown(views, template, language, **(usual | around | values))


def front(views: Views, group: groups_pb2.Group, **values: Any) -> str:
    return of_group(views, "group.html", group, **({"posts": [], "pinned": []} | values))


def test_who_is_no_member_finds_the_way_in_that_the_group_has(views: Views) -> None:
    opened = front(views, golf())
    assert 'action="/groups/golf/join"' in opened
    assert "Open groep · 12 leden" in opened
    assert 'action="/posts"' not in opened
    closed = front(views, golf(words.CLOSED))
    assert 'action="/groups/golf/ask"' in closed
    assert "/groups/golf/join" not in closed
    assert 'action="/groups/golf/withdraw"' in front(views, golf(words.CLOSED, requested=True))
    invited = front(views, golf(words.SECRET, invited_by=HENK))
    assert "Henk de Boer nodigt je uit voor deze groep." in invited
    assert 'action="/groups/golf/accept"' in invited
    banned = front(views, golf(banned=True))
    assert "/groups/golf/join" not in banned


def test_a_member_writes_to_the_group_and_does_not_keep_it(views: Views) -> None:
    page = front(views, golf(role=words.MEMBER))
    assert '<input type="hidden" name="group" value="groups/golf">' in page
    assert "Schrijf aan de groep" in page
    assert 'action="/groups/golf/leave"' in page
    assert "/groups/golf/settings" not in page
    assert "/groups/golf/settings" in front(views, golf(role=words.KEEPER))


def test_nobody_writes_in_an_archived_group_and_owners_bring_a_deleted_one_back(views: Views) -> None:
    archived, deleted = golf(role=words.OWNER), golf(role=words.OWNER)
    archived.archive_time.CopyFrom(moment())
    deleted.delete_time.CopyFrom(moment())
    deleted.purge_time.CopyFrom(moment(days=30))
    assert 'action="/posts"' not in front(views, archived)
    page = front(views, deleted)
    assert "Deze groep is verwijderd." in page
    assert re.search(r'action="/groups/golf/delete">.*name="delete" value="no">Terughalen', page)


def test_keepers_pin_posts_of_their_group(views: Views) -> None:
    one = post(text="Zaterdag spelen we", audience={"group": "groups/golf"})
    values = {"posts": [], "pinned": [one], "pins": [one.name], "here_group": "groups/golf"}
    page = front(views, golf(role=words.KEEPER), **values)
    assert "Vastgezet" in page
    assert re.search(r'action="/groups/golf/pin">.*name="post" value="posts/one">.*value="no"', page)
    assert "/pin" not in front(views, golf(role=words.MEMBER), **(values | {"pins": None}))


def test_a_post_elsewhere_says_in_which_group_it_is(views: Views) -> None:
    one = post(text="Birdie!", audience={"group": "groups/golf"})
    assert "in een groep" in listed(views, one)
    named = shown(views, "everyone.html", posts=[one], post_groups={"groups/golf": golf()})
    assert '<a href="/groups/golf">in Golf</a>' in named


def test_a_list_says_why_a_group_is_suggested(views: Views) -> None:
    found = discovery_pb2.FoundGroup(group=golf(), summary="Voor wie slaat", tags=["golf"])
    reason = discovery_pb2.SuggestedGroup(found=found, fellow_count=4, fellows=[HENK])
    values: dict[str, Any] = {"found": [found], "query": "", "chosen": "suggested", "invitations": [], "inviting": {}}
    page = shown(views, "groups.html", reasons={"groups/golf": reason}, **values)
    assert "Henk de Boer en anderen die je uit groepen kent zitten erin." in page
    assert 'action="/groups/golf/dismiss"' in page
    quiet = shown(views, "groups.html", "en", reasons={}, **(values | {"found": [], "chosen": "mine"}))
    assert "You are in no group yet." in quiet


def test_owners_give_roles_and_keepers_take_members_out(views: Views) -> None:
    member = groups_pb2.Membership(name="groups/golf/members/henk", person=HENK, role=words.MEMBER)
    values: dict[str, Any] = {"memberships": [member], "query": "", "invites": True, "candidates": []}
    owners = of_group(views, "group_members.html", golf(role=words.OWNER), **values)
    assert "Beheerder maken" in owners
    assert "Groep overdragen" in owners
    keepers = of_group(views, "group_members.html", golf(role=words.KEEPER), **values)
    assert "Beheerder maken" not in keepers
    assert 'action="/groups/golf/members/henk"' in keepers
    assert 'name="do"' not in of_group(views, "group_members.html", golf(role=words.MEMBER), **values)


def test_keepers_see_who_asks_and_what_was_said(views: Views) -> None:

    asked = invitations_pb2.MembershipRequest(person=HENK, note=f"Ik sla ver {BAD}", create_time=moment(hours=-1))
    link = invitations_pb2.InviteLink(name="groups/golf/inviteLinks/one", secret="geheim", most_uses=10)
    ban = members_pb2.Ban(name="groups/golf/bans/henk", person=HENK, create_time=moment(days=-1))
    values: dict[str, Any] = {
        "requests": [asked],
        "invitations": [],
        "links": [link],
        "bans": [ban],
        "public_url": "https://plein",
    }
    page = of_group(views, "group_entrance.html", golf(role=words.KEEPER), **values)
    assert "Ik sla ver &lt;script&gt;" in page
    assert 'value="https://plein/join?link=geheim"' in page
    assert 'action="/groups/golf/entrance/lift-ban"' in page


def event(**fields: Any) -> gatherings_pb2.GroupEvent:
    start = Timestamp()
    start.FromDatetime(datetime(2027, 6, 3, 17, 30, tzinfo=UTC))
    end = Timestamp()
    end.FromDatetime(datetime(2027, 6, 3, 19, 0, tzinfo=UTC))
    usual: dict[str, Any] = {
        "name": "groups/golf/events/one",
        "title": "Negen holes",
        "state": words.PLANNED,
        "organiser": HENK,
    }
    return gatherings_pb2.GroupEvent(**(usual | {"start_time": start, "end_time": end} | fields))


def one_event(views: Views, shown_event: gatherings_pb2.GroupEvent, **values: Any) -> str:
    usual: dict[str, Any] = {"event": shown_event, "attendances": [], "over": False, "changes": False}
    return of_group(views, "group_event.html", golf(role=words.MEMBER), **(usual | values))


def test_an_event_says_when_it_is_at_the_place_where_it_is(views: Views) -> None:
    assert "do 3 jun 2027 19:30 – 21:00" in one_event(views, event())
    elsewhere = one_event(views, event(time_zone="Europe/London"))
    assert "do 3 jun 2027 18:30 – 20:00 (Europe/London)" in elsewhere


def test_people_answer_an_event_until_it_is_over(views: Views) -> None:
    waiting = gatherings_pb2.ATTENDANCE_WAITING
    page = one_event(views, event(limit=4, going_count=4, own_attendance=waiting))
    assert 'name="answer" value="1" aria-pressed="true">Ik kom' in page
    assert "Je krijgt de eerste die vrijkomt." in page
    assert "4 mensen komen · 4 plaatsen" in page
    assert 'name="answer"' not in one_event(views, event(), over=True)
    off = one_event(views, event(state=words.CANCELLED), changes=True)
    assert "Dit gaat niet door." in off
    assert 'name="answer"' not in off
    assert "/change" not in off


def test_an_event_leads_to_web_pages_alone(views: Views) -> None:
    page = one_event(views, event(title=BAD, place=BAD, link="javascript:alert(1)"))
    assert "<script" not in page
    assert "javascript:" not in page


def test_a_file_that_is_not_safe_has_no_link(views: Views) -> None:
    def files(state: int, role: int = words.MEMBER) -> str:
        newest = files_pb2.GroupFileVersion(name="groups/golf/files/one/versions/2", size_bytes=2_340_000)
        newest.state = files_pb2.GroupFileState.ValueType(state)
        file = files_pb2.GroupFile(name="groups/golf/files/one", title="Baan.pdf", uploader=HENK, newest=newest)
        file.version_count = 2
        return of_group(views, "group_files.html", golf(role=role), files=[file])

    clean = files(files_pb2.GROUP_FILE_STATE_CLEAN)
    assert 'href="/groups/golf/files/one">Baan.pdf' in clean
    assert "2.3 MB" in clean
    assert "versie 2" in clean
    assert "/files/delete" not in clean
    assert "/files/delete" in files(files_pb2.GROUP_FILE_STATE_CLEAN, words.KEEPER)
    assert 'href="/groups/golf/files/one">' not in files(files_pb2.GROUP_FILE_STATE_INFECTED)


def test_everything_of_others_can_be_reported_and_nothing_of_ones_own(views: Views) -> None:
    assert 'href="/report?subject=posts/one&amp;back=/%3Fpage%3D2"' in listed(views, post(text="Lomp"))
    assert "/report" not in listed(views, post(author=ADA, text="Lomp"))
    values: dict[str, Any] = {"subject": "posts/one", "back": "/", "request_id": "1", "reasons": reports.REASONS}
    form = shown(views, "report.html", heading="Report this post", reason=0, note="", error="", **values)
    assert "Meld dit bericht" in form
    assert form.count('name="reason"') == len(reports.REASONS)
    again = moderation_pb2.Report(result=moderation_pb2.REPORT_RESULT_NO_ACTION)
    assert "het blijft staan" in shown(views, "reported.html", report=again, back="/")


def test_a_group_without_a_cover_has_a_letter_and_always_the_same_colour() -> None:
    assert [words.letter(title) for title in ("golf", "…5G", "☕")] == ["G", "5", "·"]
    assert words.colour("groups/golf") == words.colour("groups/golf")
    assert {words.colour(f"groups/{number}") for number in range(100)} == set(range(words.COLOURS))
    css = (FOLDER / "static" / "plein.css").read_text()
    assert all(f".colour-{number} " in css for number in range(words.COLOURS))


def test_every_word_for_groups_and_reports_is_there_in_dutch() -> None:
    with Path(FOLDER / "locale" / "nl.po").open("rb") as file:
        dutch = {message.id for message in read_po(file) if message.string}
    tables: list[Mapping[Any, str]] = [words.LISTS, words.NOTHING_LISTED, words.VISIBILITIES, words.WHO_FINDS]
    tables += [words.HISTORIES, words.ROLES, words.GIVE_ROLE, words.KINDS, words.ANSWERS, words.ATTENDANCES]
    tables += [words.FILE_STATES, reports.REASONS, reports.SUBJECTS]
    texts = {text for table in tables for text in table.values()}
    assert {*texts, *words.REFUSALS, *reports.REFUSALS, "Report this"} - dutch == set()

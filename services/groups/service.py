"""Groups on the chassis."""

from plein.groups.v1 import (
    discovery_pb2,
    discovery_pb2_grpc,
    files_pb2,
    files_pb2_grpc,
    gatherings_pb2,
    gatherings_pb2_grpc,
    groups_pb2,
    groups_pb2_grpc,
    invitations_pb2,
    invitations_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
    own_data_pb2,
    own_data_pb2_grpc,
    pages_pb2,
    pages_pb2_grpc,
)

from chassis.meetings import MeetingReactions
from chassis.service import Api, Service
from services.groups.jobs.barriers import keep_apart
from services.groups.jobs.departures import let_leave
from services.groups.jobs.erasures import erase_people
from services.groups.jobs.objects import remove_objects
from services.groups.jobs.purging import purge_groups
from services.groups.jobs.reminders import remind_people
from services.groups.jobs.retelling import retell_members
from services.groups.jobs.scans import scan_files
from services.groups.neighbours import CALLS
from services.groups.reactions import Attendances, Moderation, People
from services.groups.rpc.calendars import Calendars
from services.groups.rpc.discovery import Discovery
from services.groups.rpc.files import Files
from services.groups.rpc.gatherings import Gatherings
from services.groups.rpc.groups import Groups
from services.groups.rpc.links import WaysIn
from services.groups.rpc.members import Members
from services.groups.rpc.own_data import PersonalRecords
from services.groups.rpc.presentations import Presentations
from services.groups.rpc.subjects import subject
from services.groups.settings import GroupsSettings

GROUPS = groups_pb2.DESCRIPTOR.services_by_name["GroupService"]
MEMBERS = members_pb2.DESCRIPTOR.services_by_name["MemberService"]
INVITATIONS = invitations_pb2.DESCRIPTOR.services_by_name["InvitationService"]
OWN_DATA = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]
FILES = files_pb2.DESCRIPTOR.services_by_name["GroupFileService"]
PAGES = pages_pb2.DESCRIPTOR.services_by_name["GroupPageService"]
EVENTS = gatherings_pb2.DESCRIPTOR.services_by_name["GroupEventService"]
DISCOVERY = discovery_pb2.DESCRIPTOR.services_by_name["GroupDiscoveryService"]
CALENDARS = gatherings_pb2.DESCRIPTOR.services_by_name["GroupCalendarService"]

SERVICE = Service(
    name="groups",
    apis=[
        Api(GROUPS, Groups, groups_pb2_grpc.add_GroupServiceServicer_to_server),
        Api(MEMBERS, Members, members_pb2_grpc.add_MemberServiceServicer_to_server),
        Api(OWN_DATA, PersonalRecords, own_data_pb2_grpc.add_OwnDataServiceServicer_to_server),
        Api(INVITATIONS, WaysIn, invitations_pb2_grpc.add_InvitationServiceServicer_to_server),
        Api(FILES, Files, files_pb2_grpc.add_GroupFileServiceServicer_to_server),
        Api(PAGES, Presentations, pages_pb2_grpc.add_GroupPageServiceServicer_to_server),
        Api(EVENTS, Gatherings, gatherings_pb2_grpc.add_GroupEventServiceServicer_to_server),
        Api(CALENDARS, Calendars, gatherings_pb2_grpc.add_GroupCalendarServiceServicer_to_server),
        Api(DISCOVERY, Discovery, discovery_pb2_grpc.add_GroupDiscoveryServiceServicer_to_server),
    ],
    settings=GroupsSettings,
    calls=CALLS,
    follows=[
        Attendances,
        MeetingReactions,
        Moderation,
        People,
    ],
    background=[
        erase_people,
        keep_apart,
        let_leave,
        purge_groups,
        remind_people,
        remove_objects,
        retell_members,
        scan_files,
    ],
    subjects=subject,
)

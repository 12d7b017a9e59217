"""Groups on the chassis."""

from plein.groups.v1 import (
    groups_pb2,
    groups_pb2_grpc,
    invitations_pb2,
    invitations_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
    own_data_pb2,
    own_data_pb2_grpc,
)

from chassis.service import Api, Service
from services.groups.jobs.barriers import keep_apart
from services.groups.jobs.departures import let_leave
from services.groups.jobs.erasures import erase_people
from services.groups.jobs.purging import purge_groups
from services.groups.jobs.retelling import retell_members
from services.groups.neighbours import CALLS
from services.groups.reactions import Moderation, People
from services.groups.rpc.groups import Groups
from services.groups.rpc.links import WaysIn
from services.groups.rpc.members import Members
from services.groups.rpc.own_data import PersonalRecords
from services.groups.rpc.subjects import subject
from services.groups.settings import GroupsSettings

GROUPS = groups_pb2.DESCRIPTOR.services_by_name["GroupService"]
MEMBERS = members_pb2.DESCRIPTOR.services_by_name["MemberService"]
INVITATIONS = invitations_pb2.DESCRIPTOR.services_by_name["InvitationService"]
OWN_DATA = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]

SERVICE = Service(
    name="groups",
    apis=[
        Api(GROUPS, Groups, groups_pb2_grpc.add_GroupServiceServicer_to_server),
        Api(MEMBERS, Members, members_pb2_grpc.add_MemberServiceServicer_to_server),
        Api(OWN_DATA, PersonalRecords, own_data_pb2_grpc.add_OwnDataServiceServicer_to_server),
        Api(INVITATIONS, WaysIn, invitations_pb2_grpc.add_InvitationServiceServicer_to_server),
    ],
    settings=GroupsSettings,
    calls=CALLS,
    follows=[
        Moderation,
        People,
    ],
    background=[
        erase_people,
        keep_apart,
        let_leave,
        purge_groups,
        retell_members,
    ],
    subjects=subject,
)

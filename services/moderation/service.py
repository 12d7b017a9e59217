"""Moderation on the chassis."""

from plein.moderation.v1 import (
    audit_pb2,
    audit_pb2_grpc,
    cases_pb2,
    cases_pb2_grpc,
    filters_pb2,
    filters_pb2_grpc,
    moderation_pb2,
    moderation_pb2_grpc,
    own_data_pb2,
    own_data_pb2_grpc,
    statistics_pb2,
    statistics_pb2_grpc,
)

from chassis.service import Api, Service
from services.moderation.jobs.checkpoints import keep_checkpoints
from services.moderation.jobs.images import keep_images
from services.moderation.jobs.protection import refuse_unprotected_log
from services.moderation.jobs.reporters import tell_reporters
from services.moderation.jobs.retention import retire_cases
from services.moderation.jobs.suspensions import keep_suspensions
from services.moderation.neighbours import CALLS
from services.moderation.reactions import HeldInBlog, HeldInFeed, People
from services.moderation.rpc import CaseWork, Moderation
from services.moderation.rpc.audit import AuditLog
from services.moderation.rpc.filters import TextFilters
from services.moderation.rpc.own_data import OwnRecords
from services.moderation.rpc.statistics import Statistics
from services.moderation.settings import ModerationSettings

API = moderation_pb2.DESCRIPTOR.services_by_name["ModerationService"]
CASES = cases_pb2.DESCRIPTOR.services_by_name["CaseService"]
OWN_DATA = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]
FILTERS = filters_pb2.DESCRIPTOR.services_by_name["FilterService"]
AUDIT = audit_pb2.DESCRIPTOR.services_by_name["AuditService"]
STATISTICS = statistics_pb2.DESCRIPTOR.services_by_name["StatisticsService"]

SERVICE = Service(
    name="moderation",
    apis=[
        Api(API, Moderation, moderation_pb2_grpc.add_ModerationServiceServicer_to_server),
        Api(CASES, CaseWork, cases_pb2_grpc.add_CaseServiceServicer_to_server),
        Api(OWN_DATA, OwnRecords, own_data_pb2_grpc.add_OwnDataServiceServicer_to_server),
        Api(AUDIT, AuditLog, audit_pb2_grpc.add_AuditServiceServicer_to_server),
        Api(STATISTICS, Statistics, statistics_pb2_grpc.add_StatisticsServiceServicer_to_server),
        Api(FILTERS, TextFilters, filters_pb2_grpc.add_FilterServiceServicer_to_server),
    ],
    settings=ModerationSettings,
    calls=CALLS,
    follows=[HeldInBlog, HeldInFeed, People],
    background=[keep_checkpoints, keep_images, keep_suspensions, retire_cases, tell_reporters],
    checks=[refuse_unprotected_log],
)

"""Feed on the chassis."""

from plein.feed.v1 import (
    cards_pb2,
    cards_pb2_grpc,
    delivery_pb2,
    delivery_pb2_grpc,
    discovery_pb2,
    discovery_pb2_grpc,
    feed_pb2,
    feed_pb2_grpc,
    hooks_pb2,
    hooks_pb2_grpc,
    live_pb2,
    live_pb2_grpc,
    media_pb2,
    media_pb2_grpc,
    notifications_pb2,
    notifications_pb2_grpc,
    own_data_pb2,
    own_data_pb2_grpc,
    relations_pb2,
    relations_pb2_grpc,
)

from chassis.filtering import FilterReactions, keep_filters_fresh, read_filters
from chassis.service import Api, Service
from services.feed.jobs.erasures import erase_people
from services.feed.jobs.images import remove_images
from services.feed.jobs.link_previews import preview_links
from services.feed.jobs.live import keep_telling
from services.feed.jobs.mutes import keep_mutes_fresh
from services.feed.jobs.polls import tell_ended_polls
from services.feed.jobs.sending import send_deliveries
from services.feed.jobs.vacancies import close_vacancies
from services.feed.neighbours import CALLS
from services.feed.reactions import Blog, FanOut, Groups, Inbox, Moderation, Outcomes, People
from services.feed.reactions.webhooks import Webhooks
from services.feed.rpc import Feed
from services.feed.rpc.cards import Cards
from services.feed.rpc.digests import Digests
from services.feed.rpc.discovery import Discovery
from services.feed.rpc.hooks import Hooks
from services.feed.rpc.images import Images
from services.feed.rpc.live import Live
from services.feed.rpc.notifications import Notifications
from services.feed.rpc.own_data import PersonalRecords
from services.feed.rpc.push import Push
from services.feed.rpc.relations import Relations
from services.feed.rpc.subjects import subject
from services.feed.rpc.webhooks import OutgoingWebhooks
from services.feed.settings import FeedSettings

API = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
LIVE = live_pb2.DESCRIPTOR.services_by_name["LiveService"]
RELATIONS = relations_pb2.DESCRIPTOR.services_by_name["RelationService"]
DISCOVERY = discovery_pb2.DESCRIPTOR.services_by_name["DiscoveryService"]
MEDIA = media_pb2.DESCRIPTOR.services_by_name["MediaService"]
CARDS = cards_pb2.DESCRIPTOR.services_by_name["CardService"]
HOOKS = hooks_pb2.DESCRIPTOR.services_by_name["HookService"]
NOTIFICATIONS = notifications_pb2.DESCRIPTOR.services_by_name["NotificationService"]
PUSH = delivery_pb2.DESCRIPTOR.services_by_name["PushService"]
DIGESTS = delivery_pb2.DESCRIPTOR.services_by_name["DigestService"]
OWN_DATA = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]
WEBHOOKS = delivery_pb2.DESCRIPTOR.services_by_name["OutgoingWebhookService"]

SERVICE = Service(
    name="feed",
    apis=[
        Api(API, Feed, feed_pb2_grpc.add_FeedServiceServicer_to_server),
        Api(LIVE, Live, live_pb2_grpc.add_LiveServiceServicer_to_server),
        Api(RELATIONS, Relations, relations_pb2_grpc.add_RelationServiceServicer_to_server),
        Api(DISCOVERY, Discovery, discovery_pb2_grpc.add_DiscoveryServiceServicer_to_server),
        Api(MEDIA, Images, media_pb2_grpc.add_MediaServiceServicer_to_server),
        Api(CARDS, Cards, cards_pb2_grpc.add_CardServiceServicer_to_server),
        Api(HOOKS, Hooks, hooks_pb2_grpc.add_HookServiceServicer_to_server),
        Api(NOTIFICATIONS, Notifications, notifications_pb2_grpc.add_NotificationServiceServicer_to_server),
        Api(PUSH, Push, delivery_pb2_grpc.add_PushServiceServicer_to_server),
        Api(DIGESTS, Digests, delivery_pb2_grpc.add_DigestServiceServicer_to_server),
        Api(WEBHOOKS, OutgoingWebhooks, delivery_pb2_grpc.add_OutgoingWebhookServiceServicer_to_server),
        Api(OWN_DATA, PersonalRecords, own_data_pb2_grpc.add_OwnDataServiceServicer_to_server),
    ],
    settings=FeedSettings,
    calls=CALLS,
    follows=[
        Blog,
        FanOut,
        FilterReactions,
        Groups,
        Inbox,
        Moderation,
        Outcomes,
        People,
        Webhooks,
    ],
    checks=[read_filters],
    background=[
        close_vacancies,
        erase_people,
        keep_filters_fresh,
        keep_mutes_fresh,
        keep_telling,
        preview_links,
        remove_images,
        send_deliveries,
        tell_ended_polls,
    ],
    subjects=subject,
)

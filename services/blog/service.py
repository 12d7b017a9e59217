"""Blog on the chassis."""

from plein.blog.v1 import (
    articles_pb2,
    articles_pb2_grpc,
    blog_pb2,
    blog_pb2_grpc,
    comments_pb2,
    comments_pb2_grpc,
    consultations_pb2,
    consultations_pb2_grpc,
    discovery_pb2,
    discovery_pb2_grpc,
    drafts_pb2,
    drafts_pb2_grpc,
    images_pb2,
    images_pb2_grpc,
    own_data_pb2,
    own_data_pb2_grpc,
    series_pb2,
    series_pb2_grpc,
    subscriptions_pb2,
    subscriptions_pb2_grpc,
)

from chassis.filtering import FilterReactions, keep_filters_fresh, read_filters
from chassis.meetings import MeetingReactions
from chassis.service import Api, Service
from services.blog.jobs.erasures import erase_people
from services.blog.jobs.images import remove_images
from services.blog.jobs.reads import forget_read_marks
from services.blog.jobs.schedule import publish_scheduled
from services.blog.neighbours import CALLS
from services.blog.reactions import Groups, Moderation, People
from services.blog.rpc.articles import Articles
from services.blog.rpc.atom import Atom
from services.blog.rpc.blogs import Blogs
from services.blog.rpc.comments import Comments
from services.blog.rpc.consultations import Consultations
from services.blog.rpc.discovery import Discovery
from services.blog.rpc.drafts import Drafts
from services.blog.rpc.images import ArticleImages
from services.blog.rpc.own_data import PersonalRecords
from services.blog.rpc.series import SeriesOfBlogs
from services.blog.rpc.subscriptions import Subscriptions
from services.blog.settings import BlogSettings
from services.blog.store.subjects import subject

BLOGS = blog_pb2.DESCRIPTOR.services_by_name["BlogService"]
ARTICLES = articles_pb2.DESCRIPTOR.services_by_name["ArticleService"]
DRAFTS = drafts_pb2.DESCRIPTOR.services_by_name["DraftService"]
SERIES = series_pb2.DESCRIPTOR.services_by_name["SeriesService"]
OWN_DATA = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]
IMAGES = images_pb2.DESCRIPTOR.services_by_name["ArticleImageService"]
COMMENTS = comments_pb2.DESCRIPTOR.services_by_name["CommentService"]
CONSULTATIONS = consultations_pb2.DESCRIPTOR.services_by_name["ConsultationService"]
DISCOVERY = discovery_pb2.DESCRIPTOR.services_by_name["ArticleDiscoveryService"]
SUBSCRIPTIONS = subscriptions_pb2.DESCRIPTOR.services_by_name["SubscriptionService"]
ATOM = subscriptions_pb2.DESCRIPTOR.services_by_name["AtomService"]

SERVICE = Service(
    name="blog",
    apis=[
        Api(BLOGS, Blogs, blog_pb2_grpc.add_BlogServiceServicer_to_server),
        Api(ARTICLES, Articles, articles_pb2_grpc.add_ArticleServiceServicer_to_server),
        Api(DRAFTS, Drafts, drafts_pb2_grpc.add_DraftServiceServicer_to_server),
        Api(SERIES, SeriesOfBlogs, series_pb2_grpc.add_SeriesServiceServicer_to_server),
        Api(OWN_DATA, PersonalRecords, own_data_pb2_grpc.add_OwnDataServiceServicer_to_server),
        Api(IMAGES, ArticleImages, images_pb2_grpc.add_ArticleImageServiceServicer_to_server),
        Api(COMMENTS, Comments, comments_pb2_grpc.add_CommentServiceServicer_to_server),
        Api(CONSULTATIONS, Consultations, consultations_pb2_grpc.add_ConsultationServiceServicer_to_server),
        Api(DISCOVERY, Discovery, discovery_pb2_grpc.add_ArticleDiscoveryServiceServicer_to_server),
        Api(SUBSCRIPTIONS, Subscriptions, subscriptions_pb2_grpc.add_SubscriptionServiceServicer_to_server),
        Api(ATOM, Atom, subscriptions_pb2_grpc.add_AtomServiceServicer_to_server),
    ],
    settings=BlogSettings,
    calls=CALLS,
    follows=[FilterReactions, Groups, MeetingReactions, Moderation, People],
    background=[erase_people, forget_read_marks, keep_filters_fresh, publish_scheduled, remove_images],
    checks=[read_filters],
    subjects=subject,
)

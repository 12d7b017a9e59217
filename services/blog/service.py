"""Blog on the chassis."""

from plein.blog.v1 import articles_pb2, articles_pb2_grpc, blog_pb2, blog_pb2_grpc

from chassis.service import Api, Service
from services.blog.neighbours import CALLS
from services.blog.reactions import Groups, Moderation, People
from services.blog.rpc.articles import Articles
from services.blog.rpc.blogs import Blogs
from services.blog.settings import BlogSettings

BLOGS = blog_pb2.DESCRIPTOR.services_by_name["BlogService"]
ARTICLES = articles_pb2.DESCRIPTOR.services_by_name["ArticleService"]

SERVICE = Service(
    name="blog",
    apis=[
        Api(BLOGS, Blogs, blog_pb2_grpc.add_BlogServiceServicer_to_server),
        Api(ARTICLES, Articles, articles_pb2_grpc.add_ArticleServiceServicer_to_server),
    ],
    settings=BlogSettings,
    calls=CALLS,
    follows=[Groups, Moderation, People],
)

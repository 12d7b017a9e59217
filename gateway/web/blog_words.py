"""What numbers of the blog service are called, in English; the catalogue of each language has the rest."""

from plein.blog.v1 import articles_pb2, blog_pb2, comments_pb2, consultations_pb2, contribution_pb2
from plein.chassis.v1 import audience_pb2

BLOG_KINDS = {
    blog_pb2.BLOG_KIND_PERSON: "Personal blog",
    blog_pb2.BLOG_KIND_TEAM: "Team blog",
    blog_pb2.BLOG_KIND_ORGANISATION: "Blog of the organisation",
}
ARTICLE_STATES = {
    articles_pb2.ARTICLE_STATE_DRAFT: "Draft",
    articles_pb2.ARTICLE_STATE_SCHEDULED: "Scheduled",
    articles_pb2.ARTICLE_STATE_PUBLISHED: "Published",
}
WORKER_KINDS = {
    audience_pb2.WORKER_KIND_EMPLOYEE: "Employees",
    audience_pb2.WORKER_KIND_EXTERNAL: "Externals",
    audience_pb2.WORKER_KIND_FREELANCER: "Freelancers",
}
COMMENT_ORDERS = {
    comments_pb2.COMMENT_ORDER_NEWEST: "Newest first",
    comments_pb2.COMMENT_ORDER_OLDEST: "Oldest first",
    comments_pb2.COMMENT_ORDER_MOST_DISCUSSED: "Most discussed first",
    comments_pb2.COMMENT_ORDER_QUESTIONS_FIRST: "Questions first",
}
VOICES = {comments_pb2.VOICE_AUTHOR: "Author", comments_pb2.VOICE_MANAGEMENT: "Management"}
CONSULTATION_STATES = {
    consultations_pb2.CONSULTATION_STATE_PLANNED: "Opens on %(moment)s",
    consultations_pb2.CONSULTATION_STATE_OPEN: "Open until %(moment)s",
    consultations_pb2.CONSULTATION_STATE_CLOSED: "Closed since %(moment)s",
}
CONTRIBUTION_STATES = {
    contribution_pb2.CONTRIBUTION_STATE_OPEN: "Open",
    contribution_pb2.CONTRIBUTION_STATE_ANSWERED: "Answered",
    contribution_pb2.CONTRIBUTION_STATE_TAKEN_ALONG: "Taken along",
    contribution_pb2.CONTRIBUTION_STATE_DECLINED: "Declined",
}
SCHEDULE_PROBLEMS = {
    "NO_RIGHT": "It was not published at its time: who scheduled it may not publish it any more.",
    "NOTHING_TO_SAY": "It was not published at its time: it had no title or no text.",
}
TABLES = (BLOG_KINDS, ARTICLE_STATES, WORKER_KINDS, COMMENT_ORDERS, VOICES, CONSULTATION_STATES, CONTRIBUTION_STATES)

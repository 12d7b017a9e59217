"""Blog will own blogs, articles, revisions, comments, consultations and subscriptions. It will follow identity, groups
and moderation. What is certain of it stands in its .proto."""

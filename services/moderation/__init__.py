"""Moderation owns reports, cases, decisions, appeals and statements of reasons. It asks the owners of what is reported
(profile, feed, groups, blog) how that stands and who may see it, and identity to keep people out. It follows identity
for who may come in, and tells what is hidden, removed, restored and decided, and who is muted; never who reported."""

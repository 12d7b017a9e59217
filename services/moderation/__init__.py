"""Moderation will own reports, cases, decisions, appeals, statements of reasons and the audit log. It will follow
identity and the owners of what can be reported. What is certain of it stands in its .proto."""

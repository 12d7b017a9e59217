"""Groups will own groups, membership, roles, requests, invitations, group events and pages. It will follow identity and
moderation, and tell who became a member and who no longer is. What is certain of it stands in its .proto."""

"""Owns people as the organisation knows them, their sign-in and sessions, the barriers between them, and
service accounts.

Calls no other service, but follows its own log: what decides about access works here as it does elsewhere. Tells who
came, changed, left and may come in, which roles and service accounts were given, and which segments are kept apart.
"""

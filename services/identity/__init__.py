"""Owns people as the organisation knows them, their sign-in and sessions, and the barriers between them.

Calls no other service, but follows its own log: what decides about access works here as it does elsewhere. Tells who
came, changed, left and may come in, which roles were given, and which segments are kept apart.
"""

"""Greetings owns greetings. It asks nobody, and tells nothing."""

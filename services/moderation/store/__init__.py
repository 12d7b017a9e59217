"""Every query of moderation, by what it is about."""

"""Blog owns blogs, who writes in them, articles and their drafts. It asks identity whom a handle means, follows
identity and groups for who may see what, and moderation for what is hidden. It tells which blogs and articles came,
changed and went."""

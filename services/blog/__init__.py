"""Blog owns blogs, who writes in them, articles with their drafts, revisions and images, and series. It asks identity
whom a handle means, follows identity and groups for who may see what, and moderation for what is hidden. It publishes
articles at their time. It tells which blogs, series and articles came, changed and went."""

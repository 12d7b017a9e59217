"""Blog owns blogs, who writes in them, articles with their drafts, revisions and images, series, comments and
consultations. It asks identity whom a handle means and what people are called, follows identity and groups for who may
see what, and moderation for what is hidden. It publishes articles at their time. It tells which blogs, series, articles
and comments came, changed and went, and what was done with contributions."""

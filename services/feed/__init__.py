"""Feed owns posts and their images, replies, reshares, polls, reactions, cards, follows, timelines and inboxes, and
finds posts and tags, and tells those who listen what is new. It asks identity whom a handle means, follows identity
and groups for who may see what, and moderation for what is hidden. It follows its own log in several ways: to bring
posts into the homes of those who follow the author, what concerns people into their inboxes, as it does with what
groups, blog and moderation tell, and what happened to other systems' webhooks. It mails and pushes to people what is
new. It tells who wrote, changed, deleted, reacted and followed, that somebody voted and a poll ended, which cards
changed, and what was hidden."""

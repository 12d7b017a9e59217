"""Feed owns posts, replies, reactions, follows and timelines. It asks identity whom a handle means, follows identity
for who may see what, and follows its own log to bring posts into the homes of those who follow the author. It tells
who wrote, deleted, reacted and followed."""

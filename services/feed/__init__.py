"""Feed owns posts and their images, replies, reshares, polls, reactions, cards, follows and timelines, and finds posts
and tags. It asks identity whom a handle means, follows identity for who may see what, and follows its own log to bring
posts into the homes of those who follow the author and to look at where links lead. It tells who wrote, changed,
deleted, reacted and followed, that somebody voted and a poll ended, and which cards changed."""

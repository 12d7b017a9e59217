"""Profile owns what people tell about themselves, their photos and the directory. It follows identity for who works
here and who may see whom, asks it for what HR knows of them, follows moderation for what is hidden, and tells when a
profile came to be or changed."""

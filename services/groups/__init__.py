"""Groups owns groups, who belongs to them in which role, who asks to come in, is invited or banned. It follows identity
for who works here, in which department, and who may meet whom, and moderation for what is hidden. It tells who became a
member and who no longer is, so that all services know who sees what is in a group."""

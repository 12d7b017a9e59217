"""The rules about posts, their texts and who follows whom, without any I/O."""

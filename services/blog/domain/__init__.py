"""Blogs, articles and their rules; pure."""

"""What moderation does by the clock."""

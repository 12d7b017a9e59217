"""What feed does by the clock."""

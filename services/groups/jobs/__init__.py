"""What groups does by the clock, and a little at a time."""

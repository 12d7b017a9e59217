"""What blog does by the clock."""

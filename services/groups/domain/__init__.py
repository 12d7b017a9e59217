"""Groups, who belongs to them, and the rules; pure."""

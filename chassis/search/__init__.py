"""Search in texts: what people type becomes a question, a question a tsquery, and what was asked is highlighted."""

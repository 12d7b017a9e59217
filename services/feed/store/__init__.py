"""Where feed keeps things: posts, marks and follows in PostgreSQL, homes and ready-made posts in the cache."""

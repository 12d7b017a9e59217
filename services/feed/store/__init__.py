"""Where feed keeps things: posts, reactions and follows in PostgreSQL, homes and ready-made posts in the cache."""

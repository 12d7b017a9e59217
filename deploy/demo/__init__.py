"""The demonstration company: Telwiek, a Dutch telecom that does not exist, its people, faces and four lively weeks."""

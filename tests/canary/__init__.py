"""A canary in every place that is closed to somebody, and a crawl through everything that can be asked."""

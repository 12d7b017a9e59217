"""The services. Each is one folder with the same files; none knows another but by its .proto."""

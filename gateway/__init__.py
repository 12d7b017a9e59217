"""What stands between the services and the world: the edge (Envoy), and the doors that speak more than gRPC."""

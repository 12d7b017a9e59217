"""What turns protos/ into gen/: Python code, the descriptor set that Envoy reads and the OpenAPI document."""

"""The RabbitMQ side of a deployment: the topology, gathered from what the services say in code."""

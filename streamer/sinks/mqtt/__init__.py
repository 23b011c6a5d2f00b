"""Captions over MQTT: publisher, control and the payloads that ``config/asyncapi.yaml`` describes."""

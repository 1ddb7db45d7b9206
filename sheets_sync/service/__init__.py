"""The HTTP service: triggers, progress, health; needs the extra `service`."""

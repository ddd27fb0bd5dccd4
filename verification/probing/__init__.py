"""Asks mail servers about recipients, in batches and politely; never sends a message."""

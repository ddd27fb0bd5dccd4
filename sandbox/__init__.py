"""A make-believe Slack, ConvertKit and mail world on loopback; a development tool."""

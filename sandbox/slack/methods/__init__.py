"""The Web API methods of the make-believe Slack, one module per family."""

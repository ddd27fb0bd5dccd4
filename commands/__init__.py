"""What a person can do in Slack: one module for each thing."""

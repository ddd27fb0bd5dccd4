"""What runs in the background: durable workflows and their ports; knows no Slack."""

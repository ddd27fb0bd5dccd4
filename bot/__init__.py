"""The process: settings, the composition root, the Slack connection, the notifier and the CLI."""

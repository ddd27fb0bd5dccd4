"""Records in, Block Kit out: pure functions without client, session or clock."""

"""What must survive a restart: tables, one repository per noun, encryption and migrations."""

"""What is done to whole files and whole boxes, beside a server or without one: backups, moves, keys, upgrades, the doctor."""

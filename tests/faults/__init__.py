"""Faults made on purpose: processes that end at any write, disks that forget, fill up or break, clients that attack."""

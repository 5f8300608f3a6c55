"""The HTTP edge of /tenant-api/v1/."""

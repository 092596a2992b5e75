"""Istmo: the regional kit for common online public services. The kernel; it knows no service by name."""

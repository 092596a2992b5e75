"""Right services that are unlike the reference in whatever the standard leaves open: each has to be conformant."""

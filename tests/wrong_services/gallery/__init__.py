"""One module a family of faults; each variant registers itself with `wrong`."""

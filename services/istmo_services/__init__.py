"""The reference services: one room for each service, named by its slug, and nothing else."""

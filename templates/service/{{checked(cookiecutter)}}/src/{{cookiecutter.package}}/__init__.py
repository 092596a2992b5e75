{% set it = facts(cookiecutter) -%}
"""{{ it.titles.en }} of {{ it.countries.en }}: the room of the service, and what stands behind it."""

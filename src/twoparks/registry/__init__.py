"""Parks, organisations, people, roles, projects, places, authorities and their registers."""

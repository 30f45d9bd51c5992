"""Settings, addresses, templates, locale, demonstration data, command line."""

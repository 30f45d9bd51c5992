"""Paper: permit, receipt and decision letter as PDF and as a page that prints; and the public check of a pass."""

"""The two-signature pass: issue, verify, status list, QR."""

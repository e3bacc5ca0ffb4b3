"""Reports: model card, checklist, diagnostics, privacy, label issues, the list of runs."""

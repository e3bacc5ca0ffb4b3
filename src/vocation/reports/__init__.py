"""What is told about a model or a run: model card, checklist, diagnostics, privacy, label issues,
the list of runs.
"""

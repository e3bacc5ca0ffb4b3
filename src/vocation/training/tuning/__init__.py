"""The search for better settings, on folds of the training rows."""

"""The disk contract: which files a bundle has, and how they are read without trusting them."""

"""What the page is made of: the model's loader, safe text, a career's card, the figures of the
model.
"""

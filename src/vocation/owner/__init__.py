"""What the owner of the page does without a terminal: data, training, publishing, going back.

The pages under streamlit_app/views/owner*.py show it and hold no logic.
"""

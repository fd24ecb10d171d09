"""The coach's screens: a thin face over heyue, drawn by Streamlit."""

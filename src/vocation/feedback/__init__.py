"""What seekers say of their answers: kept where the owner wants it, reviewed, learnt from."""

"""How the speech model is made: from labelled recordings to one model file."""

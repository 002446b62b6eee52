"""The demo hospital: what its people have done until now, as deeds to be performed like everybody else's."""

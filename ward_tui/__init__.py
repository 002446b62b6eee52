"""The ward's console: a runner's handheld, and the ward desk."""

"""The central sync server: judges what devices and pages send, numbers it, and tells everybody who may know."""

"""The deterministic simulator: the real steps of client and server on a virtual network, disk and clocks."""

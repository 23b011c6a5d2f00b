"""What streamer asks of the system under it, and of the packages that it is installed from."""

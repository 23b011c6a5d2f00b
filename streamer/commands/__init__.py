"""The subcommands of streamer, one module a command or group."""

"""The wrong runtimes by the part of the runtime that is wrong."""

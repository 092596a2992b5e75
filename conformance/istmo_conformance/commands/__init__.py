"""The commands that judge, loaded by the command line when their words are typed."""

"""The one test module: every scenario of the features that apply becomes a test."""

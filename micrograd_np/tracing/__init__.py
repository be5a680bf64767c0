"""Tracing: what a function does, as a program, and a program as text. Floor 8."""

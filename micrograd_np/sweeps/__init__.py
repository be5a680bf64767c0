"""Sweeps: cotangents backward and tangents forward through a recorded graph. Floor 5."""

"""Figures of a node beside those of its bare parts, measured in one run on one machine."""

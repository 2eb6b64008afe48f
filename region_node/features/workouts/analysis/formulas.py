"""Version of the formulas of this package; raise it with any change that alters a figure."""

FORMULAS = "1"

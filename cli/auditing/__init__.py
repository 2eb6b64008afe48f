"""Whether data lies where its law wants it: read from the stores themselves, not from what placed it there.

Nothing here uses the code that places data (a contract of the imports holds that): what a store looks like is
declared anew in `layout`, so a mistake in the one is not repeated in the other.
"""

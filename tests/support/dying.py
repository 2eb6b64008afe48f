"""Work that ends its process, as a fault in a decoder's native code would."""

import os
import signal


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)

"""Runs a command on a terminal of its own: on_terminal.py COLUMNS ROWS COMMAND [ARGUMENT ...]

What comes on standard input is typed on that terminal, what the command writes goes to standard output, and its exit code
is the code of this program (128 + the signal that ended it). Python's standard library is all it needs.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios


def main() -> int:
    columns, rows, *command = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
    sources = [0, terminal]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if 0 in ready:
            typed = os.read(0, 4096)
            if typed:
                os.write(terminal, typed)
            else:
                sources.remove(0)
        if terminal in ready:
            try:
                shown = os.read(terminal, 65536)
            except OSError:  # Linux says so when the last process has left the terminal.
                break
            if not shown:
                break
            os.write(1, shown)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


code = main()
sys.exit(code if code >= 0 else 128 - code)

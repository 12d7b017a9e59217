"""Becomes another command, one that does not outlive its parent: `python -I tied.py PARENT SIGNAL USER COMMAND…`.

Between fork and exec Python code could hang in a process with threads; so it runs here, after an exec of its own.
PARENT is the process id that started this, SIGNAL what the kernel sends when that one dies, USER "" or whom to become.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal_number, user, *command = sys.argv[1:]
    if user:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    # A change of user makes the kernel forget this, so it comes after.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):
        sys.exit("The process that wanted this is gone.")
    os.execv(command[0], command)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main()

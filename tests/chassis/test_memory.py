"""A process gives back what it took for a moment, and so stays as small as what it keeps."""

import subprocess
import sys

# In a process of its own, where nobody else takes and gives: two threads fill and free 19 MiB, as comparing a password
# does, again and again.
PASSWORDS = """
import re, threading
from pathlib import Path
from chassis import memory

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def compare():
    for _ in range(8):
        both.wait()
        bytearray(b"x") * (19 * 1024 * 1024)

memory.share()
both = threading.Barrier(2)
before = resident()
threads = [threading.Thread(target=compare) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
held = resident() - before
memory.trim()
print(held, resident() - before)
"""


def test_what_many_passwords_took_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", PASSWORDS], capture_output=True, text=True, check=True)
    held, held_after_trim = map(float, done.stdout.split())
    assert held > 15, "Nothing is held any more without trimming, which can go."
    assert held_after_trim < 4

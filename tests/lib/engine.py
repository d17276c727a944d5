#!/usr/bin/env python3
"""The tests' engines: `Engine` of scripted.py, driven byte by byte, and the stand-in of standin.py.

    python3 tests/lib/engine.py --socket PATH      # the stand-in
"""
from scripted import OK, Engine, record  # noqa: F401
from standin import main, serve          # noqa: F401

if __name__ == "__main__":
    main()

"""What is random in a recorded request, made general: the same request is recorded as the same line each time."""
import re

RANDOM = [
    re.compile(r"\b[0-9a-f]{64}\b"),                     # ids of containers and images, hashes
    re.compile(r"\b(?!0{12}|1{12})[0-9a-f]{12}\b"),      # their short form
    re.compile(r"\b(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{25}\b"),   # ids of what a swarm has
]
VERSION = re.compile(r"\bversion=[0-9]+")
TOKEN = re.compile(r"SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}")


class Ids:
    """The first id of a file becomes 000…1, the second 000…2: what was the same stays the same."""

    def __init__(self):
        self.known = {}

    def general(self, request):
        return {key: self._text(value) for key, value in request.items()}

    def _text(self, text):
        text = TOKEN.sub("SWMTKN-1-" + "0" * 50 + "-" + "0" * 25, text)
        text = VERSION.sub("version=1", text)
        for pattern in RANDOM:
            text = pattern.sub(lambda match: self._number(match[0]), text)
        return text

    def _number(self, found):
        if set(found) <= set("0123456789") or set(found[:-2]) == {"0"}:
            return found
        # A short id is the beginning of a long one.
        for known, number in self.known.items():
            if known.startswith(found):
                return number[:len(found)]
        number = f"{len(self.known) + 1:03x}".ljust(len(found), "0")
        self.known[found] = number
        return number

"""Two transcripts: equal, or where they part."""
import re

CONTEXT = 6
MESSAGE = re.compile(r"^(exit code \d+\n)(?:#.*\n)+", re.M)  # kept for the reader, not compared


def first_difference(theirs: str, ours: str, their_name: str, our_name: str) -> str | None:
    """The first line that differs with what stands above it, or None."""
    theirs, ours = MESSAGE.sub(r"\1", theirs), MESSAGE.sub(r"\1", ours)
    if theirs == ours:
        return None
    left, right = theirs.splitlines(), ours.splitlines()
    at = next((index for index, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
    width = max(len(their_name), len(our_name))
    lines = [f"differs at line {at + 1}"]
    lines += [f"  {'':{width}}   {line}" for line in left[max(0, at - CONTEXT):at]]
    for name, side in ((their_name, left), (our_name, right)):
        lines.append(f"  {name:>{width}} > {side[at] if at < len(side) else '(the end)'}")
    return "\n".join(lines)

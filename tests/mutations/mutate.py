"""Bytes altered at random, as damage, and malice without a plan, would alter them."""

from random import Random

TELLING = (0, 1, 0x7F, 0x80, 0xFF)
NUMBERS = (0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 20, 100_000)
WORDS = (
    b"\0" * 16,
    b"[" * 3000,
    b"9" * 300,
    b"NaN",
    b"null",
    b"-1",
    b"1e999",
    b"\xff\xfe",
    b"../../",
)


def mutated(data: bytes, random: Random) -> bytes:
    """The bytes with one to eight alterations."""
    held = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        _alter(held, random)
    return bytes(held)


def _alter(held: bytearray, random: Random) -> None:
    if not held:
        held += b"\0"
    # Headers decide about most; they are altered more often than their share.
    at = random.randrange(min(len(held), 512)) if random.random() < 0.5 else 0
    at = at or random.randrange(len(held))
    match random.randrange(9):
        case 0:
            held[at] ^= 1 << random.randrange(8)
        case 1:
            held[at] = random.choice(TELLING)
        case 2:
            held[at] = random.randrange(256)
        case 3:
            width = random.choice((2, 4, 8))
            number = random.choice(NUMBERS) & ((1 << 8 * width) - 1)
            order = random.choice(("little", "big"))
            held[at : at + width] = number.to_bytes(width, order)  # type: ignore[arg-type]
        case 4:
            del held[at:]
        case 5:
            del held[at : at + random.randrange(1, 64)]
        case 6:
            held[at:at] = random.choice(WORDS)
        case 7:
            start = random.randrange(len(held))
            held[at : at + 32] = held[start : start + 32]
        case _:
            length = random.randrange(1, 1024)
            held[at : at + length] = random.randbytes(length)

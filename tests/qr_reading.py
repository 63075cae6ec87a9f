"""Read a QR code back from its modules, as a telephone does behind its camera (ISO/IEC 18004).

Versions 1 to 4 in byte mode, which hold every address of ours; without mending errors, as nothing here makes any.
"""

from collections.abc import Iterator, Sequence

FORMAT_MASK = 0b101010000010010
LEVELS = {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}
BLOCKS = {(3, "Q"): (2, 17), (3, "H"): (2, 13), (4, "M"): (2, 32), (4, "Q"): (2, 24), (4, "H"): (4, 9)}
"""Blocks and data bytes of each, by version and level; one block in all others."""
BYTE_MODE = 0b0100

Modules = Sequence[Sequence[int]]
"""Rows of 1 for dark and 0 for light, without the white around."""


def read_qr(modules: Modules) -> str:
    """Give the text."""
    size = len(modules)
    version, rest = divmod(size - 17, 4)
    assert rest == 0
    assert 1 <= version <= 4
    assert all(len(row) == size for row in modules)
    _check_finders(modules)
    level, mask = _format(modules)
    bits = [modules[row][column] ^ _masked(mask, row, column) for row, column in _places(size, version)]
    words = [_number(bits[first : first + 8]) for first in range(0, len(bits) - 7, 8)]
    blocks, length = BLOCKS.get((version, level), (1, len(words)))
    data = [word for block in range(blocks) for word in words[block::blocks][:length]]
    stream = [word >> bit & 1 for word in data for bit in range(7, -1, -1)]
    assert _number(stream[:4]) == BYTE_MODE
    count = _number(stream[4:12])
    return bytes(_number(stream[first : first + 8]) for first in range(12, 12 + 8 * count, 8)).decode()


def _number(bits: Sequence[int]) -> int:
    return int("".join(map(str, bits)), 2)


def _check_finders(modules: Modules) -> None:
    """The three squares that a camera looks for: seven modules wide, dark but for a light ring."""
    far = len(modules) - 7
    for top, left in ((0, 0), (0, far), (far, 0)):
        for row in range(7):
            for column in range(7):
                ring = max(abs(row - 3), abs(column - 3)) == 2
                assert modules[top + row][left + column] == (not ring)


def _format(modules: Modules) -> tuple[str, int]:
    """Read level and mask beside the upper left square."""
    places = [*((8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)), *((row, 8) for row in (7, 5, 4, 3, 2, 1, 0))]
    value = _number([modules[row][column] for row, column in places]) ^ FORMAT_MASK
    return LEVELS[value >> 13], value >> 10 & 0b111


def _masked(mask: int, row: int, column: int) -> int:
    product = row * column
    return int(
        (
            (row + column) % 2,
            row % 2,
            column % 3,
            (row + column) % 3,
            (row // 2 + column // 3) % 2,
            product % 2 + product % 3,
            (product % 2 + product % 3) % 2,
            ((row + column) % 2 + product % 3) % 2,
        )[mask]
        == 0
    )


def _places(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Give the places of the data, in pairs of columns from the right, upwards first."""
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in (right, right - 1):
                if not _is_pattern(row, column, size, version):
                    yield row, column
        upwards = not upwards


def _is_pattern(row: int, column: int, size: int, version: int) -> bool:
    corner = (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9)
    aligning = version > 1 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2
    return corner or aligning or row == 6 or column == 6

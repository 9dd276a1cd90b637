"""Whether ids and ports of queries can be guessed (RFC 5452): statistics with
bounds that a fair source exceeds once in a million runs or less, and sources
that are not fair, on which each of them must fail."""

import math
import random


def chi_square_bound(freedom, sigmas=4.9):
    """Wilson and Hilferty: what chi-square of so many degrees of freedom
    exceeds with a probability of about 5e-7."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + sigmas * math.sqrt(part)) ** 3


def uneven(values, low, high, bins):
    """None if `values` fall into equal parts of [low, high) evenly."""
    width = (high - low) / bins
    counts = [0] * bins
    for value in values:
        if not low <= value < high:
            return "%d is not from %d to %d" % (value, low, high)
        counts[int((value - low) / width)] += 1
    expected = len(values) / bins
    chi = sum((count - expected) ** 2 / expected for count in counts)
    bound = chi_square_bound(bins - 1)
    return None if chi < bound else "chi-square %.0f over %.0f" % (chi, bound)


def correlated(values):
    """None if one value says nothing of the next, as to its size, its
    distance or its bits."""
    n = len(values) - 1
    mean = sum(values) / len(values)
    spread = sum((v - mean) ** 2 for v in values)
    serial = sum((a - mean) * (b - mean)
                 for a, b in zip(values, values[1:])) / spread
    if abs(serial) > 5 / math.sqrt(n):
        return "serial correlation %.4f" % serial
    steps = [(b - a) & 0xffff for a, b in zip(values, values[1:])]
    return uneven(steps, 0, 65536, 256)


def repeated_pairs(sequences):
    """Two values in a row that come again, in this sequence or another, more
    often than chance has it."""
    seen, repeats, total = set(), 0, 0
    for values in sequences:
        for pair in zip(values, values[1:]):
            repeats += pair in seen
            seen.add(pair)
            total += 1
    expected = total * total / 2 / 2 ** 32
    bound = expected + 6 * math.sqrt(expected) + 6
    return (None if repeats < bound
            else "%d pairs come again, %.1f are expected" % (repeats,
                                                             expected))


def biased_bits(bits):
    """None if ones are as many as zeros."""
    n = len(bits)
    off = abs(sum(bits) - n / 2) / (math.sqrt(n) / 2)
    return None if off < 5 else "%.1f standard deviations off" % off


def of_ids(sequences):
    """What is wrong with these sequences of 16-bit ids, one of each process
    or thread; None if nothing is."""
    flat = [value for values in sequences for value in values]
    return (uneven([v >> 8 for v in flat], 0, 256, 256) or
            uneven([v & 255 for v in flat], 0, 256, 256) or
            next(filter(None, map(correlated, sequences)), None) or
            repeated_pairs(sequences))


def of_ports(ports, low, high):
    """The same of source ports from `low` to `high`."""
    return uneven(ports, low, high + 1, 64) or correlated(
        [(port - low) * 65536 // (high + 1 - low) for port in ports])


# ---- sources that are not fair ----

def fair(n, source):
    return [source.randrange(65536) for _ in range(n)]


def counter(n, source):
    start = source.randrange(65536)
    return [(start + i) & 0xffff for i in range(n)]


def stride(n, source):
    """A counter with a secret step."""
    start, step = source.randrange(65536), source.randrange(65536) | 1
    return [(start + i * step) & 0xffff for i in range(n)]


def half_the_time(n, source):
    """A top bit that is set a little too seldom."""
    return [v & 0x7fff if source.random() < 0.08 else v
            for v in fair(n, source)]


def congruential(n, source):
    """A linear congruential generator's lower half."""
    state, out = source.randrange(1 << 32), []
    for _ in range(n):
        state = (state * 1103515245 + 12345) & 0xffffffff
        out.append(state & 0xffff)
    return out


def short_period(n, source):
    """A good generator that begins again after 5000 values."""
    return (fair(5000, source) * (n // 5000 + 1))[:n]


def low_bit(n, source):
    return [v & ~1 if source.random() < 0.05 else v for v in fair(n, source)]


UNFAIR = (counter, stride, half_the_time, congruential, short_period, low_bit)

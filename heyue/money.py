"""Money is an integer count of fen inside and a yuan decimal string at the edges."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from heyue.errors import BadInput

FEN_PER_YUAN = 100
MOST_YUAN = 10**12


def fen_from_yuan(yuan: str) -> int:
    """Count of fen in a yuan decimal such as "3,200.50".

    Raises:
        BadInput: not a decimal number, negative, or finer than one fen.
    """
    try:
        amount = Decimal(yuan.replace(",", "").strip())
    except InvalidOperation:
        raise BadInput(f"{yuan!r} is not an amount in yuan, such as 3200.50") from None
    if not amount.is_finite() or not 0 <= amount < MOST_YUAN:
        raise BadInput(f"{yuan!r} must be zero or more yuan, and less than {MOST_YUAN:,}")
    fen = amount * FEN_PER_YUAN
    if fen != fen.to_integral_value():
        raise BadInput(f"{yuan!r} is finer than one fen")
    return int(fen)


def yuan_from_fen(amount_fen: int) -> str:
    """Yuan with two decimals, no thousands separator: 320050 -> "3200.50"."""
    return f"{amount_fen // FEN_PER_YUAN}.{amount_fen % FEN_PER_YUAN:02d}"


def spoken_yuan(amount_fen: int) -> str:
    """Yuan as a borrower reads it: 320000 -> "3,200元", 320050 -> "3,200.50元"."""
    yuan, fen = divmod(amount_fen, FEN_PER_YUAN)
    return f"{yuan:,}元" if fen == 0 else f"{yuan:,}.{fen:02d}元"


def half_of(amount_fen: int) -> int:
    """Half of an amount, rounded up to a fen."""
    return int((Decimal(amount_fen) / 2).to_integral_value(ROUND_HALF_UP))

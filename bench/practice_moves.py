"""How well the moves of collectors' lines are read, on voices never seen: `python -m bench.practice_moves` (prints Markdown).

Each voice of nlu_data/moves in turn is read by a model of the others.
"""

from __future__ import annotations

from heyue.practice.move_training import JudgedMoves, judge_moves, read_moved_lines
from heyue.practice.moves import moves
from heyue.training.models import CHECKOUT_DATA
from heyue.training.rotation import rotation
from heyue.training.scores import f1_of_sets


def main() -> None:
    """Print precision, recall and F1 over all moves, and F1 of each."""
    lines = read_moved_lines(CHECKOUT_DATA / "moves")
    voices = [line.voice for line in lines]
    judged = [
        each for held_out, _ in rotation(voices, len(set(voices))) for each in judge_moves(lines, held_out)
    ]
    by_move = f1_of_sets([each.right for each in judged], [each.given for each in judged])
    precision, recall = precision_and_recall_of(judged)
    print(
        f"{len(lines)} lines of {len(set(voices))} voices: precision {precision:.3f}, recall {recall:.3f}, "
    )
    print(f"macro-F1 {sum(by_move.values()) / len(by_move):.3f}.\n\n| move | F1 |\n|---|---|")
    for move, value in by_move.items():
        print(f"| {move} {moves()[move].name} | {value:.2f} |")


def precision_and_recall_of(judged: list[JudgedMoves]) -> tuple[float, float]:
    """Over all pairs of line and move."""
    both = sum(len(each.right & each.given) for each in judged)
    given, right = sum(len(each.given) for each in judged), sum(len(each.right) for each in judged)
    return both / max(given, 1), both / max(right, 1)


if __name__ == "__main__":
    main()

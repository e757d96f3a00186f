"""Works out the values that follow from a grid and are never typed (B3)."""

from __future__ import annotations

from decimal import Decimal

from services.facilities.domain.questions import Answers, Derived, Question, Questionnaire, Rule


def derive(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Return what follows from these answers: id of the derived value -> float or label.

    A grid without any number gives nothing; cells that cannot be read count as empty.

    Args:
        questionnaire: the round's questionnaire.
        answers: those of the questions that are asked.
    """
    values: Answers = {}
    for each in questionnaire.derived:
        grid = questionnaire.by_id[each.grid]
        if any(isinstance(answers.get(key), float) for key in grid.keys):
            value = _RULES[each.rule](each, grid, answers)
            if value is not None:
                values[each.id] = value
    return values


def total_of(grid: Question, answers: Answers, rows: tuple[str, ...] = ()) -> float:
    """Return the sum of a grid's cells, exact to two decimal places. `rows`: which; empty: all."""
    total = sum(
        (
            Decimal(str(answers[key]))
            for key, cell in grid.cells.items()
            if isinstance(answers.get(key), float) and (not rows or cell.row.code in rows)
        ),
        Decimal(0),
    )
    return float(total)


def _total(each: Derived, grid: Question, answers: Answers) -> float:
    return total_of(grid, answers, each.rows)


def _highest(each: Derived, grid: Question, answers: Answers) -> str | None:
    filled = {
        cell.column.code
        for key, cell in grid.cells.items()
        if (not each.rows or cell.row.code in each.rows)
        and isinstance(answers.get(key), float)
        and answers[key] > 0
    }
    labels = [column.label for column in grid.columns if column.code in filled]
    return labels[-1] if labels else None


_RULES = {Rule.TOTAL: _total, Rule.HIGHEST: _highest}

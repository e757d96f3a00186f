"""The role matrix: which role may do what, cell by cell, and the rights each cell stands for.

The table is the audit's own. Below it stand rights that it has no row for; their rows begin with a
plus. Every right of the vocabulary belongs to exactly one row.

Source: our role matrix; the rows with a plus are ours and are described in registration's README.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from services.registration.domain.roles import Grant, Role

TABLE = """
right                     | site_reader | data_entry | clinician | site_lead | facilities_respondent | audit_team              | auditor        | system_admin
see own records           | x           | x          | x         | x         |                       | x (logged, with reason) | aggregate only |
create / edit             |             | x          | x         | x         |                       | x                       |                |
acknowledge warnings      |             |            | x         | x         |                       | x                       |                |
import                    |             | grantable  | grantable | x         |                       | x                       |                |
export identifiable       |             |            | grantable | x         |                       | x                       |                |
delete (soft)             |             |            |           | x         |                       | x                       |                |
facilities answers        |             |            |           | x submit  | x fill                | x reopen                | read           |
manage site users         |             |            |           | x         |                       | x                       |                | x
approve sites and the like|             |            |           |           |                       | x                       |                |
technical settings        |             |            |           |           |                       |                         |                | x
+ who opened records      |             |            |           | x         |                       | x                       |                |
+ erase identifiers       |             |            |           |           |                       | x                       |                |
+ pseudonymised extract   |             |            |           |           |                       | x                       |                |
+ API tokens              |             |            |           | x         |                       |                         |                |
+ list of sites           |             |            |           |           |                       | x                       | x              | x
+ visit a site            |             |            |           |           |                       | x                       |                |
+ national figures        |             |            |           |           |                       | x                       | x              |
"""  # noqa: E501 - a table is read by its columns


@dataclass(frozen=True)
class Cell:
    """What a word in a cell stands for.

    Attributes:
        always: rights the role has by itself.
        granted: rights it has when the grant was given.
        visiting: rights it has only while it visits the site.
    """

    always: frozenset[str] = frozenset()
    granted: Mapping[Grant, str] | None = None
    visiting: frozenset[str] = frozenset()


NOTHING = Cell()


def _always(*rights: str) -> Cell:
    return Cell(always=frozenset(rights))


def _visiting(*rights: str, always: frozenset[str] = frozenset()) -> Cell:
    return Cell(always=always, visiting=frozenset(rights))


MEANING: Mapping[str, Mapping[str, Cell]] = {
    "see own records": {
        "x": _always("records.read"),
        # Counts over all sites, as the auditor has them; records while visiting.
        "x (logged, with reason)": _visiting(
            "records.read", always=frozenset({"records.aggregate"})
        ),
        "aggregate only": _always("records.aggregate"),
    },
    "create / edit": {
        "x": _always("records.write"),
        "audit_team x": _visiting("records.write"),
    },
    "acknowledge warnings": {
        "x": _always("records.acknowledge"),
        "audit_team x": _visiting("records.acknowledge"),
    },
    "import": {
        "x": _always("records.import"),
        "grantable": Cell(granted={Grant.IMPORT: "records.import"}),
        "audit_team x": _visiting("records.import"),
    },
    "export identifiable": {
        "x": _always("records.export"),
        "grantable": Cell(granted={Grant.EXPORT: "records.export"}),
        "audit_team x": _visiting("records.export"),
    },
    "delete (soft)": {
        "x": _always("records.delete"),
        "audit_team x": _visiting("records.delete"),
    },
    "facilities answers": {
        "x submit": _always("facilities.read", "facilities.answer", "facilities.submit"),
        "x fill": _always("facilities.read", "facilities.answer"),
        "x reopen": _visiting("facilities.read", always=frozenset({"facilities.manage"})),
        "read": _always("facilities.read_national"),
    },
    "manage site users": {
        "x": _always("accounts.manage"),
        "site_lead x": _always("site.manage"),
        "audit_team x": _visiting("site.manage", always=frozenset({"accounts.manage"})),
    },
    # The rounds of the facilities audit are opened with facilities.manage, which has its row above.
    "approve sites and the like": {"x": _always("registrations.review", "periods.manage")},
    "technical settings": {"x": _always("system.manage")},
    "+ who opened records": {
        "x": _always("records.reads"),
        "audit_team x": _visiting("records.reads"),
    },
    "+ erase identifiers": {"x": _visiting("records.erase")},
    "+ pseudonymised extract": {"x": _always("records.extract")},
    "+ API tokens": {"x": _always("tokens.manage")},
    "+ list of sites": {"x": _always("sites.read")},
    "+ visit a site": {"x": _always("sites.visit")},
    "+ national figures": {"x": _always("national.read")},
}


def word(row: str, role: Role) -> str:
    """Returns the word in a cell; blank where the role may not."""
    return _words()[row][role]


def cell(row: str, role: Role) -> Cell:
    """Returns what the table says about a role in a row."""
    said, meaning = word(row, role), MEANING[row]
    if not said:
        return NOTHING
    return meaning.get(f"{role} {said}") or meaning[said]


def rows() -> list[str]:
    """Returns the table's rows."""
    return list(_words())


def cells() -> Iterator[tuple[str, Role]]:
    """Yields every cell of the table: row and role."""
    yield from product(rows(), Role)


def rights_of_row(row: str) -> frozenset[str]:
    """Returns every right that a cell of the row can give."""
    found: frozenset[str] = frozenset()
    for one in MEANING[row].values():
        found |= one.always | one.visiting | frozenset((one.granted or {}).values())
    return found


def _words() -> dict[str, dict[Role, str]]:
    lines = [[part.strip() for part in line.split("|")] for line in TABLE.strip().splitlines()]
    heads = [Role(name) for name in lines[0][1:]]
    return {line[0]: dict(zip(heads, line[1:], strict=True)) for line in lines[1:]}


def rights_of(
    role: Role, grants: frozenset[Grant] = frozenset(), *, visiting: bool = False
) -> frozenset[str]:
    """Returns every right that the table gives to somebody, at a site that takes part in all."""
    found: frozenset[str] = frozenset()
    for row in rows():
        one = cell(row, role)
        found |= one.always | (one.visiting if visiting else frozenset())
        found |= {right for grant, right in (one.granted or {}).items() if grant in grants}
    return found

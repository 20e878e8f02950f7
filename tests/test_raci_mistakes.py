"""Each mistake in a RACI chart, in a deal file or in a table beside it, with its whole message, place and hint."""

from __future__ import annotations

import pytest
from test_raci_tables import problems, read_deal, remarks, shown

ROLES = "roles: {Potter: Quarry Hill, Barista: Tin Roof}"
TASKS = "tasks: {Bake: {Potter: A/R, Barista: C}}"
TABLE = "Task,Quarry Hill,Tin Roof\nBake,A/R,C\n"

# The table beside the deal file ("" for none), what stands below "raci:", and what is said; hints are indented.
MISTAKES = {
    "a deal file has no marks of its own": (
        "",
        "letters: {x: C}, ROLES, TASKS",
        """
deal.yaml:15:17: raci.letters: only a table has marks of its own
    delete the line, or name the table: table: tasks.csv
""",
    ),
    "tasks in the table and beside it": (
        TABLE,
        "table: chart.csv, TASKS",
        """
deal.yaml:15:33: raci.table: the tasks stand in the table already
    keep the table, or the tasks in the deal file; roles: beside a table says whose its roles are
""",
    ),
    "a list in the place of a table": (
        TABLE,
        "table: [chart.csv]",
        """
deal.yaml:15:15: raci.table: the name of a table belongs here
    write it like tasks.csv
""",
    ),
    "no name of a table": (
        TABLE,
        "table: ",
        """
deal.yaml:15:15: raci.table: the name of a table belongs here
    write it like tasks.csv
""",
    ),
    "a table of another kind": (
        TABLE,
        "table: chart.txt",
        """
deal.yaml:15:15: raci: "chart.txt" is not a table beside the deal file
    name a .csv or .xlsx file beside the deal file, or write roles: and tasks: in lines below
""",
    ),
    "a table in another folder": (
        TABLE,
        "table: sub/chart.csv",
        """
deal.yaml:15:15: raci: "sub/chart.csv" is not a table beside the deal file
    name a .csv or .xlsx file beside the deal file, or write roles: and tasks: in lines below
""",
    ),
    "a mistake in a table": (
        "Task,Quarry Hill,Tin Roof\nBake,A/R,zz\n",
        "table: chart.csv",
        """
chart.csv:C2: raci.tasks.Bake.Tin Roof: "zz" is not one of the letters R, A, C, I
    write R (does the work), A (approves it), A/R for both, C (is consulted) or I (is informed)
""",
    ),
    "a list of roles and a text for tasks": (
        "",
        "roles: [Potter], tasks: bake",
        """
deal.yaml:15:15: raci.roles: a line for each one belongs here
    as in "Account lead: Quarry Hill"
deal.yaml:15:32: raci.tasks: a line for each one belongs here
    as in "Log each lead: {Account lead: A/R}"
""",
    ),
    "roles that are empty": (
        "",
        "roles: , TASKS",
        """
deal.yaml:15:7: raci.roles: this is missing
    add "roles:" and below it a line for each, as in "Account lead: Quarry Hill"; or name a table: raci: tasks.csv
""",
    ),
    "no tasks": (
        "",
        "ROLES",
        """
deal.yaml:15:7: raci.tasks: this is missing
    add "tasks:" and below it a line for each, as in "Log each lead: {Account lead: A/R}"; or name a table: raci: tasks.csv
""",
    ),
    "no role and no task": (
        "",
        "roles: {}, tasks: {}",
        """
deal.yaml:15:15: raci.roles: there are no roles
    name who works on it, each with the party, as in Account lead: Quarry Hill
deal.yaml:15:26: raci.tasks: there are no tasks
    add a line for each task
""",
    ),
    "a list of roles beside a table": (
        TABLE,
        "table: chart.csv, roles: [Potter]",
        """
deal.yaml:15:33: raci.roles: a line for each role belongs here
    write it like {Account lead: Quarry Hill}
""",
    ),
    "a text of roles beside a table": (
        TABLE,
        "table: chart.csv, roles: Potter",
        """
deal.yaml:15:33: raci.roles: a line for each role belongs here
    write it like {Account lead: Quarry Hill}
""",
    ),
    "a list of marks": (
        TABLE,
        "table: chart.csv, letters: [x]",
        """
deal.yaml:15:35: raci.letters: a letter for each mark belongs here
    write it like {x: C}
""",
    ),
    "a text of marks": (
        TABLE,
        "table: chart.csv, letters: x",
        """
deal.yaml:15:35: raci.letters: a letter for each mark belongs here
    write it like {x: C}
""",
    ),
    "a list for one mark": (
        TABLE,
        "table: chart.csv, letters: {x: [C], y: C}",
        """
deal.yaml:15:39: raci.letters.x: one value belongs here
    write it in one line
""",
    ),
    "a list of parties for a role": (
        "",
        "roles: {Potter: [Quarry Hill], Barista: Tin Roof}, TASKS",
        """
deal.yaml:15:24: raci.roles.Potter: one party belongs here, not a list
    bind each role to one party
""",
    ),
    "what a role is not asked": (
        "",
        "roles: {Potter: {firm: Clay, party: Quarry Hill}, Barista: {party: [Tin Roof]}}, TASKS",
        """
deal.yaml:15:25: raci.roles.Potter: "firm" is not a fact we know here
    choose one of: party, person
deal.yaml:15:67: raci.roles.Barista: the role "Barista" is bound to no party
    say whose it is, as in "Barista: Quarry Hill"; "outside" means nobody of the parties
deal.yaml:15:75: raci.roles.Barista.party: one name belongs here
    write it in one line
""",
    ),
    "a role of nobody": (
        "",
        "roles: {Potter: {party: Quarry Hill, person: Max Orr}, Barista: {party: }}, TASKS",
        """
deal.yaml:15:80: raci.roles.Barista: the role "Barista" is bound to no party
    say whose it is, as in "Barista: Quarry Hill"; "outside" means nobody of the parties
""",
    ),
    "letters that are none": (
        "",
        "ROLES, tasks: {Bake: often, Brew: {letters: often}, Serve: {Potter: [A, R]}}",
        """
deal.yaml:15:71: raci.tasks.Bake: the letters of the roles belong here
    write a letter for each role, as in "Bake: {Potter: A/R}"
deal.yaml:15:78: raci.tasks.Brew: nobody approves "Brew" (no A)
    give one role the A: the role that answers for the result
deal.yaml:15:78: raci.tasks.Brew: nobody does "Brew" (no R)
    give a role the R
deal.yaml:15:94: raci.tasks.Brew.letters: the letters of the roles belong here
    write them like letters: {Account lead: A/R}
deal.yaml:15:102: raci.tasks.Serve: nobody approves "Serve" (no A)
    give one role the A: the role that answers for the result
deal.yaml:15:102: raci.tasks.Serve: nobody does "Serve" (no R)
    give a role the R
deal.yaml:15:118: raci.tasks.Serve.Potter: one value belongs here
    write it in one line
""",
    ),
    "lists in a task": (
        "",
        "ROLES, tasks: {Bake: {Potter: A/R, due: [2027-04-01], phase: {a: b}, carries out: [Shows the pots, [x]]}}",
        """
deal.yaml:15:90: raci.tasks.Bake.due: one value belongs here
    write it in one line
deal.yaml:15:111: raci.tasks.Bake.phase: one value belongs here
    write it in one line
deal.yaml:15:149: raci.tasks.Bake.carries out: one value belongs here
    write it in one line
""",
    ),
    "a role of 61 letters": (
        "",
        "roles: {" + 61 * "x" + ": Quarry Hill}, tasks: {Bake: {Potter: A/R}}",
        """
deal.yaml:15:16: raci.roles: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." has 61 characters; at most 60 fit
    shorten it
deal.yaml:15:108: raci.tasks.Bake: "Potter" is not one of the roles
""",
    ),
    "a role that stands twice": (
        "",
        "roles: {Potter: Quarry Hill, potter: Tin Roof}, tasks: {Bake: {Potter: A/R}}",
        """
deal.yaml:15:37: raci.roles.potter: the role "potter" stands twice
    keep one of them
""",
    ),
    "roles of parties that nobody knows": (
        "",
        "roles: {Potter: Quarry Hil, Barista: OUTSIDE, Owner: }, TASKS",
        """
deal.yaml:15:24: raci.roles.Potter: "Quarry Hil" is not the short name of a party
    did you mean "Quarry Hill"?
deal.yaml:15:61: raci.roles.Owner: the role "Owner" is bound to no party
    say whose it is, as in "Owner: Quarry Hill"; "outside" means nobody of the parties
""",
    ),
    "21 roles": (
        "",
        "roles: {" + ", ".join(f"R{n}: Tin Roof" for n in range(1, 22)) + "}, tasks: {Bake: {R1: A/R}}",
        """
deal.yaml:15:307: raci.roles: there are 21 roles, and at most 20 fit
    join some
""",
    ),
    "101 tasks": (
        "",
        "ROLES, tasks: {" + ", ".join(f"T{n}: {{Potter: A/R}}" for n in range(1, 102)) + "}",
        """
deal.yaml:15:2057: raci.tasks: there are 101 tasks, and at most 100 fit
    join some, or leave the small ones out
""",
    ),
    "a text that is no day": (
        "",
        "ROLES, tasks: {Bake: {Potter: A/R, due: soon}}",
        """
deal.yaml:15:90: raci.tasks.Bake.due: "soon" is not written in a way we read as a date
    write year-month-day, as in "2026-12-01"
""",
    ),
    "a responsibility that nobody has": (
        "",
        "ROLES, tasks: {Bake: {Potter: A/R, carries out: Shows the pot}}",
        """
deal.yaml:15:98: raci.tasks.Bake.carries out: "Shows the pot" is not a responsibility of the agreement
    did you mean "Shows the pots"?
""",
    ),
    "a mark that means no letter": (
        TABLE,
        "table: chart.csv, letters: {x: B}",
        """
deal.yaml:15:39: raci.letters.x: "B" is not one of the letters R, A, C, I
    write R (does the work), A (approves it), A/R for both, C (is consulted) or I (is informed), or "-" for nothing
""",
    ),
    "roles of no party in a table": (
        "Task,Potter,Barista,Cook\nBake,A/R,C,I\n",
        "table: chart.csv",
        """
chart.csv:B1: raci.roles: the roles "Potter", "Barista" and "Cook" are bound to no party
    say it in the deal file, as in "raci: {table: chart.csv, roles: {Potter: Quarry Hill, Barista: Tin Roof, ...}}", or in a row "Party" below the heads; "outside" means nobody of the parties
""",
    ),
    "roles of two strange parties": (
        "Task,Potter (Quarry),Barista (Roof)\nBake,A/R,C\n",
        "table: chart.csv",
        """
chart.csv:B1: raci.roles: the roles "Potter" and "Barista" are bound to no party: "Quarry", "Roof" are not the names of parties
    say it in the deal file, as in "raci: {table: chart.csv, roles: {Potter: Quarry Hill, Barista: Tin Roof}}", or in a row "Party" below the heads; "outside" means nobody of the parties
""",
    ),
    "roles of one strange party": (
        "Task,Potter (Quarry),It's a (Quarry)\nBake,A/R,C\n",
        "table: chart.csv",
        """
chart.csv:B1: raci.roles: the roles "Potter" and "It's a" are bound to no party: "Quarry" is not the name of a party
    say it in the deal file, as in "raci: {table: chart.csv, roles: {Potter: Quarry Hill, It's a: Tin Roof}}", or in a row "Party" below the heads; "outside" means nobody of the parties
""",
    ),
    "a role of a strange party": (
        "Task,Potter (Quarry)\nBake,A/R\n",
        "table: chart.csv",
        """
chart.csv:B1: raci.roles.Potter: "Quarry" is not the short name of a party
    did you mean "Quarry Hill"?
""",
    ),
    "a strange mark in five cells": (
        "Task,Quarry Hill,Tin Roof\n" + "".join(f"T{n},A/R,zz\n" for n in range(5)),
        "table: chart.csv",
        """
chart.csv:C2: raci.tasks.T0.Tin Roof: "zz" (in 5 cells: C2, C3, C4, C5, ...) is not one of the letters R, A, C, I
    write R (does the work), A (approves it), A/R for both, C (is consulted) or I (is informed); or say below "raci:" in the deal file what it means, as in letters: {"zz": C}
""",
    ),
    "a strange mark in four cells": (
        "Task,Quarry Hill,Tin Roof\n" + "".join(f"T{n},A/R,zz\n" for n in range(4)),
        "table: chart.csv",
        """
chart.csv:C2: raci.tasks.T0.Tin Roof: "zz" (in 4 cells: C2, C3, C4, C5) is not one of the letters R, A, C, I
    write R (does the work), A (approves it), A/R for both, C (is consulted) or I (is informed); or say below "raci:" in the deal file what it means, as in letters: {"zz": C}
""",
    ),
}


def in_braces(raci: str) -> str:
    return "raci: {" + raci.replace("ROLES", ROLES).replace("TASKS", TASKS) + "}"


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_these_words(name: str) -> None:
    table, raci, said = MISTAKES[name]
    told = [problem.replace("\n  hint: ", "\n    ") for problem in problems(table, in_braces(raci))]
    assert "\n".join(told) == said.strip()


@pytest.mark.parametrize(
    ("table", "raci", "roles", "tasks"),
    [
        (TABLE, "table: chart.csv, roles: , letters: ", ["Quarry Hill=Quarry Hill", "Tin Roof=Tin Roof"], ["Bake: A/R C"]),
        ("", "ROLES, tasks: {Bake: {Potter: , Barista: A/R}}", ["Potter=Quarry Hill", "Barista=Tin Roof"], ["Bake: . A/R"]),
        ("", "roles: {" + 60 * "x" + ": OUTSIDE, Owner: Tin Roof}, tasks: {Bake: {Owner: A/R}}",
         ["Owner=Tin Roof", 60 * "x" + "=outside"], ["Bake: A/R ."]),
        ("", "roles: {" + ", ".join(f"R{n}: Tin Roof" for n in range(1, 21)) + "}, tasks: {Bake: {R1: A/R}}",
         [f"R{n}=Tin Roof" for n in range(1, 21)], ["Bake: A/R" + 19 * " ."]),
        ("", "ROLES, tasks: {" + ", ".join(f"T{n}: {{Potter: A/R}}" for n in range(1, 101)) + "}",
         ["Potter=Quarry Hill", "Barista=Tin Roof"], [f"T{n}: A/R ." for n in range(1, 101)]),
    ],
)  # fmt: skip
def test_what_is_just_right_is_taken(table: str, raci: str, roles: list[str], tasks: list[str]) -> None:
    deal = read_deal(table, in_braces(raci))
    assert (shown(deal), remarks(deal)) == ((roles, tasks), [])


def test_a_mark_that_the_deal_file_explains_is_told_once_with_its_cells() -> None:
    table = "Task,Quarry Hill,Tin Roof\nBake,A/R,zz\nBrew,zz,A/R\n"
    deal = read_deal(table, "raci: {table: chart.csv, letters: {ZZ: c}}")
    assert shown(deal) == (["Quarry Hill=Quarry Hill", "Tin Roof=Tin Roof"], ["Bake: A/R C", "Brew: C A/R"])
    assert remarks(deal) == ['N raci-mark-read "zz" (in 2 cells: C2, B3) is read as C']

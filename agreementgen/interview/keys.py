"""Keys of drawn choices: what letters do there.

In a choice typed letters narrow the lines down; Enter takes none while no line has them, or several do and nobody has
chosen between them. Where a line asks for the answer once more, letters that no line has are that answer. In a check
list letters do nothing, and a word says so: whoever types a sentence must not tick boxes with its letters and spaces.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import questionary
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from questionary.prompts.common import InquirerControl

_NOTHING_FOUND = "No line has these letters; Enter takes them away."
_NEW_ANSWER = "No line has these letters; Enter takes them as your answer."
_SEVERAL_FOUND = "Several lines have these letters: an arrow key, or more letters, choose one."
_LETTERS_TICK_NOTHING = "Letters tick nothing here: arrow keys choose a line, the space bar ticks it."


def _control_of(question: questionary.Question) -> InquirerControl:
    from questionary.prompts.common import InquirerControl

    controls = question.application.layout.find_all_controls()
    return next(control for control in controls if isinstance(control, InquirerControl))


def _show(control: InquirerControl, text: str) -> None:
    from prompt_toolkit.formatted_text import FormattedText

    message = FormattedText([("class:validation-toolbar", text)]) if text else None
    control.error_message = message  # type: ignore[assignment]


def _bindings_of(question: questionary.Question) -> KeyBindings:
    return question.application.key_bindings  # type: ignore[return-value]


def has_letters(question: questionary.Question) -> bool:
    """Return whether letters that narrow a choice down were typed; a check list has none."""
    return bool(_control_of(question).search_filter)


def refuse_lines_without_letters(
    question: questionary.Question, takes_text: bool = False, say: Callable[[str], str] = str
) -> None:
    """Let Enter take no line of a choice while the letters that were typed are in none, or in several.

    The only line that begins with them is pointed at. Arrow keys choose between several. Where no line has them, Enter
    takes the letters away: whoever typed a sentence need not delete it. With `takes_text` they are the answer. `say`
    puts words into those of the pack.
    """
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.keys import Keys
    from questionary import Choice

    control = _control_of(question)
    last, has_moved = ("", 0), False

    def find_fault() -> str:
        """Point at the line that was meant, or return why there is none."""
        nonlocal last, has_moved
        typed = (control.search_filter or "").lower()
        lines = [str(choice.title).lower() for choice in control.choices if typed in str(choice.title).lower()]
        if not typed or not lines:
            last = typed, 0
            return (_NEW_ANSWER if takes_text else _NOTHING_FOUND) if typed else ""
        begun = [at for at, line in enumerate(lines) if line.startswith(typed)]
        if typed != last[0]:
            # Every letter sets the pointer to the first line.
            has_moved = control.pointed_at != 0
            if len(begun) == 1 and not has_moved:
                control.pointed_at = begun[0]
        elif control.pointed_at != last[1]:
            has_moved = True
        last = typed, control.pointed_at
        return "" if has_moved or len(lines) == 1 or len(begun) == 1 else _SEVERAL_FOUND

    def keep_open(event: KeyPressEvent) -> None:
        fault, typed = find_fault(), str(control.search_filter or "").strip()
        if fault in (_NOTHING_FOUND, _NEW_ANSWER):
            control.search_filter, control.pointed_at = None, 0
        if fault == _NEW_ANSWER and typed:
            # It stays on the screen like a line that was chosen.
            control.choices.append(Choice(typed))
            control.pointed_at, control.is_answered = len(control.choices) - 1, True
            event.app.exit(result=typed)

    def remember(event: KeyPressEvent) -> None:
        key = event.key_sequence[0].key
        for char in event.data if key == Keys.BracketedPaste or len(key) == 1 else "":
            if char.isprintable():
                control.add_search_character(char)  # type: ignore[arg-type]

    bindings = _bindings_of(question)
    bindings.add(Keys.ControlM, eager=True, filter=Condition(lambda: bool(find_fault())))(keep_open)
    # Letters beyond ASCII, and what is pasted.
    bindings.add(Keys.Any)(remember)
    bindings.add(Keys.BracketedPaste, eager=True)(remember)
    question.application.before_render += lambda _: _show(control, say(find_fault()))


def refuse_letters(question: questionary.Question, say: Callable[[str], str] = str) -> None:
    """Let letters, and the spaces between them, tick nothing in a check list; `say` puts words into the pack's."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.keys import Keys

    control, bindings = _control_of(question), _bindings_of(question)
    typed: list[str] = []
    has_typed = Condition(lambda: bool(typed))

    def remember(event: KeyPressEvent) -> None:
        typed.append(event.data)

    def forget(event: KeyPressEvent) -> None:
        typed.clear()

    moves = [binding for binding in bindings.bindings if binding.keys in ((Keys.Up,), (Keys.Down,))]
    for character in set(string.printable) - set(string.whitespace):
        bindings.add(character, eager=True)(remember)
    bindings.add(Keys.Any, eager=True, filter=has_typed)(remember)
    bindings.add(" ", eager=True, filter=has_typed)(remember)
    # Enter behind a sentence was meant to end the sentence, not the question.
    for key in (Keys.ControlM, Keys.Backspace):
        bindings.add(key, eager=True, filter=has_typed)(forget)
    for move in moves:

        def forget_and_move(event: KeyPressEvent, call: object = move.handler) -> None:
            typed.clear()
            call(event)  # type: ignore[operator]

        bindings.add(*move.keys, eager=True, filter=has_typed)(forget_and_move)
    question.application.before_render += lambda _: _show(control, say(_LETTERS_TICK_NOTHING) if typed else "")


def limit_height(question: questionary.Question, rows: Callable[[], int]) -> None:
    """Let the lines of a choice take at most `rows`; more of them scroll, and a bar beside them says so."""
    from prompt_toolkit.layout.dimension import Dimension
    from prompt_toolkit.layout.margins import ScrollbarMargin

    control = _control_of(question)
    window = next(window for window in question.application.layout.find_all_windows() if window.content is control)
    window.height = lambda: Dimension(max=rows())
    if sum(str(choice.title).count("\n") + 1 for choice in control.choices) > rows():
        window.right_margins = [ScrollbarMargin(display_arrows=True)]


def let_typing_replace(question: questionary.Question) -> None:
    """Mark the text that stands in a prompt: typing replaces it, arrow keys change it."""
    from prompt_toolkit.selection import SelectionState

    def mark() -> None:
        buffer = question.application.current_buffer
        buffer.selection_state = SelectionState(original_cursor_position=0)
        buffer.selection_state.enter_shift_mode()
        buffer.cursor_position = len(buffer.text)

    question.application.pre_run_callables.append(mark)

"""Word files edited by LibreOffice itself, as the other side does: through its own API and commands, tracked or not.

A macro in a profile of its own does what a list of steps says; nothing but LibreOffice has to be installed. Each step is
a line with its parts behind tabs. Text that a step looks for must be there, or the step fails and says so.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from conftest import need

Step = tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """A file to edit: its steps, and whether changes are tracked ("" for not, "track", or "accept" and "reject" after)."""

    data: bytes
    steps: Sequence[Step]
    tracking: str = ""


# What a step does, by its first word. `at` is a text that stands in the paragraph, cell or row meant.
#   replace at new           the words `at` become `new`
#   retype at new            all that a cell or paragraph says becomes `new`
#   retype_body at new       the same, but for the heading of a clause: what ends with the first full stop
#   delete_row at            the row of the table
#   delete_paragraph at      the paragraph, with its end
#   add_paragraph at new     a paragraph behind it
#   split at                 the paragraph is divided before `at`
#   merge at                 the paragraph is joined with the next one
#   move at behind           the paragraph is cut, and pasted behind another
# LibreOffice without a screen ends where a remark is made (7.4), so there is no step for that.
_MACRO = r"""
Global doc As Object
Global wrong As String

Sub Run(jobs As String, report As String)
  Dim files As Object, stream As Object, parts As Variant, number As Integer
  files = createUnoService("com.sun.star.ucb.SimpleFileAccess")
  stream = createUnoService("com.sun.star.io.TextInputStream")
  stream.setInputStream(files.openFileRead(jobs))
  stream.setEncoding("UTF-8")
  number = FreeFile
  Open report For Output As #number
  Do While Not stream.isEOF()
    parts = Split(stream.readLine(), Chr(9))
    If UBound(parts) >= 0 Then
      wrong = ""
      On Error GoTo Failed
      TakeStep(parts)
Done:
      If wrong <> "" Then Print #number, parts(0) & ": " & wrong
    End If
  Loop
  Print #number, "done"
  Close #number
  StarDesktop.terminate()
  Exit Sub
Failed:
  wrong = Error$
  Resume Done
End Sub

Sub TakeStep(parts As Variant)
  Dim found As Object, cursor As Object, other As Object, mark As Object
  Select Case parts(0)
  Case "open"
    doc = StarDesktop.loadComponentFromURL(parts(1), "_blank", 0, Array(Named("Hidden", True)))
    Exit Sub
  Case "save"
    doc.storeToURL(parts(1), Array(Named("FilterName", "MS Word 2007 XML")))
    doc.close(True)
    Exit Sub
  Case "track"
    doc.RecordChanges = True
    Exit Sub
  Case "accept"
    Dispatch(".uno:AcceptAllTrackedChanges")
    Exit Sub
  Case "reject"
    Dispatch(".uno:RejectAllTrackedChanges")
    Exit Sub
  End Select
  found = FindText(parts(1))
  If IsNull(found) Then
    wrong = "not found: " & parts(1)
    Exit Sub
  End If
  cursor = found.Text.createTextCursorByRange(found)
  Select Case parts(0)
  Case "replace"
    found.String = parts(2)
  Case "retype"
    cursor.gotoStart(False)
    If Not IsEmpty(found.Cell) Then
      cursor.gotoEnd(True)
    Else
      cursor.gotoRange(found.Start, False)
      cursor.gotoStartOfParagraph(False)
      cursor.gotoEndOfParagraph(True)
    End If
    cursor.String = parts(2)
  Case "retype_body"
    cursor.gotoStartOfParagraph(False)
    cursor.gotoEndOfSentence(False)
    cursor.gotoEndOfParagraph(True)
    cursor.String = parts(2)
  Case "delete_row"
    doc.CurrentController.ViewCursor.gotoRange(found.Start, False)
    Dispatch(".uno:DeleteRows")
  Case "delete_paragraph"
    cursor.gotoStartOfParagraph(False)
    cursor.gotoEndOfParagraph(True)
    cursor.goRight(1, True)
    cursor.String = ""
  Case "add_paragraph"
    cursor.gotoEndOfParagraph(False)
    cursor.Text.insertControlCharacter(cursor, 0, False)
    cursor.Text.insertString(cursor, parts(2), False)
  Case "split"
    cursor.gotoRange(found.Start, False)
    cursor.Text.insertControlCharacter(cursor, 0, False)
  Case "merge"
    cursor.gotoEndOfParagraph(False)
    cursor.goRight(1, True)
    cursor.String = " "
  Case "move"
    cursor.gotoStartOfParagraph(False)
    cursor.gotoEndOfParagraph(True)
    cursor.goRight(1, True)
    doc.CurrentController.Select(cursor)
    Dispatch(".uno:Cut")
    other = FindText(parts(2))
    mark = other.Text.createTextCursorByRange(other)
    mark.gotoEndOfParagraph(False)
    mark.goRight(1, False)
    doc.CurrentController.ViewCursor.gotoRange(mark, False)
    Dispatch(".uno:Paste")
  Case Else
    wrong = "no such step"
  End Select
End Sub

Function FindText(words As String) As Object
  Dim search As Object
  search = doc.createSearchDescriptor()
  search.SearchString = words
  search.SearchCaseSensitive = True
  FindText = doc.findFirst(search)
End Function

Function Named(name As String, value As Variant) As Object
  Dim made As New com.sun.star.beans.PropertyValue
  made.Name = name
  made.Value = value
  Named = made
End Function

Sub Dispatch(command As String)
  Dim helper As Object
  helper = createUnoService("com.sun.star.frame.DispatchHelper")
  helper.executeDispatch(doc.CurrentController.Frame, command, "", 0, Array())
End Sub
"""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {0} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{1}">\n'
_LIBRARY = """<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false"><library:element library:name="Edits"/></library:library>"""
_MODULE = """<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edits"
 script:language="StarBasic">{}</script:module>"""


def edit_with_libreoffice(jobs: Mapping[str, Job], folder: Path) -> dict[str, bytes]:
    """Return the files of `jobs` as LibreOffice saves them after its steps; fail where a step finds nothing to do."""
    office, profile = need("soffice"), folder / "profile"
    basic = profile / "user" / "basic" / "Standard"
    start = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    if not basic.is_dir():
        # The first start makes the profile, and would write over a library that is there before it.
        subprocess.run([*start, "--terminate_after_init"], capture_output=True, timeout=120, check=False)
        basic.mkdir(parents=True, exist_ok=True)
        (basic / "script.xlb").write_text(_HEAD.format("library:library", "library.dtd") + _LIBRARY)
        (basic / "Edits.xba").write_text(
            _HEAD.format("script:module", "module.dtd") + _MODULE.format(escape(_MACRO)), encoding="utf-8"
        )
    lines = []
    for name, job in jobs.items():
        (folder / f"{name}-sent.docx").write_bytes(job.data)
        steps = [("open", (folder / f"{name}-sent.docx").as_uri()), *([("track",)] if job.tracking else [])]
        steps += job.steps
        steps += [(job.tracking,)] if job.tracking in ("accept", "reject") else []
        steps.append(("save", (folder / f"{name}-back.docx").as_uri()))
        lines += ["\t".join(step) for step in steps]
    # Its reader takes a line end at the end of the file for a part of the last line.
    (folder / "jobs.txt").write_text("\n".join(lines), encoding="utf-8")
    report = folder / "report.txt"
    macro = f'macro:///Standard.Edits.Run("{(folder / "jobs.txt").as_uri()}","{report}")'
    done = subprocess.run([*start, macro], capture_output=True, timeout=60 + 5 * len(jobs), check=False)
    assert report.is_file(), done.stderr
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert report.read_text() == "done\n", report.read_text()
    return {name: (folder / f"{name}-back.docx").read_bytes() for name in jobs}

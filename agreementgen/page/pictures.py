"""Pictures (PNG, JPEG) and fonts: whole, of the kind their name says, and not larger than a page needs.

The only home of Pillow; fontTools is asked here whether a font is one.
"""

from __future__ import annotations

import io
import logging
import warnings

from agreementgen.errors import Place, Problem

MOST_SIDE = 4_000
MOST_PIXELS = 40_000_000
_KINDS = {".png": "PNG", ".jpg": "JPEG"}
_TABLES = ("cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2")
# Glyphs that are pictures themselves.
_PICTURES = ("SVG ", "CBDT", "CBLC", "sbix", "EBDT", "COLR")


def picture(data: bytes, file: str) -> tuple[list[Problem], int]:
    """Return what is wrong with a picture (at most one problem), and how many pixels it has."""
    from PIL import Image, ImageFile

    kind = _KINDS[file[-4:].lower()]
    # WeasyPrint has Pillow fill up what is missing of a picture; here it must say so.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=[kind]) as image:
                width, height = image.size
                if max(width, height) > MOST_SIDE:
                    message = (
                        f"the picture is larger than {MOST_SIDE:,} by {MOST_SIDE:,} pixels: {width:,} by {height:,}"
                    )
                    return [Problem(message, "save it smaller", "", Place(file))], 0
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"the picture is larger than {MOST_SIDE:,} by {MOST_SIDE:,} pixels"
        return [Problem(message, "save it smaller", "", Place(file))], 0
    except Exception as error:  # whatever Pillow stumbles over, the picture is not one to print
        said = str(error).split("\n")[0][:100] or type(error).__name__
        said = "it is none, or another kind than its name says" if "cannot identify" in said else said
        return [Problem(f"the picture is not readable as {kind}: {said}", "save it anew", "", Place(file))], 0
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    return [], width * height


def font(data: bytes, file: str) -> list[Problem]:
    """Return what is wrong with a font: at most one problem."""
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        face = TTFont(io.BytesIO(data), lazy=True)
        if face.flavor:
            return [_unfit(f"it is packed ({face.flavor})", file)]
        missing = [table for table in _TABLES if table not in face]
        if missing or not ("glyf" in face or "CFF " in face or "CFF2" in face):
            return [_unfit(f"a part of it is missing ({missing[0] if missing else 'glyf'})", file)]
        pictured = [table for table in _PICTURES if table in face]
        if pictured:
            return [_unfit(f"its letters are pictures ({pictured[0].strip()})", file)]
        if not face.getBestCmap() or not 16 <= face["head"].unitsPerEm <= 16_384 or not face["hmtx"].metrics:
            return [_unfit("it has no letters", file)]
    except Exception as error:  # whatever fontTools stumbles over, the font is not one to print with
        return [_unfit(str(error).split("\n")[0][:100] or type(error).__name__, file)]
    return []


def _unfit(why: str, file: str) -> Problem:
    return Problem(f"this is no font to print with: {why}", "use a TrueType or OpenType font", "", Place(file))

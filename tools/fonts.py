"""Make the fonts that papers are set in: Noto Sans for Hong Kong and for the Mainland, cut to what Chinese offices write.

    python tools/fonts.py            # writes src/twoparks/site/paper/fonts/*.otf
    python tools/fonts.py --check    # says which characters of our own words the fonts there lack

The sources are the collections of Debian's package fonts-noto-cjk (Noto Sans CJK, SIL Open Font License 1.1). Each face
holds Latin, Greek, punctuation and every character of our catalogues, packs and zone, and besides

* HK Regular: Big5 and HKSCS;  SC Regular: GB 2312, and what HK Regular lacks of the unified ideographs and their
  extension A, so that the two together hold GBK as well and the characters of names that came into use later;
* HK Bold: the first level of Big5;  SC Bold: the first level of GB 2312 (bold words are ours; a rarer character among
  them falls back to Regular).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "twoparks"
FOLDER = SOURCE / "site" / "paper" / "fonts"
COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
FACES = {"HK": 4, "SC": 2}  # number of the face within the collection
RANGES = (  # Latin, Greek, punctuation, currency, letter-like, arrows, mathematics, CJK punctuation, full-width forms
    (0x20, 0x7F),
    (0xA0, 0x180),
    (0x370, 0x400),
    (0x2000, 0x2070),
    (0x20A0, 0x20C0),
    (0x2100, 0x2400),
    (0x3000, 0x3040),
    (0xFF00, 0xFFF0),
)


def main() -> int:
    """Make the four fonts, or check them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    if parser.parse_args().check:
        missing = sorted(own_characters() - covered(("HK", "SC"), "Regular"))
        print(
            "missing: " + " ".join(f"{c} U+{ord(c):04X}" for c in missing)
            if missing
            else "nothing is missing"
        )
        return 1 if missing else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for (face, weight), wanted in plan().items():
        path = make(face, weight, wanted)
        print(f"{path.relative_to(ROOT)}: {len(wanted)} characters asked for, {path.stat().st_size:,} bytes")
    return 0


def plan() -> dict[tuple[str, str], set[str]]:
    """The characters each font is to hold, by face and weight."""
    always = {chr(code) for first, end in RANGES for code in range(first, end)} | own_characters()
    hong_kong = charset("big5") | charset("big5hkscs")
    unified = {chr(code) for first, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for code in range(first, end)}
    return {
        ("HK", "Regular"): always | hong_kong,
        ("SC", "Regular"): always | charset("gb2312") | ((unified | charset("gbk")) - hong_kong),
        ("HK", "Bold"): always | first_level("big5", 0xA440, 0xC67E),
        ("SC", "Bold"): always | first_level("gb2312", 0xB0A1, 0xD7F9),
    }


def own_characters() -> set[str]:
    """Every character of our catalogues, packs and zone."""
    files = [
        *SOURCE.glob("site/locale/*/LC_MESSAGES/*.po"),
        *SOURCE.glob("packs/**/*.yaml"),
        *SOURCE.glob("site/zones/*.yaml"),
        *SOURCE.glob("site/demonstration/*.yaml"),
    ]
    return {c for path in files for c in path.read_text(encoding="utf-8") if c.isprintable()}


def charset(codec: str) -> set[str]:
    """Every character beyond ASCII that a coded character set holds."""
    return {chr(code) for code in range(0x80, 0x30000) if _encodes(chr(code), codec)}


def first_level(codec: str, first: int, last: int) -> set[str]:
    """The characters in frequent use, with which a coded character set begins."""
    return {c for c in charset(codec) if first <= int.from_bytes(c.encode(codec), "big") <= last}


def covered(faces: Iterable[str], weight: str) -> set[str]:
    """The characters that these fonts hold together."""
    return {chr(code) for face in faces for code in TTFont(path_of(face, weight)).getBestCmap()}


def path_of(face: str, weight: str) -> Path:
    """Where a font of ours stands."""
    return FOLDER / f"NotoSans{face}-{weight}.otf"


def make(face: str, weight: str, wanted: set[str]) -> Path:
    """Cut one font out of its collection, call it by its own family and write it."""
    options = Options()
    options.font_number = FACES[face]
    options.layout_features = ["ccmp", "kern", "locl"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]
    options.recalc_timestamp = False
    font = load_font(str(COLLECTIONS / f"NotoSansCJK-{weight}.ttc"), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in wanted])
    subsetter.subset(font)
    _name(font, face, weight)
    save_font(font, str(path_of(face, weight)), options)
    return path_of(face, weight)


def _name(font: TTFont, face: str, weight: str) -> None:
    family = f"Noto Sans {face}"
    for record in list(font["name"].names):
        if (
            record.nameID not in {0, 5, 7, 8, 9, 11, 13, 14}
            or record.platformID != 3
            or record.langID != 0x409
        ):
            font["name"].removeNames(record.nameID, record.platformID, record.platEncID, record.langID)
    names = {
        1: family,
        2: weight,
        3: f"{family} {weight}, cut for TwoParks",
        4: f"{family} {weight}",
        6: f"NotoSans{face}-{weight}",
    }
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [names[6]]
    cff.topDictIndex[0].FamilyName, cff.topDictIndex[0].FullName = family, names[4]


def _encodes(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())

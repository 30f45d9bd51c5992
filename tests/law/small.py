"""A small zone for tests of the engine: its own vocabulary and whatever provisions a test writes."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

from twoparks.law.zone import Zone

VOCABULARY = """
version: 1
outcomes: {clear: c, conditional: c, forbidden: f, refer: r, unknown: u}
places: [here, there]
facts:
  common:
    - {name: flow, type: enum, values: [goods, people], meaning: what moves}
    - {name: crosses, type: enum, values: [out, in], meaning: direction}
    - {name: "on", type: date, meaning: day}
    - {name: held, type: set, values: measures, meaning: held}
    - {name: sought, type: set, values: measures, meaning: sought}
  goods:
    - {name: kind, type: enum, values: [box, barrel, animal], meaning: kind}
    - {name: marks, type: set, values: [red, green, blue], meaning: marks}
    - {name: fragile, type: bool, meaning: fragile}
    - {name: alive, type: bool, meaning: alive}
    - {name: mass_g, type: int, unit: grams, meaning: mass}
    - {name: share, type: int, unit: percent, meaning: share}
    - {name: packed_on, type: date, nullable: true, meaning: day packed}
  people:
    - {name: age, type: int, unit: years, meaning: age}
results:
  - {key: fee, type: money, unit: cents, flow: goods, meaning: fee}
  - {key: file_by, type: date, flow: goods, meaning: last day}
measure_terms:
  - {key: authority, type: authority, meaning: who}
  - {key: decision_working_days, type: int, meaning: days}
authorities: {post: Post, gate: Gate, party: own act}
measures:
  - {key: stamp, kind: step, bank: ml, flow: goods, authority: post, meaning: stamp}
  - {key: seal, kind: step, bank: ml, flow: goods, authority: [post, gate], meaning: seal}
  - {key: notice, kind: duty, bank: ml, flow: goods, authority: party, meaning: notice}
  - {key: fast_lane, kind: route, bank: ml, flow: goods, authority: gate, meaning: lane}
  - {key: paper, kind: step, bank: hk, flow: goods, authority: gate, meaning: paper}
"""

SAYS = "{en: x, zh-Hant: 甲, zh-Hans: 甲}"


def provision(name: str, when: str, effect: str, more: str = "") -> str:
    """One provision as YAML, in force always, confidence V unless `more` says otherwise."""
    sure = "" if "confidence:" in more else "confidence: V, "
    extra = f", {more}" if more else ""
    return f"- {{id: {name}, article: 1, when: '{when}', {effect}, {sure}says: {SAYS}{extra}}}"


def instrument(provisions: list[str], *, key: str = "act", status: str = "in_force", bank: str = "ml") -> str:
    """An instrument with these provisions."""
    head = f"""
    - key: {key}
      title: {SAYS}
      issuer: {SAYS}
      source: https://example.org
      status: {status}
      bank: {bank}
      flow: goods
      crosses: [out]
      provisions:
    """
    return dedent(head).strip() + "\n" + indent("\n".join(provisions), "    ")


def zone(
    folder: Path, *provisions: str, more: str = "", instruments: list[str] | None = None, questions: str = ""
) -> Zone:
    """A zone whose only pack is written here."""
    (folder / "questions").mkdir(exist_ok=True)
    (folder / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    listed = instruments if instruments is not None else [instrument(list(provisions))]
    pack = "bank: ml\ninstruments:\n" + indent("\n".join(listed), "  ") + "\n" + dedent(more)
    (folder / "pack.yaml").write_text(pack, encoding="utf-8")
    if questions:
        (folder / "questions" / "goods.yaml").write_text(dedent(questions), encoding="utf-8")
    return Zone.read(folder)


def case(**facts: object) -> dict[str, object]:
    """A movement of goods out, with these facts."""
    return {"flow": "goods", "crosses": "out", "on": "2026-01-15", **facts}

"""What a number counts: a unit of measure with its SI value, money, percent, people, materiel, or another noun.

Factors are pint's; its registry loads with the first unit met, since most articles have none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from extractor.claims import QuantityKind
from extractor.normalise.late import late

if TYPE_CHECKING:
    import pint

_LENGTHS: Final = {
    "kilometer": "kilometer", "kilometre": "kilometer", "km": "kilometer", "kms": "kilometer", "mile": "mile", "meter": "meter",
    "metre": "meter", "nautical mile": "nautical_mile", "foot": "foot", "feet": "foot", "yard": "yard", "inch": "inch", "inches": "inch",
    "centimeter": "centimeter", "centimetre": "centimeter", "cm": "centimeter",
}  # fmt: skip
_WRITTEN: Final = {
    **_LENGTHS,
    **{f"{lead} {name}": f"{unit} ** 2" for lead in ("square", "sq", "sq.") for name, unit in _LENGTHS.items()},
    "km2": "kilometer ** 2", "km\u00b2": "kilometer ** 2", "hectare": "hectare", "ha": "hectare", "acre": "acre",
    "metric ton": "metric_ton", "metric tonne": "metric_ton", "tonne": "metric_ton", "ton": "metric_ton", "kilogram": "kilogram",
    "kilo": "kilogram", "kg": "kilogram", "gram": "gram", "ounce": "ounce", "cubic meter": "meter ** 3", "cubic metre": "meter ** 3",
    "cubic kilometer": "kilometer ** 3", "liter": "liter", "litre": "liter", "gallon": "gallon", "barrel": "oil_barrel",
    "kilometers per hour": "kilometer / hour", "kilometres per hour": "kilometer / hour", "km/h": "kilometer / hour", "kph": "kilometer / hour",
    "miles per hour": "mile / hour", "mph": "mile / hour", "knot": "knot", "megawatt": "megawatt", "gigawatt": "gigawatt",
    "kilowatt": "kilowatt", "mw": "megawatt", "gw": "gigawatt", "kiloton": "kiloton_TNT",
    "degrees celsius": "degC", "\u00b0c": "degC", "degrees fahrenheit": "degF", "\u00b0f": "degF",
}  # fmt: skip
"""Units as news writes them, singular, and their names in pint. A bare "ton" is taken for the metric one."""

_SI: Final = ("m", "m^2", "m^3", "kg", "m/s", "W", "J", "K")

_SIGNS: Final = "$\u20ac\u00a3\u00a5\u20b4\u20bd\u20b9"
_COUNTRIES: Final = ("US", "A", "C", "NZ", "HK", "S")
_CODES: Final = ("USD", "EUR", "GBP", "UAH", "RUB", "CHF", "JPY")
CURRENCY_BEFORE: Final = rf"(?:{'|'.join(_COUNTRIES)})?[{_SIGNS}]\s?|\b(?:{'|'.join(_CODES)})\s"
CURRENCY_STARTS: Final = (*_SIGNS, *(f"{country}{sign}" for country in _COUNTRIES for sign in _SIGNS), *_CODES)
"""What ``CURRENCY_BEFORE`` can begin with."""
_MONEY: Final = (
    r"(?:U\.?S\.?\s|Australian\s|Canadian\s)?(?:dollars?|euros?|pounds? sterling|hryvnias?|hryvnia|rubles?|roubles?|yen|yuan|rupees?|francs?|pesos?|cents?)"
    rf"|(?:{'|'.join(_CODES)})\b"
)
_PERCENT: Final = r"%|\bper\s?cent\b|\bpct\b|\bpercentage points?"
_NAMES: Final = "|".join(re.escape(name) for name in sorted(_WRITTEN, key=len, reverse=True))
_AFTER: Final = late(
    rf"\s*(?:(?P<percent>{_PERCENT})|(?P<money>{_MONEY})\b|(?<=[\d\w.])[\s-]?(?P<unit>(?:{_NAMES}))(?:s|es)?(?![\w/]))", re.IGNORECASE
)

_PEOPLE: Final = late(
    r"\b(?:people|persons?|m[ae]n|wom[ae]n|child(?:ren)?|civilians?|residents?|inhabitants?|locals?|villagers?|troops?|soldiers?|fighters?|servicem[ae]n"
    r"|personnel|militants?|rebels?|insurgents?|terrorists?|militiamen|gunm[ae]n|officers?|commanders?|leaders?|police(?:m[ae]n)?|guards?|officials?"
    r"|passengers?|crew|sailors?|pilots?|workers?|employees|miners?|peasants?|farmers?|students?|pupils?|teachers?|priests?|jesuits?|clergym[ae]n|nuns?"
    r"|journalists?|reporters?|doctors?|medics?|patients?|prisoners?|detainees?|hostages?|captives?|refugees?|migrants?|victims?|casualties|casualty"
    r"|fatalit(?:y|ies)|deaths?|dead|wounded|injured|injuries|killed|missing|families|family|relatives|protesters?|demonstrators?|voters?|boys?|girls?"
    r"|bodies|corpses?|citizens?|members?|suspects?|combatants?|mercenar(?:y|ies)|volunteers?|recruits?|conscripts?|reservists?|marines?|paratroopers?"
    r"|infantrym[ae]n|displaced|survivors?|tourists?|lives|deportees|judges?|lawyers?|employee|drivers?|others|teenagers?|infants?|babies|elderly|foreigners"
    r"|attackers?|assailants?|bombers?|guerrillas?|bodyguards?|escorts?|assistants?|minors?|informers?)\b",
    re.IGNORECASE,
)
_MATERIEL: Final = late(
    r"\b(?:tanks?|vehicles?|trucks?|lorr(?:y|ies)|cars?|buses|bus|artillery|guns?|howitzers?|mortars?|missiles?|rockets?|drones?|uavs?|aircraft|planes?|jets?"
    r"|helicopters?|warplanes?|fighter jets?|bombers? aircraft|ships?|boats?|vessels?|cutters?|submarines?|frigates?|warships?|launchers?|systems?|radars?"
    r"|apvs?|apcs?|acvs?|mlrs|carriers?|armou?r|equipment|weapons?|rifles?|munitions?|ammunition|shells?|bombs?|depots?|batter(?:y|ies)|pieces|units of"
    r"|locomotives?|trains?|tankers?|bridges?|grenades?|mines|explosives|cartridges|stations?)\b",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure, money or percent behind a number.

    Attributes:
        end: One past its last code point.
        kind: ``percent``, ``money`` or ``measure``.
        name: pint's name of a unit of measure; empty otherwise.
    """

    end: int
    kind: QuantityKind
    name: str = ""


def after(text: str, end: int) -> Unit | None:
    """Return the unit that stands right behind a number which ends at ``end``, or None."""
    found = _AFTER.match(text, end)
    if found is None or "\n" in found[0]:
        return None
    if found["percent"]:
        return Unit(found.end(), "percent")
    if found["money"]:
        return Unit(found.end(), "money")
    word = found["unit"].lower()
    return Unit(found.end(), "measure", _WRITTEN[word])


def same_dimension(one: str, other: str) -> bool:
    """Return whether two units, by their names in pint, convert into each other."""
    return bool(_registry().Unit(one).is_compatible_with(other))


def to_si(value: float, name: str) -> tuple[float, str] | None:
    """Return ``value`` of the unit ``name`` in SI, and the SI unit, or None where the table has none for its dimension.

    Args:
        value: How many of the unit.
        name: The unit's name in pint, as ``after`` returns it.
    """
    unit = _registry().Unit(name)
    target = next((si for si in _SI if unit.is_compatible_with(si)), None)
    if target is None:
        return None
    return float(f"{_registry().Quantity(value, unit).to(target).magnitude:.10g}"), target


def kind_of(noun: str) -> QuantityKind | None:
    """Return whether a counted noun names people or materiel; None where its words do not tell.

    The last word that tells decides, since English puts the head last: "tank crew members" are people.
    """
    head = re.split(r"\b(?:of|from|in|at|with|who|that)\b", noun, maxsplit=1)[0] or noun
    people = [found.end() for found in _PEOPLE.finditer(head)]
    things = [found.end() for found in _MATERIEL.finditer(head)]
    if not people and not things:
        return kind_of(noun[len(head) :].strip().partition(" ")[2]) if head != noun else None
    return "people" if max(people, default=-1) > max(things, default=-1) else "materiel"


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    import pint  # a third of a second, which only articles with measures pay

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)

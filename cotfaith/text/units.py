"""The unit behind a number, in one spelling: "km" for "kilometres", "$" for "dollars", "m2" for "square metres".

Only units in the table are known. Another word behind a number ("12 apples") says what is counted, and no table can say which
of these words mean the same, so such a word is not compared.
"""

from __future__ import annotations

import re

from cotfaith.text.words import phrases

# Of each unit its spellings. Those of one letter are read in this case only.
_UNITS = {
    "mm": "mm | millimetre | millimetres | millimeter | millimeters",
    "cm": "cm | centimetre | centimetres | centimeter | centimeters",
    "m": "m | metre | metres | meter | meters",
    "km": "km | kms | kilometre | kilometres | kilometer | kilometers",
    "inch": "inch | inches",
    "ft": "ft | foot | feet",
    "yd": "yd | yds | yard | yards",
    "mile": "mi | mile | miles",
    "mg": "mg | milligram | milligrams",
    "g": "g | gram | grams | gramme | grammes",
    "kg": "kg | kgs | kilo | kilos | kilogram | kilograms | kilogramme | kilogrammes",
    "t": "t | tonne | tonnes",
    "oz": "oz | ounce | ounces",
    "lb": "lb | lbs | pound | pounds",
    "ml": "ml | millilitre | millilitres | milliliter | milliliters",
    "l": "l | L | litre | litres | liter | liters",
    "gal": "gal | gallon | gallons",
    "cup": "cup | cups",
    "ms": "ms | millisecond | milliseconds",
    "s": "s | sec | secs | second | seconds",
    "min": "min | mins | minute | minutes",
    "h": "h | hr | hrs | hour | hours",
    "day": "d | day | days",
    "week": "wk | wks | week | weeks",
    "month": "month | months",
    "year": "yr | yrs | year | years",
    "$": "$ | US$ | USD | dollar | dollars | bucks",
    "cent": "¢ | cent | cents",
    "€": "€ | EUR | euro | euros",
    "£": "£ | GBP | pound | pounds",
    "penny": "penny | pence",
    "¥": "¥ | JPY | yen",
    "₹": "₹ | Rs | rupee | rupees",
    "CHF": "CHF | franc | francs",
    "%": "% | percent | per cent",
    "‰": "‰ | per mille",
    "°C": "°C | C | Celsius | degree Celsius | degrees Celsius | degrees C | ° | degree | degrees",
    "°F": "°F | F | Fahrenheit | degree Fahrenheit | degrees Fahrenheit | degrees F | ° | degree | degrees",
    "°": "° | degree | degrees",
    "K": "K | kelvin | kelvins",
    "rad": "rad | radian | radians",
    "W": "W | watt | watts",
    "kW": "kW | kilowatt | kilowatts",
    "J": "J | joule | joules",
    "kJ": "kJ | kilojoule | kilojoules",
    "cal": "cal | calorie | calories",
    "kcal": "kcal | kilocalorie | kilocalories",
    "N": "N | newton | newtons",
    "V": "V | volt | volts",
    "A": "A | ampere | amperes | amps",
    "Hz": "Hz | hertz",
    "KB": "KB | kB | kilobyte | kilobytes",
    "MB": "MB | megabyte | megabytes",
    "GB": "GB | gigabyte | gigabytes",
    "TB": "TB | terabyte | terabytes",
    "mph": "mph",
}


def _key(spelling: str) -> str:
    """`spelling` without its case, unless it is a single letter."""
    return spelling if len(spelling) == 1 else " ".join(spelling.casefold().split())


_SPELLINGS = [(spelling.strip(), unit) for unit, spellings in _UNITS.items() for spelling in spellings.split("|")]
_LETTERS = {spelling for spelling, _ in _SPELLINGS if len(spelling) == 1 and spelling.isalpha()}
_KNOWN: dict[str, frozenset[str]] = {}
for _spelling, _one_unit in _SPELLINGS:
    _KNOWN[_key(_spelling)] = _KNOWN.get(_key(_spelling), frozenset()) | {_one_unit}
_ONE = rf"(?:{phrases(*(spelling for spelling, _ in _SPELLINGS if spelling not in _LETTERS))}|(?-i:[{''.join(sorted(_LETTERS))}]))(?![^\W\d_²³])"
_UNIT = re.compile(
    rf"[\s-]?(?:(?P<square>square|sq\.?)\s|(?P<cubic>cubic|cu\.?)\s)?(?P<unit>{_ONE}|in(?=[.)]?\s*(?:$|[,;.!)\n])))"
    rf"(?:\s?(?:\^?(?P<power>[23²³])(?!\d)))?(?:\s?(?:/|per|an?|each|every)\s?(?P<per>{_ONE}))?",
    re.IGNORECASE,
)
Unit = frozenset[tuple[str, str]]  # what a spelling may mean: the unit with its power, and the unit that it is divided by
NO_UNIT: Unit = frozenset()
_SHORT = "short"


def short(letter: str) -> Unit:
    """What a `letter` right behind a number may mean besides a thousand or a million: "10k" may be 10 km, "5M" 5 m."""
    return frozenset({(letter.casefold(), _SHORT)})


def unit(text: str) -> Unit:
    """The unit that `text` begins with; `NO_UNIT` where none of the table does."""
    found = _UNIT.match(text)
    if found is None:
        return NO_UNIT
    power = "2" if found["square"] else "3" if found["cubic"] else (found["power"] or "").translate({0xB2: "2", 0xB3: "3"})
    per = _known(found["per"]) if found["per"] else frozenset({""})
    return frozenset((f"{one}{power}", other) for one in _known(found["unit"]) for other in per)


def alike(one: Unit, other: Unit) -> bool:
    """Whether two units may be the same. A rate is like its own unit ("$18 a day" is "$18"), and no unit is like any."""
    letters = {letter for letter, kind in one if kind == _SHORT}
    if letters:
        return not any(known in _UNITS and known.casefold().startswith(letter) for known, _ in other for letter in letters)
    pairs = ((first, second) for first in one for second in other)
    return not one or not other or any(a == c and (b == d or not b or not d) for (a, b), (c, d) in pairs)


def _known(spelling: str) -> frozenset[str]:
    plain = " ".join(spelling.split())
    if plain.casefold() == "in":
        return frozenset({"inch"})
    return _KNOWN[_key(plain)]

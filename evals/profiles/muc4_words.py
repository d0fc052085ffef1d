"""Words of violence in news (muc4): what types of incident there are, who and what may have a part in one, and where that is told.

Tables and the patterns made of them; ``muc4_phrases`` looks them up. They are words of the language, not names of the data set: its
articles are in capitals, so case tells nothing, and a phrase is known by its last noun and by the words that end it.
"""

from __future__ import annotations

import re
from typing import Final

TYPES: Final[dict[str, str]] = {
    "kidnapping": r"kidnap\w*|abduct\w*|hostages?",
    "arson": r"arson\w*|burn(?:ed|ing|t)?|set (?:\w+ ){0,4}(?:on fire|fire|ablaze|afire)|torched|fire-?bomb\w*",
    "robbery": r"robb(?:ed|ery|eries|ing)|stole|stolen|steal\w*|loot(?:ed|ing)",
    "bombing": r"(?:car-?)?bomb(?:s|ed|ing|ings)?|dynamit\w*|explo(?:de[sd]?|ding|sions?|sives?)|detonat\w*|bl[eo]wn? up|blasts?"
    r"|grenades?|rockets?",
    "attack": r"kill(?:ed|ing|ings|s|ers?)?|murder\w*|assassin\w*|slain|slay\w*|massacr\w*|execut(?:ed|ions?)|attack(?:s|ed|ing)?|ambush\w*"
    r"|shot|shooting|gunned|machine-?gunned|wound(?:ed|ing)|injur(?:ed|ing|ies)|deaths?|died|dead|tortur\w*|sabotag\w*|destroy(?:ed|ing)"
    r"|damag(?:ed|ing)|strafed|fired",
}
"""Types of incident and the words that tell of one; of several in a sentence the first is the likeliest."""

FIGHTERS: Final = frozenset(
    "guerrillas guerillas rebels terrorists commando commandos commandoes gunman gunmen assassin assassins attackers assailants"
    " extremists subversives kidnappers murderers killers hitman hitmen narcoterrorists narco-terrorists traffickers insurgents"
    " militiamen individuals individual mercenaries criminals sharpshooters snipers sappers troops patrol column elements suspects"
    " group groups gang bandits perpetrators vandals squad squads subjects unit units someone soldier soldiers officers lieutenants".upper().split()
)
"""Nouns of those who do harm."""
EITHER: Final = frozenset("man men woman person persons youths members students agents".upper().split())
"""Nouns of those who do harm or come to harm, as the words beside them tell."""
PEOPLE: Final = EITHER | frozenset(
    "people civilians civilian peasants peasant priests priest jesuits jesuit women child children student policeman policemen police"
    " officer senator senators leader leaders general president minister citizen citizens judge judges magistrate magistrates sergeant"
    " corporal officials official son sons daughter daughters wife husband father mother brother brothers sister sisters engineer"
    " engineers driver drivers businessman businessmen mayor mayors bodyguard bodyguards guard guards candidate candidates reporter"
    " reporters journalist journalists newsman newsmen maid maids cook worker workers employee employees nun nuns missionary"
    " missionaries watchman watchmen professor professors teacher teachers ambassador diplomat diplomats consul deputy deputies"
    " congressman councilman lawyer lawyers attorney secretary director rector archbishop bishop monsignor msgr fr dr mr mrs colonel"
    " col maj captain capt lieutenant lt gen commander chief passersby bystanders resident residents villagers inhabitants population"
    " farmer farmers rancher ranchers cattleman cattlemen industrialist banker bankers politician politicians unionist activist"
    " activists minor minors girl girls boy boys youth family families tourists foreigners adviser advisers technician technicians"
    " photographer cameraman correspondent doctor doctors nurse nurses passenger passengers pedestrians guests vendor fishermen"
    " hopeful governor marine marines agent detective escort escorts justice prosecutor editor owner manager president-elect companion"
    " hostages intellectuals member party head spokesman comrade impresario legislator sailors".upper().split()
)
"""Nouns of people, titles included; a name follows its title."""
THINGS: Final = frozenset(
    "office offices car cars bus buses store stores building buildings system headquarters facility facilities embassy embassies"
    " house houses bank banks vehicle vehicles restaurant restaurants hotel hotels residence residences station stations tower towers"
    " home homes lines transportation property pipeline pipelines pylon pylons pole poles post posts bridge bridges ministry branch"
    " branches plane planes aircraft center centers church churches installation installations school schools factory factories"
    " institute warehouse warehouses structures market farm farms exchange establishments booth booths truck trucks highway highways"
    " road roads transformer transformers substation substations plant plants electricity minibus taxi ambulance ambulances palace"
    " theater boat train trains railway railroad hospital hospitals university airport club company corporation agency newspaper"
    " studios jeep pickup helicopter shop shops supermarket consulate consulates box boxes premises mansion mansions farmhouse"
    " hacienda village villages crops tanker wells dealership mall mission monastery camp camps".upper().split()
)
"""Nouns of what is attacked."""
GROUPS: Final = frozenset("front movement cartel cartels mafia mafias path squad squads commando".upper().split())
"""Nouns of armed groups."""
WITH_OF: Final = frozenset(
    "office offices branch branches headquarters residence residences house houses home building studios".upper().split()
)
"""Nouns of things that say little without what follows "of"."""
PLAIN: Final = frozenset(
    "salvadoran leftist rebel guerrilla maoist terrorist colombian peruvian chilean guatemalan honduran bolivian ecuadoran subversive"
    " communist criminal armed urban rebels guerrillas terrorists members southern northern".upper().split()
)
"""Words before a group's name that are none of it."""

ENDS: Final = frozenset(
    "a an the this that these those his her its their our my your whose some any several many various other another each every both"
    " all more most less few no not only also and or but nor yet so if when while as than then because although though whether where"
    " which who whom what why how after before since until during of in on at by to from with without for against into onto upon over"
    " under near between among through throughout across along around about above below behind beside outside inside within toward"
    " towards via per despite including according regarding concerning off out up down back away is are was were be been being has"
    " have had having do does did will would shall should can could may might must he she it they we i you him them us me himself"
    " herself themselves itself there here today yesterday tomorrow tonight last next ago now earlier later late recently already"
    " still just again almost nearly approximately least morning night afternoon evening said says say told took take taken went go"
    " came come made make left leave gave give got get put set saw seen kept held began became found broke fled fought kill kills shot"
    " fire attack attacks attempt stole blew blown shoot threw thrown hit struck wound die dead slain burnt gunned alive won one two"
    " three four five six seven eight nine ten eleven twelve dozen dozens hundred hundreds thousand monday tuesday wednesday thursday"
    " friday saturday sunday january february march april june july august september october november december text passage alleged"
    " presumed so-called same".upper().split()
)
"""Words that no noun phrase holds here."""
ENDINGS: Final = re.compile(r"\w{2,}ED|\w{3,}ING|\w{3,}LY|[\d.,$]+")
NO_ENDING: Final = frozenset(
    "unidentified armed heavily heavily-armed hooded masked retired uniformed united paid hired trafficking shopping building fishing"
    " mining voting training housing family assembly ruling outgoing shining shed seed feed speed".upper().split()
)
"""Words that look like a verb or adverb by their ending, and stand in noun phrases."""

_SAID: Final = "KILLED MURDERED ASSASSINATED WOUNDED INJURED EXECUTED KIDNAPPED ABDUCTED MASSACRED TORTURED SHOT".split()
_DONE: Final = "ATTACKED DESTROYED DAMAGED BURNED BOMBED DYNAMITED SABOTAGED".split()
_ACTIVE: Final = r"(?<!WAS )(?<!WERE )(?<!BEEN )(?<!BEING )"
_PASSIVE: Final = r"\b(?:WAS|WERE|BEEN|BEING|IS|ARE) (?:\w+LY )?"
_NOUNS_OF_HARM: Final = (
    r"(?:MURDER|ASSASSINATION|KILLING|KIDNAPPING|DEATH|EXECUTION|ABDUCTION|MASSACRE|SLAYING|MURDERER|KILLER|KIDNAPPER|ASSASSIN)S?"
)
BEFORE: Final[dict[str, re.Pattern[str]]] = {
    "victim": re.compile(
        rf"{_PASSIVE}(?:{'|'.join(_SAID)}|SLAIN|GUNNED DOWN|AMBUSHED|HELD HOSTAGE)\b"
        r"|'S? (?:\w+ )?(?:MURDER|ASSASSINATION|KIDNAPPING|DEATH|KILLING)\b|\bDIED\b"
    ),
    "target": re.compile(rf"{_PASSIVE}(?:{'|'.join(_DONE)}|BLOWN UP)\b"),
}
"""What stands behind the words for whom or what it befell."""
AFTER: Final[dict[str, re.Pattern[str]]] = {
    "victim": re.compile(
        rf"\b(?:{_NOUNS_OF_HARM}|LIVES|LIFE) OF\b|\bATTEMPTS? (?:ON|AGAINST)\b|{_ACTIVE}\b(?:{'|'.join(_SAID)}|DEAD|KILL"
        r"|(?:KILL|MURDER|ASSASSINAT|WOUND|INJUR|KIDNAPP)ING)\b"
    ),
    "target": re.compile(
        rf"\b(?:{'|'.join(_DONE)}|BLEW UP|BLOWING UP|SET FIRE TO|STRAFED|MACHINEGUNNED|LOOTED|ROBBED"
        r"|(?:ATTACK|DESTROY|DAMAG|BURN|BOMB)ING)\b"
        r"|\b(?:ATTACKS?|BOMBINGS?|SABOTAGE|ATTEMPTS?) (?:ON|AGAINST|OF)\b"
        r"|\b(?:EXPLODED?|EXPLOSION|PLACED|DETONATED|WENT OFF|PLANTED|THROWN|THREW|HURLED)\b[^,.;]{0,25}?"
        r"\b(?:IN FRONT OF|OUTSIDE|INSIDE|NEAR|AT|IN|AGAINST|UNDER)\b"
    ),
}
"""What stands before them."""
BETWEEN: Final = re.compile(
    r"[\s\"\u201c]*(?:(?:AN?|THE|HIS|HER|THEIR|AT|LEAST|SEVERAL|SOME|MORE|THAN|ABOUT|ANOTHER|OTHER|\d+|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT"
    r"|NINE|TEN|AND|DOWN|TO|DEATH)[\s\"\u201c]+)*"
)
"""What may stand between a word of harm and the phrase behind it."""
UNTIL: Final = re.compile(r"[\s,]*(?:(?:WHO|THAT|HAVE|HAS|HAD|ALSO|WERE|WAS) )*")
"""What may stand between a phrase and the word of harm behind it."""
JOINED: Final = re.compile(
    r"\s*(?:,|,?\s+(?:AND|AS WELL AS))\s+(?:(?:AN?|THE|HIS|HER|THEIR|SEVERAL|SOME|ANOTHER|OTHER|\d+|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT"
    r"|NINE|TEN)\s+)*[\"\u201c]?"
)
"""What stands between the members of a list."""
ACTS: Final = re.compile(
    rf"\s*(?:\w+ ){{0,3}}?(?:{'|'.join(_SAID)}|{'|'.join(_DONE)}|PLACED|PLANTED|THREW|BLEW|SET|FIRED|AMBUSHED|ENTERED|INTERCEPTED|OPENED"
    r"|DETONATED|HURLED|STOLE|RAIDED|BROKE|STOPPED|WHO|CLAIMED|USING|ARMED|DRESSED|RIDING|ABOARD)\b"
)
"""What follows those who do harm."""
BY: Final = re.compile(r"\bBY (?:[A-Z0-9]+ ){0,3}[\"\u201c]?$")
"""What stands before them."""

WEAPONS: Final = re.compile(
    r"\b(?:(?:POWERFUL|CAR|TRUCK|DYNAMITE|EXPLOSIVE|TIME|FRAGMENTATION|HAND|HOME-?MADE|MOLOTOV|BOOBY|ASSAULT|AUTOMATIC|HIGH-?POWER(?:ED)?"
    r"|HEAVY|MACHINE|SUBMACHINE|GRENADE|ROCKET|STICKS OF|CHARGES? OF)[ -])*"
    r"(?:(?:CAR-?)?BOMBS?|DYNAMITE(?: CHARGES?| STICKS?)?|EXPLOSIVES?(?: CHARGES?| DEVICES?)?|RIFLES?|(?:SUB)?MACHINE-?GUNS?|ROCKETS?"
    r"|GRENADES?|MORTARS?|AK-47S?|M-16S?|RPG(?:-\d)?S?|PISTOLS?|REVOLVERS?|GUNS?|SHOTGUNS?|BULLETS?|WEAPONS|FIREARMS|TNT|COCKTAILS?"
    r"|LAUNCHERS?|TRAPS?|MISSILES?|BAZOOKAS?|MACHETES?|KNIVES)\b"
    r"(?!\s+(?:ATTACKS?|EXPLOSIONS?|THREATS?|BLASTS?)\b)|\bDYNAMITE\b"
)
"""What harm is done with; "a bomb attack" is no bomb."""

LIBERATION: Final = re.compile(
    r"\b(?:ARMY|FORCES|MOVEMENT|FRONT) OF (?:\w+ )?LIBERATION\b|\bREVOLUTIONARY ARMED FORCES OF \w+"
    r"|\b(?:[A-Z'-]+ ){0,4}LIBERATION (?:ARMY|(?:ARMED )?FORCES|FRONT)\b"
)
"""Names of armed groups that hold an "of", or a noun that is no group's elsewhere."""
ACRONYM: Final = re.compile(
    r"\b(?P<before>[A-Z][A-Z0-9-]{1,6}) ?[\[(](?P<inside>[^\])]{8,70})[\])]"
    r"|(?P<words>(?:[A-Z0-9'-]+[\"\u201d]? ){1,7})[\[(](?P<after>[A-Z][A-Z0-9-]{1,6})[\])]"
)
"""An acronym with its words in brackets, or the other way round."""
SUMS_UP: Final = re.compile(r"\b(?:WE|OUR|US|I|MY|THOUSANDS|HUNDREDS|\d{2,3},\d{3}|YEARS)\b")
"""What stands where somebody speaks of violence in general rather than reports an incident."""

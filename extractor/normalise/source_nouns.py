"""Nouns and names that tell what sort of source somebody is: one table, by docs/annotation.md, section Kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from extractor.claims import SourceKind
from extractor.normalise.late import late

Sort = Literal["body", "person", "staff", "rank", "thing"]
"""A body speaks for itself, so does a person; staff speak for a body, a rank tells little, a thing was made by somebody."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What a noun says of the source it names.

    Attributes:
        kind: The kind of source; for staff and things that of those whose body is not named.
        sort: What the noun names.
        firm: Whether the noun alone decides; a faint one gives way to what else the document says.
    """

    kind: SourceKind
    sort: Sort
    firm: bool = True


_NOUNS: Final[tuple[tuple[Noun, str], ...]] = (
    (
        Noun("government", "body"),
        (
            "government|ministry|cabinet|state department|defen[cs]e department|justice department|interior department|treasury department|commerce department|treasury|presidency|presidential office|office of the president|president's office"
            "|prime minister's office|office of the prime minister|foreign office|home office|municipality|council|council of ministers|mayor's office"
            "|governor's office|city hall|town hall|parliament|senate|house of representatives|house of commons|house of lords|legislature|national assembly|central bank"
            "|reserve bank|national bank|bank of england|bank of japan|federal reserve|bundesbank|junta|regime|administration|palace|republic|parliamentary committee|select committee|official journal|official gazette|embassy"
        ),
    ),
    (
        Noun("official", "body"),
        (
            "police|police department|department|library|public library|archive|electoral council|election board|election authority|human rights commission|committee of inquiry|police force|sheriff's office|coast guard|coastguard|border guard|fire service|fire department|fire brigade|civil protection"
            "|civil defen[cs]e|emergency service|rescue service|ambulance service|weather service|meteorological service|weather office|hospital|clinic|health service"
            "|health department|health authority|health agency|authority|regulator|watchdog|agency|electoral commission|election commission|commission|inspectorate"
            "|prosecutor's office|prosecution service|prosecution|court|tribunal|customs|customs office|service|bureau|office|board|statistics office|prison service"
            "|geological survey|observatory|intelligence|intelligence agency|intelligence service|security service|food and drug administration|coroner's office"
            "|transport authority|investigative committee|public hospital|medical cent[er]{2}|detention cent[er]{2}|seismological cent[er]{2}|emergency cent[er]{2}"
        ),
    ),
    (
        Noun("military", "body"),
        (
            "army|military|navy|air force|armed force|force|general staff|joint chiefs of staff|command|high command|brigade|battalion|regiment|garrison|militia"
            "|national guard|admiralty|troop|guerrilla group|rebel group|militant group|armed group|insurgent group|jihadist group|militant movement|rebel movement"
            "|rebel army|revolutionary guard|separatist movement|air defen[cs]e|fleet|border troop|security force|military council|military intelligence|drone unit|squadron|platoon|corps|special force|separatist authority|rebel authority|cavalry|artillery"
        ),
    ),
    (
        Noun("organisation", "body"),
        (
            "organi[sz]ation|ngo|nonprofit|charity|foundation|trust|company|firm|corporation|conglomerate|manufacturer|maker|carmaker|drugmaker|producer|supplier"
            "|retailer|airline|carrier|operator|utility|brokerage|bank|lender|insurer|fund|union|trade union|federation|confederation|association|society|club|party"
            "|political party|coalition|alliance|opposition|campaign|church|diocese|league|committee|cooperative|co-operative|chamber of commerce|mission|secretariat"
            "|collective|railway|rail operator|shipyard|brewery|startup|start-up|developer|importer|exporter|distributor|contractor|school|rights group"
            "|human rights group|aid group|advocacy group|lobby group|monitoring group|industry group|business group|environmental group|civic group|aid agency|relief agency"
            "|un agency|refugee agency|rating agency|ratings agency|travel agency|delegation|consortium|stock exchange|law firm|consultancy|airport|security council|refugee council|general assembly"
            "|world bank|parent company|drug maker|energy company|subsidiary|chain|team|squad|shipping line|cruise line|guild|museum|theatre|theater|gallery|orchestra|festival|congregation|synod|parish|monastery|mosque|temple"
        ),
    ),
    (Noun("organisation", "body", firm=False), "group|movement|front|faction|forum|network|initiative"),
    (
        Noun("think_tank", "body"),
        (
            "think[- ]tank|institute|research institute|research cent[er]{2}|cent[er]{2}|university|college|business school|medical school|academy|research group"
            "|research organi[sz]ation|laboratory|faculty|policy group"
        ),
    ),
    (
        Noun("media", "body"),
        (
            "news agency|press agency|state agency|news service|newswire|wire service|newspaper|paper|daily|weekly|tabloid|magazine|journal|radio|radio station|television|tv"
            "|tv station|television station|station|broadcaster|channel|tv channel|television channel|tv network|television network|news site|news website|website"
            "|news portal|news outlet|outlet|media|press|article|broadcast"
        ),
    ),
    (
        Noun("government", "person"),
        (
            "minister|prime minister|premier|mayor|councill?or|king|queen|prince|princess|emir|sultan|emperor|monarch|foreign secretary|home secretary"
            "|secretary of state|defen[cs]e secretary|treasury secretary|health secretary|interior secretary|education secretary|energy secretary|labor secretary"
            "|finance secretary|senator|lawmaker|legislator|congressman|congresswoman|parliamentarian|member of parliament|head of state|head of government|first lady"
            "|supreme leader|prefect|village elder|tribal elder|central bank governor|bank governor|governor of the central bank|governor of the bank|undersecretary|central banker|gov\\."
        ),
    ),
    (
        Noun("official", "person"),
        (
            "policeman|policewoman|police officer|constable|detective|sheriff|judge|magistrate|prosecutor|attorney[- ]general|coroner|medical examiner|ombudsman"
            "|ombudswoman|ombudsperson|firefighter|fireman|paramedic|rescuer|rescue worker|rescue team|rescue crew|emergency worker|lifeguard|ambassador|envoy|consul"
            "|diplomat|inspector|investigator|customs officer|forecaster|meteorologist|commissioner|civil servant|rescue coordinator|rescue leader|rescue chief|park ranger|ranger|warden|librarian|archivist|returning officer|surgeon general|harbou?r master"
            "|police chief|fire chief|chief of police|chief justice|chief prosecutor"
        ),
    ),
    (
        Noun("military", "person"),
        (
            "soldier|rebel|insurgent|militant|gunman|fighter|guerrilla|jihadist|warlord|separatist|mercenary|serviceman|servicewoman|militiaman|paratrooper"
            "|chief of staff|chief of the general staff|commander-in-chief|army officer|military officer|naval officer|rebel leader|warship"
        ),
    ),
    (
        Noun("military", "rank", firm=False),
        "commander|comandante|general|colonel|major|captain|lieutenant|sergeant|admiral|brigadier|commodore|marshal|corporal",
    ),
    (Noun("military", "rank", firm=False), r"gen\.|col\.|maj\.|capt\.|lt\.|sgt\.|adm\.|brig\.|cmdr\.|cpl\."),
    (
        Noun("organisation", "person"),
        (
            "chief executive|chief executive officer|managing director|chief financial officer|chief operating officer|finance chief|entrepreneur|businessman"
            "|businesswoman|shop steward|trade unionist|unionist|organi[sz]er|activist|campaigner|volunteer|aid worker|relief worker|humanitarian worker|candidate"
            "|presidential candidate|dissident|bishop|archbishop|cardinal|pope|patriarch|priest|imam|rabbi|pastor|cleric|banker|peacekeeper|observer|monitor|employer|environmentalist|conservationist|landlord"
        ),
    ),
    (
        Noun("media", "person"),
        "reporter|correspondent|journalist|editor|columnist|presenter|anchor|blogger",
    ),
    (
        Noun("witness", "person"),
        (
            "witness|eyewitness|resident|survivor|passenger|villager|neighbou?r|locals|bystander|onlooker|passer-by|passers-by|commuter|motorist|tourist|shopper"
            "|visitor|evacuee|refugee|migrant|farmer|fisherman|shepherd|shopkeeper|shop owner|stallholder|vendor|taxi driver|truck driver|lorry driver|bus driver"
            "|relative|family|family member|patient|victim|protester|demonstrator|marcher|homeowner|householder|tenant|voter|islander|townspeople|pensioner"
            "|holidaymaker|hiker|climber|spectator|worshipper|crew member|crew|reader|walker|striker|cyclist|swimmer|diner|people|hostage|detainee|inmate|grandmother|grandfather|widow|widower"
        ),
    ),
    (
        Noun("witness", "person", firm=False),
        (
            "customer|driver|student|pupil|teacher|parent|mother|father|son|daughter|brother|sister|cousin|husband|wife|friend|worker|employee|miner|sailor"
            "|pilot|baker|cook|waiter|waitress|barber|carpenter|mechanic|plumber|fan|guest|clerk|caretaker|gardener|housewife|guide|chef|machinist|electrician|builder|hairdresser|seamstress|retiree|teenager|man|woman|boy|girl|user"
        ),
    ),
    (
        Noun("witness", "body", firm=False),
        "post office|shop|store|bakery|café|bar|inn|guesthouse|hostel|kiosk|stall|farm|restaurant|hotel|workshop|boarding house",
    ),
    (
        Noun("anonymous", "person"),
        (
            "source|insider|whistle-?blower|person familiar with|people familiar with|official familiar with|person briefed on|people briefed on|official briefed on"
            "|person close to|people close to|person with knowledge of|people with knowledge of"
        ),
    ),
    (
        Noun("other", "person"),
        "independent analyst|independent expert|commentator|poet|singer|actor|actress|athlete|footballer|player|coach|critic|hacker|author|film-?maker|artist",
    ),
    (Noun("other", "person", firm=False), "politician|supporter|investor|shareholder|writer|celebrity"),
    (Noun("official", "staff"), "official|health official"),
    (
        Noun("official", "staff", firm=False),
        (
            "spokesman|spokeswoman|spokesperson|spokespeople|officer|press officer|doctor|physician|surgeon|nurse|medic|dr\\.?|administrator|statistician|chief"
            "|deputy chief|director[- ]general|adviser|advisor"
        ),
    ),
    (Noun("government", "staff"), "president|vice[- ]president|chancellor|governor|mp|speaker"),
    (Noun("government", "staff", firm=False), "deputy"),
    (
        Noun("organisation", "staff", firm=False),
        (
            "director|deputy director|head|deputy head|head of mission|manager|executive|founder|co-founder|owner|chairman|chairwoman|chairperson|chair|secretary|press secretary"
            "|secretary[- ]general|general secretary|coordinator|co-ordinator|leader|member|delegate|representative|campaign manager|treasurer|boss|partner"
            "|negotiator|chief scientist|chief economist|chief engineer|chief negotiator|colleague"
        ),
    ),
    (
        Noun("think_tank", "staff"),
        (
            "professor|prof\\.?|researcher|scientist|academic|scholar|historian|political scientist|lecturer|fellow|research fellow|dean|physicist|chemist|astronomer"
            r"|geographer|demographer|[a-z]{3,}ologist"
        ),
    ),
    (
        Noun("other", "staff", firm=False),
        "analyst|expert|lawyer|attorney|solicitor|consultant|economist|strategist|engineer|architect|trader|broker|pathologist|cardiologist|psychologist",
    ),
    (Noun("other", "thing"), "photograph|photo|picture|image|satellite image|imagery|satellite imagery|video|footage"),
    (Noun("official", "thing", firm=False), "record|data|statistics|figure|census|register"),
    (
        Noun("other", "thing", firm=False),
        "report|study|survey|poll|statement|notice|document|letter|leaflet|message|release|communiqué|paper trail",
    ),
)
_NAMES: Final[dict[SourceKind, str]] = {
    "government": "Kremlin|White House|Downing Street|Pentagon|Capitol Hill|Congress|Whitehall|Bundestag|Duma|Knesset|Fed|MoD|MOD",
    "official": "FBI|CIA|CDC|FDA|NASA|FSB|SBU|NHS|SEC|Interpol|Europol|Met Office",
    "military": "IDF|Taliban|Hamas|Hezbollah|Houthis?|Houthi rebels|Islamic State|ISIS|Al-Qaeda|al-Qaeda|Al-Shabaab|al-Shabaab|Boko Haram|Wagner|Centcom|CENTCOM",
    "organisation": "UN|U\\.N\\.|United Nations|NATO|Nato|EU|European Union|European Commission|WHO|IMF|UNICEF|Unicef|UNHCR|UNESCO|Unesco|OPEC|Opec|OSCE|OECD|IAEA"
    "|Red Cross|Red Crescent|Amnesty|Human Rights Watch|Doctors Without Borders|Médecins Sans Frontières|Oxfam|Greenpeace|Save the Children|ICRC|MSF|Inc|Ltd|PLC|plc|Corp|GmbH|AG|S\\.A\\.|LLC"
    "|Holdings?|Industries|Airlines|Airways|Motors|Pharmaceuticals|Technologies|Bancorp|Railways|Partners|[A-Z]\\w+ & [A-Z]\\w+",
    "think_tank": "ISW|RAND|Chatham House|Brookings|SIPRI",
    "media": "AP|AFP|BBC|CNN|CBC|ABC|NBC|CBS|Fox News|Sky News|NPR|NHK|ZDF|ARD|RAI|Reuters|Associated Press|Agence France-Presse|Al Jazeera|TASS|Tass|Interfax|RIA|Xinhua|Yonhap|KCNA|Kyodo|Bloomberg"
    "|Anadolu|IRNA|Times|Post|Herald|Tribune|Gazette|Press|Guardian|Telegraph|News",
}
"""Names that tell by themselves, in their own case: "WHO" is not "who"."""
_PAPERS: Final = "Star|Sun|Echo|Mail|Chronicle|Courier|Beacon|Standard|Sentinel|Observer|Inquirer|Mirror|Independent|Globe|Examiner|Dispatch|Bulletin|Argus|Messenger"
"""What papers are called, and others too."""

_PLURAL: Final = (
    (late(r"(?<=[b-df-hj-np-tv-z])y$"), "(?:y|ies)"),
    (late(r"man$"), "m[ae]n"),
    (late(r"ch$"), "ch(?:es)?"),
    (late(r"ss$"), "ss(?:es)?"),
)


def _forms(noun: str) -> str:
    """Return a pattern for a noun's singular and plural."""
    for ending, both in _PLURAL:
        if ending.search(noun):
            return ending.sub(both, noun)
    return noun if noun.endswith((".", "?", "s", " with", " on", " to", " of")) else noun + "s?"


_ROWS: Final = [
    *((noun, [_forms(word) for word in words.split("|")]) for noun, words in _NOUNS),
    (Noun("media", "body", firm=False), [f"(?-i:{name})" for name in _PAPERS.split("|")]),
    *((Noun(kind, "body"), [f"(?-i:{name})" for name in names.split("|")]) for kind, names in _NAMES.items()),
]
_EACH: Final = [(noun, late(rf"(?:{'|'.join(forms)})", re.IGNORECASE)) for noun, forms in _ROWS]
_ANY: Final = late(
    rf"(?<![\w-])(?:{'|'.join(sorted((form for _, forms in _ROWS for form in forms), key=len, reverse=True))})(?![\w-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """A noun of the table in some words.

    Attributes:
        start: Offset of its first code point.
        end: Offset one past its last.
        noun: What it says.
    """

    start: int
    end: int
    noun: Noun


def find(words: str) -> list[Found]:
    """Return the nouns of the table that stand in ``words``, in order, in code points; of two that overlap the longer."""
    return list(_find(words))


@lru_cache(maxsize=1024)
def _find(words: str) -> tuple[Found, ...]:
    return tuple(Found(*match.span(), _noun(match[0])) for match in _ANY.finditer(words))


@lru_cache(maxsize=2048)
def _noun(word: str) -> Noun:
    return next(noun for noun, forms in _EACH if forms.fullmatch(word))

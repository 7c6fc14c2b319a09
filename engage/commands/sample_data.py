"""The sample's words.

Facts (the paper and its missions, the vision and its goals, the date, the three guest speakers with their
organisations) are real and told in our own words; nothing is invented for the guests. Tidewell Network, the past
webinar's people and every response are made up, and marked as samples wherever they are shown.
"""

from datetime import date
from typing import NamedTuple

from engage.responses.enums import Attribution, ReasonCode, ResponseStatus

PASSPHRASE = "four quiet herons at noon"  # noqa: S105 - printed for everybody; production refuses to start with it


class SamplePerson(NamedTuple):
    """A sign-in."""

    email: str
    name: str
    role: str


PEOPLE = (
    SamplePerson("asha@example.org", "Asha Rao", "organiser"),
    SamplePerson("mo@example.org", "Mo Haddad", "moderator"),
    SamplePerson("dev@example.org", "Dev Lloyd", "member"),
    SamplePerson("admin@example.org", "Ada Minister", "administrator"),
)

CONSULTATION_SLUG = "levelling-up"
CONSULTATION_TITLE = "Levelling up: what do you think?"
INTRO = (
    "Ten questions about the Government’s white paper on levelling up. Answer one or all of them."
    " What you say goes into our reply, each use of it with your consent."
)
WHY_NOW = """\
In February 2022 the Government set out how it means to even up life across the UK by 2030. Networks like \
ours can write back, and we would sooner send what you see than what we suppose.

Our own starting point is plain: a decision is good when people are better off, fairly, and the planet with \
them. Read the paper’s missions with that in mind, and then tell us where they hold and where they do not.
"""
MISSIONS_TITLE = "The missions"
MISSIONS_SOURCE = "Levelling Up the United Kingdom"
MISSIONS_PUBLISHED_ON = date(2022, 2, 2)
MISSIONS_STATED = 12
MISSIONS = (
    "Pay, jobs and productivity go up in every part of the UK",
    "Buses, trains and trams elsewhere come much closer to London’s",
    "Many more children leave primary school able to read, write and count well",
    "Many more people finish good training for skilled work",
    "The gap in healthy years of life gets smaller",
    "People everywhere feel better about their lives",
    "People feel prouder of where they live, of its centre and its culture",
    "More people everywhere buy a first home",
    "Less murder, serious violence and crime in the neighbourhood",
    "Devolved powers for each part of England that asks for them",
)

VISION_TITLE = "The vision: eight goals"
VISION_SOURCE = "A vision for levelling up"
VISION_REVIEWED_ON = date(2021, 8, 5)
GOALS = (
    (
        "An economy that works for everybody and for the planet",
        "Prosperity and justice go together: green jobs that are worth having, work that is open to all, and help for"
        " whoever is kept out of it.",
    ),
    (
        "A safe home for everyone, and enough money to live well",
        "Good homes that people can afford and get into. Help with debt, and social security that is enough to live"
        " on.",
    ),
    (
        "Good health and wellbeing, of body and mind",
        "How people live decides how well they are, so every decision of the Government counts. It also takes health"
        " services that all can reach, and places to be well in, such as parks.",
    ),
    (
        "Communities that learn, work and live together",
        "Less loneliness, nobody left offline, and money for those who build bridges between groups.[^1]",
    ),
    (
        "Support to take part, and to live with dignity",
        "People decide about their own lives. Social care for older people, and for Disabled people of working age,"
        " is put right together with those who use it.[^2]",
    ),
    (
        "Places that are open to all",
        "Transport, buildings and whatever else is built include everybody from the first drawing.",
    ),
    (
        "People and institutions under the law",
        "They answer to it. It guards the rights of everyone, and everyone can use it.",
    ),
    (
        "Freedom from violence and abuse",
        "Law, politics, the economy and culture work to end both, and to keep discrimination and hatred away.",
    ),
)
# The vision cites a second note and lists one alone: the desk says so, and the public page leaves the citation out.
GOAL_FOOTNOTES = (
    "All-Party Parliamentary Group on Loneliness, A Connected Recovery: findings of its inquiry into loneliness, 2021",
)
# Three of its sentences are four links: transport and housing both support work.
LINKS = (
    (5, 1, "Better social care lets Disabled people of working age work, and makes good jobs near by."),
    (6, 1, "Better transport lets people get to work, and stay in it."),
    (2, 1, "Better housing lets people get to work, and stay in it."),
    (2, 3, "Who has a safe home and enough money is healthier and better off."),
)
QUESTIONS = (
    (
        "Will these plans close the gaps that the pandemic laid bare?",
        "Think of who lost most where you live.",
    ),
    (
        "What could levelling up change in your own work, for better and for worse?",
        "One example of each helps most.",
    ),
    ("Are the listed missions the ones that matter most?", "What is missing, and what would you leave out?"),
    (
        "Who should say what success looks like, and who keeps the measure?",
        "Think of a place that you know. Whom would you trust to say that life there got better?",
    ),
    ("Whom are the missions for, and who should gain first?", None),
    ("Where do you see the money going today?", "Say what you have seen yourself."),
    ("Who ought to lead the decisions?", None),
    ("Were the people most affected heard while the paper was being written?", None),
    (
        "What next step would put your mind at rest?",
        "About anything that worried you in the questions before this one.",
    ),
    ("What already works well and should carry on?", None),
)

# Our own reading: the question by its number, and the missions that it is about.
ABOUT_MISSIONS = {1: (3, 5), 6: (1, 2)}

COMING_SLUG = "levelling-up-three-views"
COMING_TITLE = "Levelling up: three views over lunch"
COMING_SUMMARY = "Three guests each look at levelling up from their own side. Then you ask, and they answer."
COMING_DESCRIPTION = """\
A lunchtime webinar about the Government’s white paper on levelling up, seen from a variety of angles.

Bring your lunch and your questions. We talk about four of the ten questions of our consultation; you can \
answer them before, and comment on them afterwards.
"""
GUESTS = (
    ("Amir Rizwan", "Big Society Capital"),
    ("Ailbhe McNabola", "Power to Change"),
    ("Derek Walker", "The Wales Co-operative Centre / Canolfan Cydweithredol Cymru"),
)
COMING_WORDS = (COMING_TITLE, COMING_SUMMARY, COMING_DESCRIPTION)
COMING_QUESTIONS = (2, 4, 6, 7)

PAST_SLUG = "who-keeps-the-measure"
PAST_TITLE = "Who keeps the measure? A first conversation"
PAST_SUMMARY = "A sample webinar that is over: read what was said afterwards, and add your own comment."
PAST_DESCRIPTION = """\
A first conversation about how places know that life there got better, and who should say so.

This webinar, its speakers and all the comments on it are invented, to show how Engage works.
"""
PAST_SPEAKERS = (
    ("Rhiannon Pryce", "Head of listening", "Tidewell Network", "chair"),
    ("Tomos Bevan", "Community bus driver", "Sample Valley Transport", "speaker"),
    ("Ifeoma Clarke", "Housing officer", "Sample Homes Together", "speaker"),
)
PAST_WORDS = (PAST_TITLE, PAST_SUMMARY, PAST_DESCRIPTION)
PAST_QUESTIONS = (4, 6, 8)
PAST_ATTENDEES = (
    ("marged@example.org", "Marged Sample", "Sample Town Council"),
    ("iwan@example.org", "Iwan Sample", None),
    ("grace@example.org", "Grace Sample", "Sample Advice Centre"),
)


class SampleResponse(NamedTuple):
    """An invented answer or comment. `question` is a number, or 0 for the event as a whole."""

    question: int
    days_ago: int
    attribution: Attribution
    name: str | None
    words: str
    status: ResponseStatus = ResponseStatus.PUBLISHED
    publish: bool = True
    reason: ReasonCode | None = None


NAMED, ORGANISATION, PSEUDONYM = Attribution.NAMED, Attribution.ORGANISATION, Attribution.PSEUDONYM
UNSHOWN, ANONYMOUS = Attribution.NOT_PUBLISHED, Attribution.ANONYMOUS

ANSWERS = (
    SampleResponse(
        1,
        12,
        NAMED,
        "Nia Sample",
        "Half our members had no way to learn at home. The plans speak of schools, and say nothing of the"
        " two years that these children lost.",
    ),
    SampleResponse(
        2,
        11,
        ORGANISATION,
        "Sample Repair Café",
        "Better: a regional fund could pay for a second workshop. Worse: if it runs for one year at a time we"
        " spend half of it on asking for the next.",
    ),
    SampleResponse(
        2,
        9,
        ANONYMOUS,
        None,
        "My job depends on a council grant. I would rather nobody joined this to my name: the talk of growth"
        " has already moved the grant to the high street.",
    ),
    SampleResponse(
        3,
        10,
        PSEUDONYM,
        "Valley Walker",
        "Clean air and water are missing. You cannot be proud of a place whose river makes the dog ill.",
    ),
    SampleResponse(
        4,
        9,
        ORGANISATION,
        "Sample Housing Co-operative",
        "We count the homes that we let. Our tenants count the nights that they slept warm. Those are two"
        " different sums, and only one of them is success. So let tenants pick the sum, publish it each year,"
        " and let nobody change it half way.",
    ),
    SampleResponse(
        4,
        8,
        ANONYMOUS,
        None,
        "Whoever measures, measure the same thing for ten years.",
    ),
    SampleResponse(
        5,
        7,
        UNSHOWN,
        None,
        "Carers. Everything else stands on them, and no mission has their name in it.",
    ),
    SampleResponse(
        6,
        7,
        NAMED,
        "Owen Sample",
        "Into new benches. The bus that brought people to sit on them was cut in the same month.",
    ),
    SampleResponse(
        7,
        6,
        NAMED,
        "Priya Sample",
        "Councils, with a residents’ panel that can say no.",
    ),
    SampleResponse(
        8,
        5,
        ORGANISATION,
        "Sample Youth Forum",
        "We were asked by one survey, on a weekday, in school hours.",
    ),
    SampleResponse(
        9,
        3,
        NAMED,
        "Harri Sample",
        "A date on which somebody comes back and tells us what was done with this.",
        ResponseStatus.RECEIVED,
    ),
    SampleResponse(
        10,
        4,
        PSEUDONYM,
        "Allotment 14",
        "The social prescribing at our surgery. It sent me here, and I stayed.",
    ),
)
COMMENTS = (
    SampleResponse(
        4,
        6,
        PSEUDONYM,
        "Marged",
        "I came out thinking that the council should hold the pen with a residents’ panel beside it.",
    ),
    SampleResponse(
        4,
        5,
        NAMED,
        "Iwan Sample",
        "Only if the panel sees the figures before they are printed. Ours saw them in the newspaper.",
    ),
    SampleResponse(
        8,
        5,
        ANONYMOUS,
        None,
        "The driver who spoke was the first person like me that I ever heard on one of these.",
    ),
    SampleResponse(
        0,
        4,
        UNSHOWN,
        None,
        "I came for the buses and stayed for the question about who holds the pen.",
    ),
    SampleResponse(
        6,
        2,
        NAMED,
        "Grace Sample",
        "We could send you our figures for three wards, if that is of use.",
        ResponseStatus.RECEIVED,
        publish=False,
    ),
)

"""Who gets which answer from every route (S20, S21). A route without a line here fails the build.

An address may hold {names} of `Stage.tokens` and `Stage.ids`: people who hold no link get a forged one in its
place, of the same shape. A POST sends an empty form (with the token of whoever is signed in): who is let in is
told what is missing (422), or the button does its work (303). Each area has a module of its own, `routes_<area>.py`.
"""

from tests.patrols import (
    routes_desk,
    routes_desk_consultations,
    routes_desk_events,
    routes_links,
    routes_members,
    routes_public,
)
from tests.patrols.answers import PEOPLE, Route

__all__ = ["PEOPLE", "ROUTES", "Route"]

ROUTES = (
    *routes_public.ROUTES,
    *routes_links.ROUTES,
    *routes_members.ROUTES,
    *routes_desk_events.ROUTES,
    *routes_desk_consultations.ROUTES,
    *routes_desk.ROUTES,
)

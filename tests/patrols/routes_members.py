"""Signing in, joining, and what members have of their own."""

from tests.patrols.answers import Route, dev_alone, everybody, holders, signed_in

ROUTES = (
    Route("GET", "/sign-in", "/sign-in", {**everybody(303), "visitor": 200, "attendee": 200}),
    Route("POST", "/sign-in", "/sign-in", everybody(422)),
    Route("GET", "/join-us", "/join-us", {**everybody(303), "visitor": 200, "attendee": 200}),
    Route("GET", "/join-us", "/join-us?result=sent", {**everybody(303), "visitor": 200, "attendee": 200}),
    Route("POST", "/join-us", "/join-us", everybody(422)),
    Route("GET", "/join-us/<code>", "/join-us/{join us}", holders(200)),
    Route("POST", "/join-us/<code>", "/join-us/{join us}", holders(422)),
    Route("GET", "/reset", "/reset", everybody(200)),
    Route("GET", "/reset", "/reset?result=sent", everybody(200)),
    Route("POST", "/reset", "/reset", everybody(422)),
    Route("GET", "/reset/<code>", "/reset/{reset}", holders(200)),
    Route("POST", "/reset/<code>", "/reset/{reset}", holders(422)),
    Route("GET", "/reset/<code>", "/reset/{join us}", everybody(404)),
    Route("POST", "/sign-out", "/sign-out", signed_in(303)),
    Route("GET", "/account/", "/account/", signed_in(200)),
    Route("GET", "/account/calendars", "/account/calendars", signed_in(200)),
    Route("POST", "/account/calendars/<purpose>", "/account/calendars/bookings", signed_in(303)),
    Route(
        "POST",
        "/account/calendars/<purpose>",
        "/account/calendars/desk",
        {**signed_in(404), "organiser": 303, "administrator": 303},
    ),
    Route("GET", "/account/responses", "/account/responses", signed_in(200)),
    Route("GET", "/account/responses/<uuid:response_id>/withdraw", "/account/responses/{own}/withdraw", dev_alone(200)),
    Route(
        "POST", "/account/responses/<uuid:response_id>/withdraw", "/account/responses/{own}/withdraw", dev_alone(303)
    ),
    *(
        Route(
            method,
            f"/account/responses/<uuid:response_id>/{page}",
            f"/account/responses/{{own}}/{page}",
            dev_alone(status),
        )
        for page, method, status in (
            ("edit", "GET", 200),
            ("edit", "POST", 422),
            ("uses", "GET", 200),
            ("uses", "POST", 409),  # a form without what stood when it was opened gives nothing back
            ("captions", "GET", 409),  # nothing was recorded
            ("captions", "POST", 409),
        )
    ),
)

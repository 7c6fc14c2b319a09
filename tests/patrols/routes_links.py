"""What a private link opens."""

from tests.patrols.answers import BOOKED, CALENDARS, Route, everybody, holders

ROUTES = (
    *(
        Route(method, "/bookings/<token>/questions", f"/bookings/{{{name}}}/questions", holders(status))
        for name, method, status in (
            ("coming booking", "GET", 200),
            ("past booking", "GET", 200),
            ("coming join", "GET", 404),
            ("coming booking", "POST", 422),
        )
    ),
    Route(
        "POST",
        "/bookings/<token>/votes/<uuid:response_id>",
        "/bookings/{past booking}/votes/{published comment}",
        holders(422),
    ),
    Route(
        "POST",
        "/bookings/<token>/votes/<uuid:response_id>",
        "/bookings/{coming booking}/votes/{published comment}",
        holders(404),
    ),
    *(Route("GET", "/bookings/<token>/", f"/bookings/{{{name} booking}}/", holders(200)) for name in BOOKED),
    Route("GET", "/bookings/<token>/", "/bookings/{coming join}/", holders(404)),
    *(
        Route(
            "GET",
            "/bookings/<token>/cancel",
            f"/bookings/{{{name} booking}}/cancel",
            holders(409 if name == "past" else 200),
        )
        for name in BOOKED
    ),
    Route("POST", "/bookings/<token>/cancel", "/bookings/{coming booking}/cancel", holders(303)),
    Route("POST", "/bookings/<token>/cancel", "/bookings/{past booking}/cancel", holders(409)),
    Route("POST", "/bookings/<token>/", "/bookings/{coming booking}/", holders(422)),
    Route("POST", "/bookings/<token>/", "/bookings/{past booking}/", holders(409)),
    *(
        Route(
            method,
            "/bookings/<token>/hand-over",
            f"/bookings/{{{name} booking}}/hand-over",
            holders((200 if method == "GET" else 422) if name in ("coming", "full") else 409),
        )
        for name in BOOKED
        for method in ("GET", "POST")
    ),
    *(
        Route(
            method,
            "/bookings/<token>/erase",
            f"/bookings/{{{name} booking}}/erase",
            holders((200 if method == "GET" else 422) if name in ("past", "cancelled") else 409),
        )
        for name in BOOKED
        for method in ("GET", "POST")
    ),
    *(
        Route("GET", "/bookings/<token>/access-needs", f"/bookings/{{{name} booking}}/access-needs", holders(status))
        for name, status in (("coming", 200), ("full", 200), ("waiting", 200), ("past", 200), ("cancelled", 409))
    ),
    Route("GET", "/bookings/<token>/access-needs", "/bookings/{coming join}/access-needs", holders(404)),
    Route("POST", "/bookings/<token>/access-needs", "/bookings/{coming booking}/access-needs", holders(422)),
    Route("POST", "/bookings/<token>/access-needs", "/bookings/{cancelled booking}/access-needs", holders(409)),
    *(
        Route(method, f"/waiting/<token>/{act}", f"/waiting/{{{name} booking}}/{act}", holders(status))
        for name, act, method, status in (
            ("waiting", "leave", "GET", 200),
            ("waiting", "accept", "GET", 200),
            ("waiting", "accept", "POST", 409),
            ("offered", "accept", "GET", 200),
            ("offered", "leave", "GET", 200),
            ("offered", "accept", "POST", 303),
            ("waiting", "leave", "POST", 303),
        )
    ),
    Route("GET", "/waiting/<token>/leave", "/waiting/{coming join}/leave", holders(404)),
    Route("GET", "/waiting/<token>/accept", "/waiting/{coming join}/accept", holders(404)),
    Route("POST", "/waiting/<token>/leave", "/waiting/{coming booking}/leave", holders(409)),
    Route("GET", "/bookings/<token>/", "/bookings/{waiting booking}/", holders(200)),
    Route("GET", "/bookings/<token>/", "/bookings/{offered booking}/", holders(200)),
    Route("GET", "/bookings/<token>/answers", "/bookings/{coming booking}/answers", holders(200)),
    Route("GET", "/bookings/<token>/answers", "/bookings/{past booking}/answers", holders(409)),
    Route("POST", "/bookings/<token>/answers", "/bookings/{coming booking}/answers", holders(422)),
    Route("GET", "/bookings/<token>/invite.ics", "/bookings/{coming booking}/invite.ics", holders(200)),
    *(
        Route("GET", f"/bookings/<token>/{page}", f"/bookings/{{{name} booking}}/{page}", holders(409))
        for name in BOOKED
        for page in ("certificate", "certificate.pdf")
    ),
    *(
        Route("GET", f"/bookings/<token>/{page}", f"/bookings/{{came booking}}/{page}", holders(200))
        for page in ("", "certificate", "certificate.pdf")
    ),
    Route("GET", "/bookings/<token>/certificate.pdf", "/bookings/{past join}/certificate.pdf", holders(404)),
    *(Route("GET", "/join/<token>", f"/join/{{{name} join}}", holders(200)) for name in BOOKED),
    Route("GET", "/join/<token>", "/join/{coming booking}", holders(404)),
    Route("POST", "/join/<token>", "/join/{coming join}", holders(409)),
    *(
        Route("GET", "/guests/<token>/", f"/guests/{{{name} guest}}/", holders(200))
        for name in ("coming", "past", "cancelled")
    ),
    Route("GET", "/guests/<token>/", "/guests/{coming guest join}/", holders(404)),
    *(
        Route("GET", "/speaker/<token>/", f"/speaker/{{{name}}}/", holders(status))
        for name, status in (
            ("coming speaker", 200),
            ("coming other speaker", 200),
            ("past speaker", 200),
            ("cancelled speaker", 200),
            ("draft speaker", 200),
            ("draft other speaker", 404),  # never asked
            ("coming booking", 404),
        )
    ),
    Route("POST", "/speaker/<token>/calendar", "/speaker/{coming speaker}/calendar", holders(303)),
    Route("POST", "/speaker/<token>/calendar", "/speaker/{coming booking}/calendar", holders(404)),
    Route("POST", "/speaker/<token>/answer", "/speaker/{coming speaker}/answer", holders(422)),
    Route("POST", "/speaker/<token>/answer", "/speaker/{coming booking}/answer", holders(404)),
    *(
        Route("GET", "/speaker/<token>/join", f"/speaker/{{{name} speaker}}/join", holders(200))
        for name in ("coming", "past", "cancelled", "draft")
    ),
    Route("POST", "/speaker/<token>/join", "/speaker/{coming speaker}/join", holders(409)),
    Route("GET", "/speaker/<token>/invite.ics", "/speaker/{coming speaker}/invite.ics", holders(200)),
    Route("GET", "/speaker/<token>/invite.ics", "/speaker/{cancelled speaker}/invite.ics", holders(200)),
    *(
        Route("GET", f"/guests/<token>/{page}", f"/guests/{{{name}}}/{page}", holders(status))
        for name, status in (("past guest", 409), ("coming guest", 409), ("past guest join", 404))
        for page in ("certificate", "certificate.pdf")
    ),
    Route("GET", "/guests/<token>/cannot-come", "/guests/{coming guest}/cannot-come", holders(200)),
    Route("GET", "/guests/<token>/cannot-come", "/guests/{past guest}/cannot-come", holders(409)),
    Route("GET", "/guests/<token>/cannot-come", "/guests/{cancelled guest}/cannot-come", holders(200)),
    Route("POST", "/guests/<token>/cannot-come", "/guests/{coming guest}/cannot-come", holders(303)),
    Route("GET", "/replies/<token>/", "/replies/{held reply}/", holders(200)),
    Route("GET", "/replies/<token>/", "/replies/{coming booking}/", holders(404)),
    Route("POST", "/replies/<token>/", "/replies/{held reply}/", holders(303)),
    Route("GET", "/guests/<token>/stop", "/guests/{coming guest}/stop", holders(200)),
    Route("POST", "/guests/<token>/reminders", "/guests/{coming guest}/reminders", holders(303)),
    Route("POST", "/guests/<token>/reminders", "/guests/{coming guest join}/reminders", holders(404)),
    Route("POST", "/guests/<token>/stop", "/guests/{coming guest}/stop", holders(422)),
    Route("GET", "/guests/<token>/invite.ics", "/guests/{coming guest}/invite.ics", holders(200)),
    Route("GET", "/join/<token>", "/join/{coming guest join}", holders(200)),
    Route("GET", "/join/<token>", "/join/{past guest join}", holders(200)),
    Route("POST", "/join/<token>", "/join/{coming guest join}", holders(409)),
    Route("GET", "/bookings/<token>/", "/bookings/{coming guest}/", holders(404)),
    Route("GET", "/bookings/<token>/", "/bookings/{coming party}/", holders(200)),
    *(
        Route("GET", "/bookings/<token>/party", f"/bookings/{{{name}}}/party", holders(status))
        for name, status in (
            ("coming party", 200),
            ("coming booking", 200),
            ("waiting booking", 200),
            ("past party", 409),
            ("cancelled party", 409),
            ("coming guest", 404),
        )
    ),
    Route("POST", "/bookings/<token>/party", "/bookings/{coming party}/party", holders(422)),
    Route("GET", "/bookings/<token>/comment", "/bookings/{past booking}/comment", holders(200)),
    Route("GET", "/bookings/<token>/comment", "/bookings/{past join}/comment", holders(404)),
    Route("POST", "/bookings/<token>/comment", "/bookings/{past booking}/comment", holders(422)),
    *(
        Route(method, "/unsubscribe/<token>", f"/unsubscribe/{{{name} unsubscribe}}", holders(status))
        for name in ("coming", "past", "cancelled")
        for method, status in (("GET", 200), ("POST", 303))
    ),
    Route("GET", "/unsubscribe/<token>", "/unsubscribe/{coming booking}", holders(404)),
    Route("POST", "/unsubscribe/<token>", "/unsubscribe/{coming join}", holders(404)),
    Route("POST", "/bookings/<token>/reminders", "/bookings/{coming booking}/reminders", holders(303)),
    Route("POST", "/bookings/<token>/reminders", "/bookings/{coming unsubscribe}/reminders", holders(404)),
    *(Route("GET", "/calendar/<token>.ics", f"/calendar/{{{name} calendar}}.ics", holders(200)) for name in CALENDARS),
    Route("GET", "/calendar/<token>.ics", "/calendar/{coming booking}.ics", holders(404)),
    Route("GET", "/calendar/<string(length=48):token>/", "/calendar/{bookings calendar}/", holders(200)),
    Route("GET", "/calendar/<string(length=48):token>/", "/calendar/{desk calendar}/", holders(404)),
    Route("POST", "/calendar/<string(length=48):token>/", "/calendar/{bookings calendar}/", holders(422)),
    Route("GET", "/calendar/", "/calendar/?result=renewed", everybody(200)),
    Route("GET", "/calendar/", "/calendar/?result=stopped", everybody(200)),
    Route("GET", "/calendar/", "/calendar/", everybody(303)),
    Route("POST", "/bookings/<token>/calendar", "/bookings/{coming booking}/calendar", holders(303)),
    Route("POST", "/bookings/<token>/calendar", "/bookings/{coming join}/calendar", holders(404)),
    Route("POST", "/guests/<token>/calendar", "/guests/{coming guest}/calendar", holders(303)),
    Route("POST", "/guests/<token>/calendar", "/guests/{coming guest join}/calendar", holders(404)),
    Route("GET", "/drafts/<token>/", "/drafts/{draft}/", holders(200)),
    Route("GET", "/drafts/<token>/", "/drafts/{receipt}/", holders(404)),
    Route("POST", "/drafts/<token>/", "/drafts/{draft}/", holders(422)),
    Route("GET", "/drafts/<token>/delete", "/drafts/{draft}/delete", holders(200)),
    Route("POST", "/drafts/<token>/delete", "/drafts/{draft}/delete", holders(303)),
    Route("GET", "/receipts/<code>/", "/receipts/{receipt}/", holders(200)),
    Route("GET", "/receipts/<code>/media/<uuid:media_id>", "/receipts/{receipt}/media/{media}", holders(200)),
    Route(
        "GET",
        "/receipts/<code>/media/<uuid:media_id>/<any(poster, captions):part>",
        "/receipts/{receipt}/media/{media}/captions",
        holders(200),
    ),
    Route("GET", "/media/<uuid:media_id>", "/media/{media}", everybody(200)),
    Route("GET", "/media/<uuid:media_id>/<any(poster, captions):part>", "/media/{media}/captions", everybody(200)),
    Route("GET", "/receipts/<code>/copy", "/receipts/{receipt}/copy", holders(200)),
    Route("POST", "/receipts/<code>/copy", "/receipts/{receipt}/copy", holders(422)),
    Route("GET", "/receipts/<code>/withdraw", "/receipts/{receipt}/withdraw", holders(200)),
    Route("POST", "/receipts/<code>/withdraw", "/receipts/{receipt}/withdraw", holders(303)),
    *(
        Route(
            method,
            f"/receipts/<code>/responses/<uuid:response_id>/{page}",
            f"/receipts/{{receipt}}/responses/{{answered}}/{page}",
            holders(status),
        )
        for page, method, status in (
            ("edit", "GET", 200),
            ("edit", "POST", 422),
            ("uses", "GET", 200),
            ("uses", "POST", 422),
            ("captions", "GET", 200),
            ("captions", "POST", 422),
        )
    ),
    Route(
        "GET",
        "/receipts/<code>/responses/<uuid:response_id>/captions",
        "/receipts/{receipt}/responses/{own}/captions",
        everybody(404),
    ),
    Route(
        "GET",
        "/receipts/<code>/responses/<uuid:response_id>/edit",
        "/receipts/{receipt}/responses/{own}/edit",
        everybody(404),
    ),
    Route(
        "GET",
        "/receipts/<code>/responses/<uuid:response_id>/uses",
        "/receipts/{receipt}/responses/{own}/uses",
        everybody(404),
    ),
)

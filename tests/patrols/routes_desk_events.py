"""Events on the desk."""

from tests.patrols.answers import (
    BOOKED,
    BOOKING,
    DESK,
    LETTERS,
    ONE_SPEAKER,
    SPEAKER,
    Route,
    access_leads,
    organisers,
    providers,
)

ROUTES = (
    Route(
        "GET", "/organise/events/<slug>/live-questions", "/organise/events/past-event/live-questions", organisers(200)
    ),
    Route(
        "POST",
        "/organise/events/<slug>/live-questions/<uuid:response_id>",
        "/organise/events/past-event/live-questions/{published comment}",
        organisers(404),
    ),
    *(
        Route(method, "/organise/events/<slug>/comments", f"/organise/events/{name}-event/comments", organisers(status))
        for name, method, status in (
            ("coming", "GET", 200),
            ("past", "GET", 200),
            ("draft", "GET", 200),
            ("cancelled", "GET", 409),
            ("past", "POST", 422),
        )
    ),
    Route("GET", "/organise/events/", "/organise/events/", organisers(200)),
    Route("GET", "/organise/events/new", "/organise/events/new", organisers(200)),
    Route("POST", "/organise/events/new", "/organise/events/new", organisers(422)),
    Route("GET", "/organise/events/<slug>/", "/organise/events/coming-event/", organisers(200)),
    Route("GET", "/organise/events/<slug>/", "/organise/events/past-event/", organisers(200)),
    Route("GET", "/organise/events/<slug>/", "/organise/events/draft-event/", organisers(200)),
    Route("GET", "/organise/events/<slug>/", "/organise/events/cancelled-event/", organisers(200)),
    Route("GET", "/organise/events/<slug>/edit", "/organise/events/coming-event/edit", organisers(200)),
    Route("GET", "/organise/events/<slug>/edit", "/organise/events/cancelled-event/edit", organisers(409)),
    Route("POST", "/organise/events/<slug>/edit", "/organise/events/coming-event/edit", organisers(422)),
    Route("GET", "/organise/events/<slug>/speakers", "/organise/events/coming-event/speakers", organisers(200)),
    Route("POST", "/organise/events/<slug>/speakers", "/organise/events/coming-event/speakers", organisers(422)),
    Route("GET", "/organise/events/<slug>/speakers", "/organise/events/cancelled-event/speakers", organisers(200)),
    Route("GET", "/organise/events/<slug>/speakers", "/organise/events/draft-event/speakers", organisers(200)),
    *(
        Route(method, SPEAKER, f"{DESK}/coming-event/speakers/{{coming speaker slot}}", organisers(status))
        for method, status in (("GET", 200), ("POST", 422))
    ),
    Route("GET", SPEAKER, f"{DESK}/past-event/speakers/{{coming speaker slot}}", organisers(404)),
    Route("GET", f"{SPEAKER}/take-out", f"{ONE_SPEAKER}/take-out", organisers(200)),
    Route("POST", f"{SPEAKER}/take-out", f"{ONE_SPEAKER}/take-out", organisers(303)),
    Route("GET", f"{SPEAKER}/erase", f"{DESK}/past-event/speakers/{{past speaker slot}}/erase", organisers(303)),
    Route("POST", f"{SPEAKER}/erase", f"{DESK}/past-event/speakers/{{past speaker slot}}/erase", organisers(409)),
    Route("GET", "/organise/events/<slug>/questions", "/organise/events/coming-event/questions", organisers(200)),
    Route("POST", "/organise/events/<slug>/questions", "/organise/events/coming-event/questions", organisers(303)),
    Route("POST", "/organise/events/<slug>/publish", "/organise/events/draft-event/publish", organisers(303)),
    Route("GET", "/organise/events/<slug>/cancel", "/organise/events/coming-event/cancel", organisers(200)),
    Route("GET", "/organise/events/<slug>/cancel", "/organise/events/cancelled-event/cancel", organisers(303)),
    Route("POST", "/organise/events/<slug>/cancel", "/organise/events/coming-event/cancel", organisers(422)),
    Route("GET", "/organise/events/<slug>/recording", "/organise/events/past-event/recording", organisers(200)),
    Route("POST", "/organise/events/<slug>/recording", "/organise/events/past-event/recording", organisers(303)),
    Route("GET", "/organise/events/<slug>/booking", "/organise/events/coming-event/booking", organisers(200)),
    Route("GET", "/organise/events/<slug>/booking", "/organise/events/cancelled-event/booking", organisers(409)),
    Route("POST", "/organise/events/<slug>/booking", "/organise/events/coming-event/booking", organisers(409)),
    *(
        Route(method, f"{BOOKING}/{rule}", f"/organise/events/coming-event/booking/{at}", organisers(status))
        for method, rule, at, status in (
            ("GET", "questions", "questions", 200),
            ("POST", "questions", "questions", 422),
            ("GET", "questions/<uuid:question_id>", "questions/{own text}", 200),
            ("POST", "questions/<uuid:question_id>", "questions/{own text}", 422),
            ("GET", "questions/<uuid:question_id>/remove", "questions/{own choice}/remove", 200),
            ("POST", "questions/<uuid:question_id>/remove", "questions/{own choice}/remove", 303),
            ("GET", "questions/<uuid:question_id>", "questions/{group}", 404),
            ("GET", "groups", "groups", 200),
            ("POST", "groups", "groups", 422),
            ("GET", "groups/<uuid:group_id>", "groups/{group}", 200),
            ("GET", "groups/<uuid:group_id>", "groups/{old group}", 409),
            ("POST", "groups/<uuid:group_id>", "groups/{group}", 422),
            ("GET", "groups/<uuid:group_id>/release", "groups/{group}/release", 200),
            ("POST", "groups/<uuid:group_id>/release", "groups/{group}/release", 303),
            ("GET", "groups/<uuid:group_id>/new-link", "groups/{group}/new-link", 200),
            ("POST", "groups/<uuid:group_id>/new-link", "groups/{group}/new-link", 303),
        )
    ),
    Route(
        "GET",
        f"{BOOKING}/groups/<uuid:group_id>",
        "/organise/events/draft-event/booking/groups/{group}",
        organisers(404),
    ),
    *(
        Route("GET", "/organise/events/<slug>/mails", f"/organise/events/{name}-event/mails", organisers(status))
        for name, status in (("draft", 200), ("coming", 200), ("past", 200), ("cancelled", 409))
    ),
    Route("POST", "/organise/events/<slug>/mails", "/organise/events/coming-event/mails", organisers(409)),
    Route("GET", "/organise/events/<slug>/bookings", "/organise/events/coming-event/bookings", organisers(200)),
    Route(
        "GET", "/organise/events/<slug>/bookings", "/organise/events/full-event/bookings?view=waiting", organisers(200)
    ),
    Route("POST", "/organise/events/<slug>/bookings", "/organise/events/coming-event/bookings", organisers(200)),
    *(
        Route("GET", f"/organise/events/<slug>/{page}", f"/organise/events/coming-event/{page}", organisers(200))
        for page in ("bookings.csv", "bookings.xlsx", "bookings/print", "bookings/add", "bookings/import")
    ),
    *(
        Route(method, "/organise/events/<slug>/notices", "/organise/events/coming-event/notices", organisers(status))
        for method, status in (("GET", 200), ("POST", 303))
    ),
    Route(
        "POST",
        "/organise/events/<slug>/bookings/import",
        "/organise/events/coming-event/bookings/import",
        organisers(422),
    ),
    Route(
        "POST", "/organise/events/<slug>/bookings/add", "/organise/events/coming-event/bookings/add", organisers(422)
    ),
    *(
        Route(
            "GET",
            "/organise/events/<slug>/bookings/<reference>",
            f"/organise/events/{event}-event/bookings/{{{booking} reference}}",
            organisers(status),
        )
        for event, booking, status in (
            *((name, name, 200) for name in BOOKED),
            ("full", "waiting", 200),
            ("full", "offered", 200),
            ("full", "coming", 404),
        )
    ),
    *(
        Route(
            method,
            "/organise/events/<slug>/bookings/<reference>/remove",
            f"/organise/events/{event}-event/bookings/{{{booking} reference}}/remove",
            organisers(status),
        )
        for event, booking, method, status in (
            ("coming", "coming", "GET", 200),
            ("full", "waiting", "GET", 200),
            ("past", "past", "GET", 303),
            ("past", "past", "POST", 303),
            ("cancelled", "cancelled", "GET", 303),
            ("coming", "coming", "POST", 303),
            ("full", "offered", "POST", 303),
        )
    ),
    *(
        Route(method, f"/organise/events/<slug>/{page}", f"/organise/events/{name}-event/{page}", organisers(status))
        for method, page, name, status in (
            ("GET", "attendance", "coming", 200),
            ("GET", "attendance", "past", 200),
            ("GET", "attendance", "draft", 200),
            ("GET", "attendance", "cancelled", 409),
            ("POST", "attendance", "past", 303),
            ("POST", "attendance", "coming", 409),
            ("POST", "attendance/rest", "coming", 409),
            ("POST", "attendance/rest", "past", 303),
            ("GET", "attendance/report", "coming", 200),
            ("GET", "attendance/report", "past", 200),
            ("POST", "attendance/report", "past", 422),
        )
    ),
    Route("GET", "/organise/events/<slug>/responses", "/organise/events/past-event/responses", organisers(303)),
    *(
        Route("GET", "/organise/events/<slug>/access", f"/organise/events/{name}-event/access", access_leads(200))
        for name in ("coming", "past", "draft", "cancelled")
    ),
    Route("POST", "/organise/events/<slug>/access", "/organise/events/past-event/access", access_leads(404)),
    Route("GET", "/organise/events/<slug>/access.csv", "/organise/events/coming-event/access.csv", access_leads(200)),
    *(
        Route(method, "/organise/events/<slug>/access/<uuid:booking_id>", address, access_leads(status))
        for method, address, status in (
            ("GET", "/organise/events/coming-event/access/{coming need}", 200),
            ("GET", "/organise/events/past-event/access/{coming need}", 404),
            ("POST", "/organise/events/coming-event/access/{coming need}", 409),
        )
    ),
    *(
        Route(method, "/organise/events/<slug>/provision", address, providers(status))
        for method, address, status in (
            ("GET", "/organise/events/coming-event/provision", 200),
            ("GET", "/organise/events/past-event/provision", 200),
            ("GET", "/organise/events/cancelled-event/provision", 200),
            ("POST", "/organise/events/coming-event/provision", 422),
        )
    ),
    *(
        Route(method, "/organise/events/<slug>/provision/<uuid:provision_id>", address, providers(status))
        for method, address, status in (
            ("GET", "/organise/events/coming-event/provision/{coming provision}", 200),
            ("GET", "/organise/events/past-event/provision/{coming provision}", 404),
            ("POST", "/organise/events/coming-event/provision/{coming provision}", 409),
        )
    ),
    Route(
        "POST",
        "/organise/events/<slug>/messages/again",
        "/organise/events/coming-event/messages/again",
        organisers(303),
    ),
    *(
        Route(
            method,
            f"/organise/events/<slug>/bookings/<reference>/{page}",
            f"/organise/events/coming-event/bookings/{{coming reference}}/{page}",
            organisers(303),
        )
        for method, page in (("POST", "invitation"), ("GET", "address"), ("POST", "address"), ("POST", "address/works"))
    ),
    *(
        Route("GET", f"/organise/events/<slug>/mails/<kind>{page}", f"{at}{page}", organisers(status))
        for page in ("", "/html")
        for at, status in (
            ("/organise/events/coming-event/mails/invitation", 200),
            ("/organise/events/draft-event/mails/reminder", 200),
            ("/organise/events/past-event/mails/missed", 200),
            ("/organise/events/cancelled-event/mails/event_cancelled", 200),
            ("/organise/events/coming-event/mails/receipt", 404),
        )
    ),
    *(
        Route(method, f"{LETTERS}/{page}", f"/organise/events/{name}-event/letters/{page}", organisers(status))
        for method, page, name, status in (
            ("GET", "", "coming", 200),
            ("GET", "", "cancelled", 200),
            ("GET", "new", "past", 200),
            ("POST", "new", "coming", 422),
            ("POST", "send", "coming", 422),
        )
    ),
    Route("GET", "/organise/events/<slug>/export", "/organise/events/past-event/export", organisers(200)),
    Route("POST", "/organise/events/<slug>/export", "/organise/events/past-event/export", organisers(422)),
)

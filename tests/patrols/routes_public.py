"""What anyone may open, and what keeps the site running."""

from tests.patrols.answers import SHOWN, Route, everybody, holders, signed_in

ROUTES = (
    Route("GET", "/accessibility", "/accessibility", everybody(200)),
    Route("GET", "/privacy", "/privacy", everybody(200)),
    Route("GET", "/moderation", "/moderation", everybody(200)),
    *(
        Route(method, "/responses/<uuid:response_id>/flag", address, everybody(status))
        for method, address, status in (
            ("GET", "/responses/{published}/flag", 200),
            ("GET", "/responses/{waiting}/flag", 404),
            ("GET", "/responses/{published}/flag?result=sent", 200),
            ("POST", "/responses/{published}/flag", 422),
            ("POST", "/responses/{refused}/flag", 404),
        )
    ),
    Route("GET", "/static/<path:filename>", "/static/favicon.svg", everybody(200)),
    Route("GET", "/consultations/", "/consultations/", everybody(200)),
    Route("GET", "/consultations/<slug>/", "/consultations/flood-plans/", everybody(200)),
    Route("GET", "/consultations/<slug>/", "/consultations/old-plans/", everybody(200)),
    Route(
        "GET",
        "/consultations/<slug>/questions/<int:number>/",
        "/consultations/flood-plans/questions/1/?show=comments",
        everybody(200),
    ),
    Route("GET", "/consultations/<slug>/respond", "/consultations/flood-plans/respond", everybody(200)),
    Route("POST", "/consultations/<slug>/respond", "/consultations/flood-plans/respond", everybody(422)),
    Route("GET", "/", "/", everybody(200)),
    Route("GET", "/events/", "/events/", everybody(200)),
    *(Route("GET", "/events/<slug>/", f"/events/{name}-event/", everybody(200)) for name in SHOWN),
    Route("GET", "/events/<slug>/", "/events/draft-event/", everybody(404)),
    *(Route("GET", "/events/<slug>/book", f"/events/{name}-event/book", everybody(200)) for name in SHOWN),
    Route("GET", "/events/<slug>/book", "/events/draft-event/book", everybody(404)),
    Route("GET", "/events/<slug>/book", "/events/coming-event/book?group={group link}", holders(200)),
    Route("GET", "/events/<slug>/book", "/events/coming-event/book?group={old group link}", holders(200)),
    Route("GET", "/events/<slug>/book", "/events/full-event/book?group={coming booking}", everybody(404)),
    Route("POST", "/events/<slug>/book", "/events/coming-event/book", everybody(422)),
    Route("POST", "/events/<slug>/book", "/events/draft-event/book", everybody(404)),
    Route("GET", "/events/<slug>/booked", "/events/coming-event/booked?result=place", everybody(200)),
    Route("GET", "/events/<slug>/booked", "/events/full-event/booked?result=waiting", everybody(200)),
    Route("GET", "/events/<slug>/booked", "/events/coming-event/booked?result=other", everybody(303)),
    *(
        Route(
            "GET",
            "/events/<slug>/booking-ended",
            f"/events/past-event/booking-ended?result={result}",
            everybody(status),
        )
        for result, status in (("handed-over", 200), ("erased", 200), ("other", 303))
    ),
    Route("GET", "/find-my-booking", "/find-my-booking", everybody(200)),
    Route("GET", "/find-my-booking", "/find-my-booking?result=sent", everybody(200)),
    Route("POST", "/find-my-booking", "/find-my-booking", everybody(422)),
    Route("GET", "/events.ics", "/events.ics", everybody(200)),
    Route("GET", "/events.atom", "/events.atom", everybody(200)),
    Route("GET", "/events/<slug>.ics", "/events/coming-event.ics", everybody(200)),
    Route("GET", "/events/<slug>.ics", "/events/draft-event.ics", everybody(404)),
    Route("GET", "/events/<slug>/comments/", "/events/past-event/comments/", everybody(200)),
    Route("GET", "/events/<slug>/comments/", "/events/past-event/comments/?pass={pass}", everybody(200)),
    Route("GET", "/events/<slug>/comments/", "/events/draft-event/comments/", everybody(404)),
    Route("POST", "/events/<slug>/comments/", "/events/past-event/comments/", everybody(422)),
    Route("GET", "/events/<slug>/comments/", "/events/past-event/comments/?parent={published comment}", everybody(200)),
    Route("GET", "/responses/<uuid:response_id>", "/responses/{published comment}", everybody(200)),
    Route("GET", "/responses/<uuid:response_id>", "/responses/{reply}", everybody(200)),
    Route("GET", "/responses/<uuid:response_id>", "/responses/{waiting}", everybody(404)),
    Route("GET", "/responses/<uuid:response_id>", "/responses/{refused}", everybody(404)),
    Route("POST", "/responses/<uuid:response_id>/vote", "/responses/{published comment}/vote", signed_in(422)),
    Route("POST", "/responses/<uuid:response_id>/vote", "/responses/{waiting}/vote", signed_in(404)),
    Route("GET", "/consultations/<slug>/", "/consultations/draft-plans/", everybody(404)),
    Route("GET", "/healthz", "/healthz", everybody(200)),
    Route("GET", "/readyz", "/readyz", everybody(200)),
    Route("GET", "/dev/mail", "/dev/mail", everybody(200)),
    Route("GET", "/dev/mail.json", "/dev/mail.json", everybody(200)),
    Route("GET", "/dev/mail/<int:message_id>.eml", "/dev/mail/{mail}.eml", everybody(200)),
)

"""Who gets which answer from every route (S20, S21). A route without a line here fails the build.

An address may hold {names} of `Stage.tokens` and `Stage.ids`: people who hold no link get a forged one in its
place, of the same shape. A POST sends an empty form (with the token of whoever is signed in): who is let in is
told what is missing (422), or the button does its work (303).
"""

from dataclasses import dataclass

PEOPLE = ("visitor", "attendee", "member", "moderator", "analyst", "access_lead", "organiser", "administrator")

Answers = dict[str, int]


@dataclass(frozen=True)
class Route:
    """One method of one rule, an address to ask it by, and the status that each kind of person gets."""

    method: str
    rule: str
    address: str
    answers: Answers


def everybody(status: int) -> Answers:
    """Anyone may come in."""
    return dict.fromkeys(PEOPLE, status)


def holders(status: int) -> Answers:
    """Only who holds the link; for the others it does not exist."""
    return {**dict.fromkeys(PEOPLE, 404), "attendee": status}


def signed_in(status: int) -> Answers:
    """Visitors are asked to sign in."""
    return {**dict.fromkeys(PEOPLE, status), "visitor": 303, "attendee": 303}


def moderators(status: int) -> Answers:
    """Moderators, organisers, administrators; members are told that there is nothing."""
    staff = dict.fromkeys(("moderator", "organiser", "administrator"), status)
    return {**dict.fromkeys(PEOPLE, 404), "visitor": 303, "attendee": 303, **staff}


def organisers(status: int) -> Answers:
    """Organisers and administrators."""
    return {**moderators(status), "moderator": 404}


def administrators(status: int) -> Answers:
    """Administrators alone."""
    return {**organisers(404), "administrator": status}


def access_leads(status: int) -> Answers:
    """Access leads and administrators; for organisers there is nothing."""
    staff = dict.fromkeys(("access_lead", "administrator"), status)
    return {**dict.fromkeys(PEOPLE, 404), "visitor": 303, "attendee": 303, **staff}


def providers(status: int) -> Answers:
    """Organisers, access leads and administrators."""
    return {**access_leads(status), "organiser": status}


def dev_alone(status: int) -> Answers:
    """Something of Dev's own: for everybody else who is signed in it does not exist."""
    return {**signed_in(404), "member": status}


SHOWN = ("coming", "past", "cancelled", "full")
BOOKED = SHOWN
CALENDARS = ("bookings", "desk")
BOOKING = "/organise/events/<slug>/booking"
LETTERS = "/organise/events/<slug>/letters"
DESK = "/organise/events"
ENTER = "/organise/consultations/<slug>/enter"
ONE_SPEAKER = f"{DESK}/coming-event/speakers/{{coming speaker slot}}"
SPEAKER = f"{DESK}/<slug>/speakers/<uuid:appearance_id>"

ROUTES = (
    # public
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
    # by private link
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
    # member
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
    # organiser
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
    *(
        Route(
            method,
            "/organise/responses/<uuid:response_id>/reply",
            f"/organise/responses/{{{name}}}/reply",
            moderators(status),
        )
        for name, method, status in (
            ("published comment", "GET", 200),
            ("published comment", "POST", 422),
            ("waiting", "GET", 404),
        )
    ),
    Route("GET", "/organise/", "/organise/", {**organisers(200), "moderator": 303, "access_lead": 303}),
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
    Route("GET", "/organise/access/", "/organise/access/", access_leads(200)),
    Route("POST", "/organise/access/", "/organise/access/", access_leads(404)),
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
    *(
        Route(method, "/organise/messages/", f"/organise/messages/{query}", organisers(200))
        for method, query in (("GET", ""), ("GET", "?event=coming-event&state=queued&kind=invitation"), ("POST", ""))
    ),
    Route("POST", "/organise/messages/<int:message_id>/again", "/organise/messages/{mail}/again", organisers(303)),
    Route(
        "POST",
        "/organise/events/<slug>/messages/again",
        "/organise/events/coming-event/messages/again",
        organisers(303),
    ),
    Route("GET", "/organise/messages/received", "/organise/messages/received?kind=person", organisers(200)),
    Route(
        "GET",
        "/organise/messages/received/<uuid:mail_id>",
        "/organise/messages/received/{question}",
        organisers(404),
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
    Route("GET", "/organise/consultations/", "/organise/consultations/", organisers(200)),
    Route("GET", ENTER, "/organise/consultations/flood-plans/enter", organisers(200)),
    Route("POST", ENTER, "/organise/consultations/flood-plans/enter", organisers(422)),
    Route("GET", "/organise/consultations/<slug>/", "/organise/consultations/flood-plans/", organisers(200)),
    *(
        Route(method, f"/organise/consultations/{page}", f"/organise/consultations/{at}", organisers(status))
        for method, page, at, status in (
            ("GET", "new", "new", 200),
            ("POST", "new", "new", 422),
            ("GET", "<slug>/", "draft-plans/", 200),
            ("GET", "<slug>/edit", "flood-plans/edit", 200),
            ("GET", "<slug>/edit", "draft-plans/edit", 200),
            ("POST", "<slug>/edit", "draft-plans/edit", 422),
            ("GET", "<slug>/preview", "draft-plans/preview", 200),
            ("GET", "<slug>/export", "flood-plans/export", 200),
            ("POST", "<slug>/export", "flood-plans/export", 422),
            ("POST", "<slug>/open", "draft-plans/open", 303),
            ("POST", "<slug>/open", "flood-plans/open", 409),
            ("GET", "<slug>/close", "flood-plans/close", 200),
            ("GET", "<slug>/close", "old-plans/close", 409),
            ("POST", "<slug>/close", "flood-plans/close", 303),
            ("GET", "<slug>/closing", "flood-plans/closing", 200),
            ("GET", "<slug>/closing", "draft-plans/closing", 409),
            ("POST", "<slug>/closing", "old-plans/closing", 422),
            ("GET", "<slug>/late", "old-plans/late", 200),
            ("GET", "<slug>/late", "flood-plans/late", 409),
            ("POST", "<slug>/late", "old-plans/late", 422),
            ("POST", "<slug>/analysing", "old-plans/analysing", 303),
            ("POST", "<slug>/analysing", "flood-plans/analysing", 409),
            ("POST", "<slug>/answered", "old-plans/answered", 303),
            ("POST", "<slug>/answered", "draft-plans/answered", 409),
            ("GET", "<slug>/withdraw", "old-plans/withdraw", 200),
            ("GET", "<slug>/withdraw", "draft-plans/withdraw", 409),
            ("POST", "<slug>/withdraw", "flood-plans/withdraw", 303),
            ("GET", "<slug>/questions/new", "flood-plans/questions/new", 200),
            ("POST", "<slug>/questions/new", "flood-plans/questions/new", 422),
            ("GET", "<slug>/questions/<int:number>", "flood-plans/questions/2", 200),
            ("GET", "<slug>/questions/<int:number>", "flood-plans/questions/9", 404),
            ("POST", "<slug>/questions/<int:number>", "flood-plans/questions/1", 422),
            ("POST", "<slug>/questions/<int:number>/up", "draft-plans/questions/2/up", 409),
            ("GET", "<slug>/questions/<int:number>/remove", "draft-plans/questions/2/remove", 200),
            ("POST", "<slug>/questions/<int:number>/remove", "draft-plans/questions/2/remove", 409),
            ("GET", "<slug>/links", "flood-plans/links", 200),
            ("POST", "<slug>/links", "flood-plans/links", 422),
            ("GET", "<slug>/footnotes", "flood-plans/footnotes", 200),
            ("POST", "<slug>/footnotes", "flood-plans/footnotes", 422),
            ("GET", "<slug>/frameworks/new", "flood-plans/frameworks/new", 200),
            ("POST", "<slug>/frameworks/new", "flood-plans/frameworks/new", 422),
            *(
                (method, f"<slug>/{page}", f"flood-plans/{at}", status)
                for page, at, methods in (
                    ("frameworks/<uuid:framework_id>", "frameworks/{framework}", {"GET": 200, "POST": 422}),
                    ("frameworks/<uuid:framework_id>", "frameworks/{theme}", {"GET": 404}),
                    ("frameworks/<uuid:framework_id>/remove", "frameworks/{framework}/remove", {"POST": 409}),
                    ("frameworks/<uuid:framework_id>/themes/new", "frameworks/{framework}/themes/new", {"GET": 200}),
                    ("frameworks/<uuid:framework_id>/themes/new", "frameworks/{framework}/themes/new", {"POST": 422}),
                    ("themes/<uuid:theme_id>", "themes/{theme}", {"GET": 200, "POST": 422}),
                    ("themes/<uuid:theme_id>", "themes/{framework}", {"GET": 404}),
                    ("themes/<uuid:theme_id>/remove", "themes/{theme}/remove", {"POST": 409}),
                    ("links/<uuid:link_id>", "links/{link}", {"GET": 200, "POST": 422}),
                    ("links/<uuid:link_id>", "links/{footnote}", {"GET": 404, "POST": 404}),
                    ("footnotes/<uuid:footnote_id>", "footnotes/{footnote}", {"GET": 200, "POST": 422}),
                    ("footnotes/<uuid:footnote_id>", "footnotes/{link}", {"GET": 404, "POST": 404}),
                )
                for method, status in methods.items()
            ),
        )
    ),
    Route("GET", "/consultations/<slug>/", "/consultations/draft-plans/", everybody(404)),
    Route("GET", "/organise/responses/", "/organise/responses/", moderators(200)),
    Route("POST", "/organise/responses/", "/organise/responses/", moderators(303)),
    Route("GET", "/organise/responses/<uuid:response_id>", "/organise/responses/{waiting}", moderators(200)),
    Route("POST", "/organise/responses/<uuid:response_id>", "/organise/responses/{waiting}", moderators(422)),
    *(
        Route(
            method,
            "/organise/responses/<uuid:response_id>/captions",
            f"/organise/responses/{{{name}}}/captions",
            moderators(status),
        )
        for name, method, status in (
            ("answered", "GET", 200),
            ("answered", "POST", 409),  # a form without its version would take everything away
            ("waiting", "GET", 409),
        )
    ),
    Route("GET", "/organise/settings/mail", "/organise/settings/mail", administrators(200)),
    Route("POST", "/organise/settings/mail/test", "/organise/settings/mail/test", administrators(303)),
    # operations
    Route("GET", "/healthz", "/healthz", everybody(200)),
    Route("GET", "/readyz", "/readyz", everybody(200)),
    Route("GET", "/dev/mail", "/dev/mail", everybody(200)),
    Route("GET", "/dev/mail.json", "/dev/mail.json", everybody(200)),
    Route("GET", "/dev/mail/<int:message_id>.eml", "/dev/mail/{mail}.eml", everybody(200)),
)

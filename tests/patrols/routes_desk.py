"""The desk, but for events and consultations."""

from tests.patrols.answers import Route, access_leads, administrators, organisers

ROUTES = (
    Route("GET", "/organise/", "/organise/", {**organisers(200), "moderator": 303, "access_lead": 303}),
    Route("GET", "/organise/access/", "/organise/access/", access_leads(200)),
    Route("POST", "/organise/access/", "/organise/access/", access_leads(404)),
    *(
        Route(method, "/organise/messages/", f"/organise/messages/{query}", organisers(200))
        for method, query in (("GET", ""), ("GET", "?event=coming-event&state=queued&kind=invitation"), ("POST", ""))
    ),
    Route("POST", "/organise/messages/<int:message_id>/again", "/organise/messages/{mail}/again", organisers(303)),
    Route("GET", "/organise/messages/received", "/organise/messages/received?kind=person", organisers(200)),
    Route(
        "GET",
        "/organise/messages/received/<uuid:mail_id>",
        "/organise/messages/received/{question}",
        organisers(404),
    ),
    Route("GET", "/organise/settings/mail", "/organise/settings/mail", administrators(200)),
    Route("POST", "/organise/settings/mail/test", "/organise/settings/mail/test", administrators(303)),
)

"""Consultations and responses on the desk."""

from tests.patrols.answers import ENTER, Route, moderators, organisers

ROUTES = (
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
)

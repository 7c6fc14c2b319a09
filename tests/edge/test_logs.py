"""What the logs tell, and what they must not (S35, P5, P21)."""

from flask.testing import FlaskClient
from structlog.testing import capture_logs


def test_an_anonymous_sitting_leaves_no_line(client: FlaskClient) -> None:
    """Its second, beside the second of a sign-in, would say who it was."""
    page = "/consultations/nowhere/respond"
    with capture_logs() as lines:
        client.post(page, data={"attribution": "anonymous", "answer-1": "Words."})
    assert lines == []

    with capture_logs() as lines:
        client.post(page, data={"attribution": "named", "display_name": "Gwen"})
    assert [line["route"] for line in lines] == ["/consultations/<slug>/respond"]
    assert "Gwen" not in str(lines)
    assert "nowhere" not in str(lines)


def test_a_change_by_receipt_leaves_no_line_either(client: FlaskClient) -> None:
    """P5: the receipt may be an anonymous person's, whose form says nothing of it."""
    with capture_logs() as lines:
        for page in ("withdraw", "responses/00000000-0000-4000-8000-000000000000/edit"):
            client.post(f"/receipts/{'A' * 27}/{page}", data={"body": "Words."})
    assert lines == []

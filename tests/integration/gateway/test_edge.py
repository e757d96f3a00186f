"""What the edge promises: identity, limits, errors, headers, logs. Against a real nginx."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.integration.gateway.conftest import Edge

ANN = {"Cookie": "fls_session=session-of-ann"}
BEN = {"Cookie": "fls_session=session-of-ben"}
ANN_TOKEN = {"Authorization": "Bearer token-of-ann"}


@pytest.fixture(autouse=True)
def people(edge: Edge) -> None:
    edge.registration.identities.update(
        {
            "fls_session=session-of-ann": "ann",
            "fls_session=session-of-ben": "ben",
            "Bearer token-of-ann": "ann-by-token",
        }
    )


def sent(answer: httpx.Response) -> dict[str, str]:
    """The headers that the upstream received."""
    assert answer.status_code == 200, answer.text
    headers: dict[str, str] = answer.json()["headers"]
    return headers


def test_a_page_gets_the_identity_of_its_cookie(edge: Edge) -> None:
    assert sent(edge.client.get("/records", headers=ANN))["x-fls-identity"] == "ann"


def test_a_forged_identity_is_overwritten_or_removed(edge: Edge) -> None:
    forged = {"X-FLS-Identity": "forged", "X_FLS_Identity": "forged", "x-fls-identity": "forged"}
    assert sent(edge.client.get("/records", headers=ANN | forged))["x-fls-identity"] == "ann"
    for path in ("/", "/api/records/v1/records", "/downloads/x.csv", "/set-password/x"):
        headers = sent(edge.client.get(path, headers=forged))
        assert "x-fls-identity" not in headers, path
        assert "x_fls_identity" not in headers, path
    upload = edge.client.post("/imports/upload", headers=ANN | forged, content=b"x")
    assert sent(upload)["x-fls-identity"] == "ann"


def test_two_people_at_once_never_get_each_others_identity(edge: Edge) -> None:
    def whose(headers: dict[str, str]) -> str | None:
        with httpx.Client(base_url=edge.client.base_url) as client:
            return sent(client.get("/records", headers=headers)).get("x-fls-identity")

    asked = [ANN, BEN, {}] * 40
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(whose, asked))
    assert answers == ["ann", "ben", None] * 40
    assert len(edge.registration.asked) < 60, "answers are cached"


def test_an_answer_about_identity_lives_five_seconds_at_most(edge: Edge) -> None:
    assert sent(edge.client.get("/records", headers=ANN))["x-fls-identity"] == "ann"
    edge.registration.identities.clear()
    time.sleep(5.02)
    assert "x-fls-identity" not in sent(edge.client.get("/records", headers=ANN))


def test_the_api_takes_no_cookie_and_a_page_takes_no_token(edge: Edge) -> None:
    api = sent(edge.client.get("/api/records/v1/records", headers=ANN))
    assert "x-fls-identity" not in api
    page = sent(edge.client.get("/records", headers=ANN_TOKEN))
    assert "x-fls-identity" not in page


def test_credentials_go_no_further_than_needed(edge: Edge) -> None:
    both = ANN | ANN_TOKEN
    api = sent(edge.client.get("/api/records/v1/records", headers=both))
    assert api["x-fls-identity"] == "ann-by-token"
    assert "cookie" not in api and "authorization" not in api
    page = sent(edge.client.get("/records", headers=both))
    assert page["cookie"] == "fls_session=session-of-ann"
    assert "authorization" not in page
    upload = sent(edge.client.post("/imports/upload", headers=both, content=b"x"))
    assert upload["x-fls-identity"] == "ann"
    assert "cookie" not in upload and "authorization" not in upload


def test_registration_is_asked_with_one_kind_of_credential(edge: Edge) -> None:
    edge.client.get("/records", headers=ANN | ANN_TOKEN)
    edge.client.get("/api/records/v1/records", headers=ANN | ANN_TOKEN)
    page, api = edge.registration.asked
    assert page["x-fls-credential-kind"] == "page" and "authorization" not in page
    assert api["x-fls-credential-kind"] == "api" and "cookie" not in api
    assert edge.client.get("/.identity/page").status_code == 404


def test_what_a_page_asks_by_itself_is_told_apart_and_remembered_apart(edge: Edge) -> None:
    polled = f"/imports/{uuid4()}/progress?state=checking"
    for path in (polled, "/records", polled, "/records", "/imports"):
        edge.client.get(path, headers=ANN)
    assert [asked["x-fls-polling"] for asked in edge.registration.asked] == ["yes", "no"]


def test_a_bad_token_is_refused_at_the_edge(edge: Edge) -> None:
    answer = edge.client.get("/api/records/v1/records", headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_forwarding_headers_are_the_edges_own(edge: Edge) -> None:
    lies = {"X-Request-ID": "mine", "X-Forwarded-For": "203.0.113.9", "Forwarded": "for=x"}
    answer = edge.client.get("/", headers=lies)
    headers = sent(answer)
    assert headers["x-request-id"] == answer.headers["x-request-id"] != "mine"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" not in headers


@pytest.mark.parametrize(
    ("path", "upstream", "target"),
    [
        ("/", "pages", "/"),
        ("/imports/new?problem=no_file", "pages", "/imports/new?problem=no_file"),
        ("/downloads", "pages", "/downloads"),
        ("/downloads/template.csv", "pages", "/downloads/template.csv"),
        ("/code-book", "pages", "/code-book"),
        ("/import-specification", "pages", "/import-specification"),
        ("/set-password", "pages", "/set-password"),
        ("/api/registration/v1/me", "registration", "/api/registration/v1/me"),
        ("/api/records/v1/records?page=2", "records", "/api/records/v1/records?page=2"),
        ("/api/imports/v1/imports", "imports", "/api/imports/v1/imports"),
        ("/api/imports/v1/imports/7", "imports", "/api/imports/v1/imports/7"),
        ("/api/facilities/v1/rounds", "facilities", "/api/facilities/v1/rounds"),
    ],
)
def test_each_address_reaches_its_process(
    edge: Edge, path: str, upstream: str, target: str
) -> None:
    answer = edge.client.get(path, headers=ANN_TOKEN).json()
    assert (answer["upstream"], answer["path"]) == (upstream, target)


def test_the_upload_form_goes_to_imports(edge: Edge) -> None:
    answer = edge.client.post("/imports/upload", headers=ANN, content=b"x" * 3_000_000).json()
    assert (answer["upstream"], answer["path"]) == ("imports", "/pages/upload")
    assert answer["body"] == 3_000_000
    back = edge.client.get("/imports/upload", headers=ANN)
    assert (back.status_code, back.headers["location"]) == (303, "/imports/new")


@pytest.mark.parametrize(
    ("path", "target", "page"),
    [
        ("/records/export/file?format=csv&state=valid", "/pages/export?format=csv&state=valid",
         "/records/export"),
        ("/extract/file", "/pages/extract", "/extract"),
    ],
)  # fmt: skip
def test_files_of_records_come_from_records_and_only_for_the_signed_in(
    edge: Edge, path: str, target: str, page: str
) -> None:
    answer = edge.client.get(path, headers=ANN).json()
    assert (answer["upstream"], answer["path"]) == ("records", target)
    assert answer["headers"]["x-fls-identity"] == "ann"
    assert "cookie" not in answer["headers"]
    stranger = edge.client.get(path)
    assert stranger.status_code == 303
    assert stranger.headers["location"] == f"{page}?problem=signed_out"
    edge.upstreams["records"].stop()
    assert edge.client.get(path, headers=ANN).status_code == 503


def test_the_log_comes_from_registration_and_only_for_the_signed_in(edge: Edge) -> None:
    answer = edge.client.get("/log/file?what=signed_in", headers=ANN).json()
    assert (answer["upstream"], answer["path"]) == ("registration", "/pages/log?what=signed_in")
    assert answer["headers"]["x-fls-identity"] == "ann"
    stranger = edge.client.get("/log/file")
    assert (stranger.status_code, stranger.headers["location"]) == (
        303,
        "/log?problem=signed_out",
    )


def test_the_copy_of_an_upload_comes_from_imports_and_only_for_the_signed_in(edge: Edge) -> None:
    place = "imports/0197d7a4-0000-7000-8000-000000000001"
    answer = edge.client.get(f"/{place}/copy?rows=all", headers=ANN).json()
    target = f"/pages/copy/{place.removeprefix('imports/')}?rows=all"
    assert (answer["upstream"], answer["path"]) == ("imports", target)
    assert answer["headers"]["x-fls-identity"] == "ann"
    stranger = edge.client.get(f"/{place}/copy")
    assert (stranger.status_code, stranger.headers["location"]) == (
        303,
        f"/{place}?problem=signed_out",
    )
    by_token = edge.client.get(f"/api/imports/v1/{place}/copy", headers=ANN_TOKEN).json()
    assert (by_token["upstream"], by_token["path"]) == ("imports", f"/api/imports/v1/{place}/copy")
    assert edge.client.get(f"/api/imports/v1/{place}/copy").status_code == 401


def test_files_of_records_by_the_api_need_a_token(edge: Edge) -> None:
    path = "/api/records/v1/export?format=xlsx"
    answer = edge.client.get(path, headers=ANN_TOKEN).json()
    assert (answer["upstream"], answer["path"]) == ("records", path)
    assert answer["headers"]["x-fls-identity"] == "ann-by-token"
    stranger = edge.client.get(path)
    assert stranger.status_code == 401 and stranger.json()["title"] == "Sign in first"


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/internal/identity", "/health/live", "/health", "//internal/identity",
     "/internal%2Fidentity", "/x/../internal/identity", "/api/unknown/v1/x", "/api/records/v2/x",
     "/static/manifest.json", "/static/errors/404.html", "/errors/404.html"],
)  # fmt: skip
def test_private_doors_are_never_served(edge: Edge, path: str) -> None:
    with socket.create_connection(("127.0.0.1", edge.port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        assert b" 404 " in connection.makefile("rb").readline()
    assert not edge.registration.asked


@pytest.mark.parametrize("path", ["/api/records/v1/records", "/api/registration/v1/sessions"])
def test_a_body_over_a_megabyte_is_a_problem_document(edge: Edge, path: str) -> None:
    answer = edge.client.post(path, content=b"x" * 1_100_000)
    assert answer.status_code == 413
    assert answer.json()["title"] == "Too large"


def test_a_body_over_a_megabyte_is_a_page_for_people(edge: Edge) -> None:
    answer = edge.client.post("/register", content=b"x" * 1_100_000)
    assert answer.status_code == 413
    assert "<h1>That is too large</h1>" in answer.text


@pytest.mark.parametrize("path", ["/imports/upload", "/api/imports/v1/imports"])
def test_an_upload_may_have_256_megabytes_and_no_more(edge: Edge, path: str) -> None:
    answer = edge.client.post(path, content=b"x" * 5_000_000, headers=ANN | ANN_TOKEN)
    assert answer.json()["body"] == 5_000_000
    with socket.create_connection(("127.0.0.1", edge.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n"
        connection.sendall(head.encode())
        answer = connection.recv(65536)
    assert b" 413 " in answer.splitlines()[0]
    assert b"256 MB" in answer


def begin_upload(edge: Edge, path: str, credential: str) -> socket.socket:
    """Sends the head of an upload and the beginning of its body, and no more."""
    connection = socket.create_connection(("127.0.0.1", edge.port))
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{credential}Content-Length: 16000000\r\n\r\n"
    connection.sendall(head.encode() + b"x" * 1000)
    connection.settimeout(3)
    return connection


STRANGERS = ["", "Cookie: fls_session=fls_s_no\r\n", "Authorization: Bearer fls_t_no\r\n"]


@pytest.mark.parametrize("credential", STRANGERS, ids=["nothing", "cookie", "token"])
@pytest.mark.parametrize("required", [False, True], ids=["first", "after a cached page"])
def test_no_byte_of_a_strangers_upload_reaches_imports(
    edge: Edge, credential: str, required: bool
) -> None:
    if required:
        name, _, value = credential.strip().partition(": ")
        edge.client.get("/", headers={name: value} if name else {})
    edge.upstreams["imports"].stop()
    with begin_upload(edge, "/imports/upload", credential) as page:
        answer = page.recv(65536)
        assert b" 303 " in answer.splitlines()[0]
        assert b"Location: /imports/new?problem=form_expired\r\n" in answer
    with begin_upload(edge, "/api/imports/v1/imports", credential) as api:
        answer = api.recv(65536)
        assert b" 401 " in answer.splitlines()[0]
        assert b"application/problem+json" in answer


def test_one_credential_has_four_slow_uploads_at_a_time(edge: Edge) -> None:
    token = "Bearer fls_t_ann"
    edge.registration.identities[token] = edge.registration.identities["bearer  fls_t_ann"] = "ann"
    edge.registration.identities["Bearer fls_t_ben"] = "ben"
    path = "/api/imports/v1/imports"
    slow = [begin_upload(edge, path, f"Authorization: {token}\r\n") for _ in range(4)]
    time.sleep(0.3)
    for same in (token, "bearer  fls_t_ann"):
        fifth = edge.client.post(path, headers={"Authorization": same}, content=b"x")
        assert fifth.status_code == 429
        assert "Four of your uploads" in fifth.json()["detail"]
    other = {"Authorization": "Bearer fls_t_ben"}
    assert edge.client.post(path, headers=other, content=b"x").status_code == 200
    assert edge.client.get(path, headers={"Authorization": token}).status_code == 200
    for connection in slow:
        connection.close()


def test_registering_is_limited_too(edge: Edge) -> None:
    answers = [edge.client.post("/register", content=b"x") for _ in range(26)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    api = edge.client.post("/api/registration/v1/applications", content=b"x")
    assert api.status_code == 429
    assert edge.client.get("/api/registration/v1/applications").status_code == 200


def test_the_page_of_a_password_link_keeps_its_address_to_itself(edge: Edge) -> None:
    for path in ("/set-password/secret", "/%73et-password/secret"):
        assert edge.client.get(path).headers["referrer-policy"] == "no-referrer", path


def test_signing_in_is_limited_and_reading_the_page_is_not(edge: Edge) -> None:
    answers = [edge.client.post("/sign-in", content=b"x") for _ in range(80)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert len(refused) >= 8
    assert "<h1>Too many tries</h1>" in refused[0].text
    api = edge.client.post("/api/registration/v1/sessions", content=b"x")
    assert api.status_code == 429
    assert api.headers["content-type"] == "application/problem+json"
    assert all(edge.client.get("/sign-in").status_code == 200 for _ in range(40))


def test_a_flood_of_strangers_does_not_keep_known_browsers_out(edge: Edge) -> None:
    known = {"Cookie": "fls_device=fls_d_abc"}
    strangers = [edge.client.post("/sign-in", content=b"x") for _ in range(45)]
    assert [answer.status_code for answer in strangers].count(429) >= 5
    assert edge.client.post("/sign-in", content=b"x", headers=known).status_code == 200
    for cookie in ("fls_device=", "fls_device=made-up"):
        answers = [
            edge.client.post("/sign-in", content=b"x", headers={"Cookie": cookie}) for _ in range(5)
        ]
        assert 429 in [answer.status_code for answer in answers], "no way around the lanes"


def test_security_headers_are_on_every_answer(edge: Edge) -> None:
    edge.upstreams["records"].stop()
    for path in ("/", "/healthz", "/metrics", "/static/pages.0123456789ab.css",
                 "/api/records/v1/records", "/api/none"):  # fmt: skip
        headers = edge.client.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "permissions-policy" in headers
        assert headers["server"] == "nginx", "no version"
        assert "strict-transport-security" not in headers, "not on plain HTTP"
        assert len(headers.get_list("x-request-id")) == 1


def test_static_files_may_be_kept_for_a_year_and_are_compressed(edge: Edge) -> None:
    answer = edge.client.get("/static/pages.0123456789ab.css")
    assert answer.headers["content-type"] == "text/css"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" not in edge.client.get("/static/none.css").headers.get("cache-control", "")


def test_a_page_is_not_compressed(edge: Edge) -> None:
    assert "content-encoding" not in edge.client.get("/records", headers=ANN).headers


def test_a_service_that_is_down_is_said_clearly(edge: Edge) -> None:
    edge.upstreams["pages"].stop()
    edge.upstreams["records"].stop()
    page = edge.client.get("/records")
    assert page.status_code == 503
    assert "<h1>Not available at the moment</h1>" in page.text
    api = edge.client.get("/api/records/v1/records")
    assert api.status_code == 503
    assert api.json()["title"] == "Not available at the moment"


def test_an_error_of_a_service_passes_as_it_is(edge: Edge) -> None:
    edge.upstreams["records"].status = 503
    assert edge.client.get("/api/records/v1/records").json()["upstream"] == "records"


def test_without_registration_known_callers_go_on_and_others_get_a_clear_page(edge: Edge) -> None:
    assert sent(edge.client.get("/records", headers=ANN))["x-fls-identity"] == "ann"
    edge.registration.stop()
    time.sleep(5.5)
    assert sent(edge.client.get("/records", headers=ANN))["x-fls-identity"] == "ann"
    page = edge.client.get("/records", headers=BEN)
    assert page.status_code == 503
    assert "<h1>Not available at the moment</h1>" in page.text
    api = edge.client.get("/api/records/v1/records", headers=ANN_TOKEN)
    assert api.status_code == 503
    assert api.headers["content-type"] == "application/problem+json"


def test_the_log_has_a_request_id_and_neither_query_nor_password_link(edge: Edge) -> None:
    answer = edge.client.get("/records?search=9990000018", headers=ANN)
    edge.client.get("/set-password/secret-link-1?x=1")
    edge.client.get("/%73et-password/secret-link-2")
    edge.upstreams["pages"].stop()
    edge.client.get("/set-password/secret-link-3")
    text = edge.log_text()
    assert "9990000018" not in text
    assert "secret-link" not in text
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    first = next(line for line in lines if line["path"] == "/records")
    assert first["request_id"] == answer.headers["x-request-id"]
    assert (first["method"], first["status"]) == ("GET", 200)
    assert [line["path"] for line in lines].count("/set-password/...") == 3

"""A person who asks for no language is answered in their own."""

import httpx


async def test_a_refusal_is_written_in_the_language_chosen_at_sign_up(node):
    url = node.url
    said = {
        "email": "lena@example.org",
        "password": "a long enough password",
        "display_name": "Lena",
        "birth_date": "1990-01-01",
        "country": "DE",
        "language": "de",
    }
    async with httpx.AsyncClient(base_url=url, headers={"host": "localhost"}, trust_env=False) as http:
        assert 201 == (await http.post("/v1/sign-up", json=said)).status_code
        place = {name: said[name] for name in ("email", "password", "country")}
        token = (await http.post("/v1/sign-in", json=place)).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        own = await http.get("/v1/workouts/unknown", headers=headers)
        asked = await http.get("/v1/workouts/unknown", headers={**headers, "accept-language": "ru"})
    assert (404, "de", "ru") == (
        own.status_code,
        own.headers["content-language"],
        asked.headers["content-language"],
    )

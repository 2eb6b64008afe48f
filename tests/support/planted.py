"""A life at the API whose every personal value is distinctive, so that it can be looked for afterwards."""

import struct
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import numpy as np

from cli.demo_fit import fit_time, semicircles
from cli.fit_writer import SINT32, UINT8, UINT32, FitField, FitMessage, fit_file
from region_node.features.workouts.samples import encode_blocks
from tests.support.byte_search import Needle, bytes_needle, text_needle
from tests.support.workout_files import START_S, file_id, gzipped, session, zipped

NAME, NEW_NAME = "Zephyrine Quillfeather-Ångström", "Ottoline Vexworthy"
EMAIL, STRANGER = "Zephyrine.Quillfeather@Planted-Mail.example", "nobody.at.all@planted-mail.example"
BORN = "1987-11-23"
PASSWORD, WRONG_PASSWORD = "correct zebra battery 7719 stapleqx", "wrong walrus 5528 paperclipzz"
TITLE, NEW_TITLE = "Sunrise past Wolkenkuckucksheim", "Evening round Schildbürgerhausen"
NOTES = "left knee hurt badly after the third hill"
FILE_NAME, REFUSED_NAME = "quillfeather-home-to-clinic.gpx", "quillfeather-cardiologist.bin"
REFUSED_TEXT = "no workout at all, but pacemaker checked by doctor Abernathy"
REQUEST_ID = "zephyrine-quillfeather"
UNKNOWN_FIELD = "quillfeathers-maiden-name"
LATITUDE, LONGITUDE = 52.5167384, 13.3776219
HEART_RATES = (131, 77, 143, 59, 171, 88, 163, 97, 152, 66, 149, 101)
SECONDS = 60
WINDOW_BYTES = 24
CONTROL = text_needle("control", "a-control-value-that-has-to-be-found")
CONTROL_TEXT = "a-control-value-that-has-to-be-found"

_TEXTS = {
    "name": NAME,
    "new name": NEW_NAME,
    "e-mail": EMAIL,
    "stranger's e-mail": STRANGER,
    "birth date": BORN,
    "password": PASSWORD,
    "wrong password": WRONG_PASSWORD,
    "title": TITLE,
    "new title": NEW_TITLE,
    "notes": NOTES,
    "file name": FILE_NAME,
    "refused name": REFUSED_NAME,
    "refused file": REFUSED_TEXT,
    "request id": REQUEST_ID,
    "unknown field": UNKNOWN_FIELD,
    "latitude": str(LATITUDE),
    "longitude": str(LONGITUDE),
    "heart rates": ",".join(map(str, HEART_RATES[:6])),
    "decimal heart rates": ",".join(map(str, map(float, HEART_RATES[:6]))),
    "channel": "latitude_deg",
    "health channel": "heart_rate_bpm",
    "health field": '"avg_bpm"',
}


@dataclass(frozen=True)
class Life:
    """What the node gave: secrets that may lie nowhere, ids that have to lie somewhere."""

    secrets: dict[str, str]
    person_id: str
    upload_ids: list[str]
    workout_ids: list[str]
    answers: list[tuple[str, int]] = field(default_factory=list)

    def needles(self) -> tuple[Needle, ...]:
        return personal_needles() + tuple(text_needle(name, value) for name, value in self.secrets.items())


def heart_rate(second: int) -> int:
    return HEART_RATES[second % len(HEART_RATES)]


def longitude(second: int) -> float:
    return LONGITUDE + second * 4e-5


def planted_fit() -> bytes:
    records = [
        FitMessage(
            20,
            (
                FitField(253, UINT32, fit_time(START_S + second)),
                FitField(0, SINT32, semicircles(LATITUDE)),
                FitField(1, SINT32, semicircles(longitude(second))),
                FitField(3, UINT8, heart_rate(second)),
            ),
        )
        for second in range(SECONDS)
    ]
    return fit_file([file_id(), *records, session(SECONDS - 1.0, (SECONDS - 1) * 2.7)])


def planted_gpx() -> bytes:
    points = "".join(
        f'<trkpt lat="{LATITUDE}" lon="{longitude(second):.7f}"><time>{_at(second, 1)}</time><extensions>'
        f"<hr>{heart_rate(second)}</hr></extensions></trkpt>"
        for second in range(SECONDS)
    )
    return (
        f'<?xml version="1.0"?><gpx version="1.1" creator="test"><metadata><desc>{NOTES}</desc></metadata>'
        f"<trk><name>{TITLE}</name><cmt>{NOTES}</cmt><type>running</type><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def planted_tcx() -> bytes:
    points = "".join(
        f"<Trackpoint><Time>{_at(second, 2)}</Time><Position><LatitudeDegrees>{LATITUDE}</LatitudeDegrees>"
        f"<LongitudeDegrees>{longitude(second):.7f}</LongitudeDegrees></Position>"
        f"<HeartRateBpm><Value>{heart_rate(second)}</Value></HeartRateBpm></Trackpoint>"
        for second in range(SECONDS)
    )
    return (
        '<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Running">'
        f'<Id>{_at(0, 2)}</Id><Lap StartTime="{_at(0, 2)}"><TotalTimeSeconds>{SECONDS - 1}</TotalTimeSeconds>'
        f"<Track>{points}</Track></Lap><Notes>{NOTES}</Notes></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def planted_samples() -> bytes:
    """A block of samples as the node packs them, before it seals them."""
    columns = {
        "latitude_deg": np.full(SECONDS, LATITUDE),
        "longitude_deg": np.array([longitude(second) for second in range(SECONDS)]),
        "heart_rate_bpm": np.array([float(heart_rate(second)) for second in range(SECONDS)]),
    }
    return next(encode_blocks(columns))


def personal_needles() -> tuple[Needle, ...]:
    place = (semicircles(LATITUDE), semicircles(LONGITUDE))
    rates = np.array(HEART_RATES)
    needles = [text_needle(name, text) for name, text in _TEXTS.items()]
    needles += [
        bytes_needle("position in a FIT record", struct.pack("<ii", *place)),
        bytes_needle("latitude as a double", struct.pack("<d", LATITUDE)),
        bytes_needle("latitude as a double, network order", struct.pack(">d", LATITUDE)),
        bytes_needle("longitude as a double", struct.pack("<d", LONGITUDE)),
    ]
    needles += [
        bytes_needle(f"heart rates as {kind}", rates.astype(kind).tobytes())
        for kind in ("u1", "<i2", "<i4", "<i8", "<f4", "<f8")
    ]
    for name, content in (("FIT", planted_fit()), ("GPX", planted_gpx()), ("TCX", planted_tcx())):
        for begin in range(0, len(content) - WINDOW_BYTES, len(content) // 4):
            needles.append(bytes_needle(f"{name} file at {begin}", content[begin : begin + WINDOW_BYTES]))
    return tuple(needles)


def live(url: str, broker) -> Life:
    """Sign up, upload, edit, be refused, lose the broker, delete; *broker* is stopped for a moment."""
    with httpx.Client(base_url=url, headers={"host": "localhost"}, timeout=60, trust_env=False) as http:
        return _Journey(http).run(broker)


class _Journey:
    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.answers: list[tuple[str, int]] = []

    def ask(self, method: str, path: str, **said) -> httpx.Response:
        answer = self.http.request(method, path, **said)
        self.answers.append((f"{method} {path.partition('?')[0]}", answer.status_code))
        return answer

    def run(self, broker) -> Life:
        person = self._sign_up()
        tokens = self._sign_in()
        self.http.headers["authorization"] = f"Bearer {tokens['access_token']}"
        uploads = [
            self._upload(planted_gpx(), FILE_NAME),
            self._upload(planted_fit(), "quillfeather.fit"),
            self._upload(zipped({FILE_NAME: planted_gpx(), "inner/" + FILE_NAME: planted_tcx()}), "all.zip"),
            self._upload(gzipped(planted_fit()), "again.fit.gz"),
            self._upload(REFUSED_TEXT.encode() * 3, REFUSED_NAME),
        ]
        workouts = [one["workout_id"] for one in self.ask("GET", "/v1/workouts").json()["items"]]
        self._edit(workouts[0])
        self._be_refused()
        self._lose(broker)
        renewed = self.ask(
            "POST", "/v1/session/refresh", json={"refresh_token": tokens["refresh_token"]}
        ).json()
        self._read_and_delete(workouts)
        secrets = {
            "access token": tokens["access_token"],
            "signature": tokens["access_token"].rpartition(".")[2],
            "refresh token": tokens["refresh_token"],
            "refresh secret": tokens["refresh_token"].rpartition(".")[2],
            "later access token": renewed["access_token"],
            "later refresh token": renewed["refresh_token"],
        }
        return Life(secrets, person, uploads, workouts, self.answers)

    def _sign_up(self) -> str:
        place = {"country": "DE", "language": "de", "time_zone": "Europe/Berlin"}
        said = {"email": EMAIL, "password": PASSWORD, "display_name": NAME, "birth_date": BORN, **place}
        self.ask("POST", "/v1/sign-up", json=said | {"birth_date": f"{BORN}th"})
        self.ask("POST", "/v1/sign-up", json=said | {UNKNOWN_FIELD: NAME})
        self.ask("POST", "/v1/sign-up", json=said | {"country": "XX"})
        opened = self.ask("POST", "/v1/sign-up", json=said)
        self.ask("POST", "/v1/sign-up", json=said)
        return opened.json()["person_id"]

    def _sign_in(self) -> dict[str, str]:
        said = {"email": EMAIL, "password": PASSWORD, "country": "DE"}
        self.ask("POST", "/v1/sign-in", json=said | {"password": WRONG_PASSWORD})
        self.ask("POST", "/v1/sign-in", json=said | {"email": STRANGER})
        return self.ask("POST", "/v1/sign-in", json=said).json()

    def _upload(self, content: bytes, name: str) -> str:
        headers = {"content-type": "application/octet-stream", "idempotency-key": f"{EMAIL} {name}"}
        sent = self.ask("POST", "/v1/uploads", params={"name": name}, content=content, headers=headers)
        upload_id = sent.json()["upload_id"]
        patience = time.monotonic() + 60
        while self.http.get(f"/v1/uploads/{upload_id}").json()["state"] not in {"done", "refused", "failed"}:
            assert time.monotonic() < patience, "the upload does not end"
            time.sleep(0.05)
        self.ask("GET", f"/v1/uploads/{upload_id}/results")
        return upload_id

    def _edit(self, workout_id: str) -> None:
        shown = self.ask("GET", f"/v1/workouts/{workout_id}")
        match = {"if-match": shown.headers["etag"]}
        assert self.ask(
            "PATCH", f"/v1/workouts/{workout_id}", json={"title": NEW_TITLE}, headers=match
        ).is_success
        profile = self.ask("GET", "/v1/me")
        changed = {"display_name": NEW_NAME}
        assert self.ask(
            "PATCH", "/v1/me", json=changed, headers={"if-match": profile.headers["etag"]}
        ).is_success

    def _be_refused(self) -> None:
        """Personal values in every place of a request that is not taken."""
        self.ask("GET", f"/v1/workouts/{EMAIL}")
        self.ask("GET", f"/{NAME}/{EMAIL}?note={NOTES}")
        self.ask("GET", "/v1/workouts", params={"cursor": EMAIL, "limit": NOTES})
        self.ask("GET", "/v1/me", headers={"x-request-id": REQUEST_ID, "user-agent": EMAIL, "referer": EMAIL})
        self.ask("GET", "/v1/me", headers={"authorization": f"Bearer {WRONG_PASSWORD}"})
        self.ask("GET", "/v1/me", headers={"host": "quillfeathers-maiden-name.example"})
        self.ask("POST", "/v1/uploads", params={"name": FILE_NAME}, content=NOTES.encode())
        broken = f'{{"email": "{EMAIL}", "password": '.encode()
        self.ask("POST", "/v1/sign-in", content=broken, headers={"content-type": "application/json"})

    def _lose(self, broker) -> None:
        broker.stop()
        headers = {"content-type": "application/octet-stream"}
        self.ask("POST", "/v1/uploads", params={"name": FILE_NAME}, content=NOTES.encode(), headers=headers)
        broker.start()
        patience = time.monotonic() + 60
        while self.http.get("/health/ready").status_code != httpx.codes.OK:
            assert time.monotonic() < patience, "the node does not find its broker again"
            time.sleep(0.1)

    def _read_and_delete(self, workouts: list[str]) -> None:
        for part in ("", "/laps", "/chart", "/track", "/samples"):
            self.ask("GET", f"/v1/workouts/{workouts[0]}{part}")
        match = {"if-match": self.ask("GET", f"/v1/workouts/{workouts[-1]}").headers["etag"]}
        assert self.ask("DELETE", f"/v1/workouts/{workouts[-1]}", headers=match).is_success


def _at(second: int, hours_later: int) -> str:
    return datetime.fromtimestamp(START_S + hours_later * 3600 + second, UTC).isoformat()

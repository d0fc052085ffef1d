"""Webhooks of a service that runs as a process: really sent over https, signed, sent again after failures and kills, and to whom."""

import base64
import hmac
import json
import re
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import faults
import pytest
from receivers import Receiver, certify, receiving
from words import answer

from benchmarks.service.service import Service
from extractor.service.jobs.webhooks import SCHEDULE
from extractor.service.keys import Keys

TEXT = "Russian forces lost 470 troops over the past day, Kyiv's military said on Wednesday."
LOST = {
    "sentence": 1, "source": "Kyiv's military", "subject": "Russian forces", "outcome": "lost",
    "quantity": "470 troops", "time": "over the past day", "type": "human_losses",
}  # fmt: skip
LOOPBACK = {"EXTRACTOR_SERVICE_WEBHOOK_NETWORKS": json.dumps(["127.0.0.0/8", "::1/128"])}


@dataclass(frozen=True)
class Client:
    """Somebody with a key to the service in ``folder``, over all its lives."""

    folder: Path
    certificate: Path
    key: str
    secret: str

    @contextmanager
    def life(self, model, **settings):
        """Run the service until the end of the block, and then kill it as a power cut would; one that was stopped stays so."""
        service = Service(self.folder, model.url, SSL_CERT_FILE=self.certificate, **settings)
        service.start()
        try:
            yield service
        finally:
            service.kill()

    def ask(self, service, method, path, body=None):
        """Return the status and the bytes of an answer."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(service.url + path, json.dumps(body).encode() if body else None, headers, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    def hand_over(self, service, url):
        """Hand over a job of one article whose end is told to ``url``; return the status and what is said."""
        status, said = self.ask(service, "POST", "/v1/jobs", {"articles": [{"text": TEXT}], "webhook": {"url": url}})
        return status, json.loads(said)

    def attempts(self, service):
        """Return how many attempts to tell of an end came to what, in this life of the service."""
        text = self.ask(service, "GET", "/metrics")[1].decode()
        found = re.findall(r'^extractor_webhooks_total\{outcome="(\w+)"\} (\d+)', text, flags=re.MULTILINE)
        return {outcome: int(count) for outcome, count in found}

    def signed(self, message):
        """Tell whether the service sent a message, reckoned as the specification says and by none of our code."""
        at, body = message.headers["webhook-timestamp"], message.body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.digest(key, b".".join([message.headers["webhook-id"].encode(), at.encode(), body]), "sha256")
        return message.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}" and abs(time.time() - int(at)) < 300


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certify(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def client(tmp_path, certificate):
    with closing(Keys.open(tmp_path / "service")) as keys:
        made, key = keys.add("news desk")
    return Client(tmp_path, certificate, key, made.webhook_secret)


@pytest.fixture
def model():
    with faults.serving(faults.Reply(body=faults.completion(answer(LOST)))) as found:
        yield found


def until(there):
    ends = time.monotonic() + 60
    while not there():
        assert time.monotonic() < ends, "it was not so within a minute"
        time.sleep(0.02)


def ids(receiver: Receiver):
    return [message.headers["webhook-id"] for message in receiver.messages]


def jobs(receiver: Receiver):
    return [json.loads(message.body)["data"]["id"] for message in receiver.messages]


def test_a_receiver_that_fails_gets_it_again_after_the_server_was_killed_and_then_no_more(client, model, certificate):
    with receiving(certificate, 503, 204) as receiver:
        with client.life(model, **LOOPBACK) as service:
            status, first = client.hand_over(service, receiver.url)
            assert status == 202
            until(lambda: client.attempts(service) == {"failed": 1})
        with client.life(model, **LOOPBACK) as service:
            until(lambda: client.attempts(service) == {"delivered": 1})
            done = json.loads(client.ask(service, "GET", f"/v1/jobs/{first['id']}")[1])
        with client.life(model, **LOOPBACK) as service:
            # Messages to one host go one after the other, what is due longest first: one still to be sent would come before this one.
            second = client.hand_over(service, receiver.url)[1]
            until(lambda: client.attempts(service) == {"delivered": 1})
            assert service.stop() == 0
    assert jobs(receiver) == [first["id"], first["id"], second["id"]]
    assert ids(receiver)[0] == ids(receiver)[1] != ids(receiver)[2]
    assert all(client.signed(message) for message in receiver.messages)
    told, again, _ = receiver.messages
    assert told.body == again.body
    assert int(again.headers["webhook-timestamp"]) - int(told.headers["webhook-timestamp"]) >= SCHEDULE[0]
    assert json.loads(told.body) == {"type": "job.done", "timestamp": done["ended"], "data": done}
    assert (done["state"], done["done"], done["failed"], done["claims"]) == ("done", 1, 0, 1)
    assert TEXT not in told.body.decode()
    assert len(model.received) == 1


def test_a_message_whose_answer_a_killed_server_did_not_hear_comes_again_under_its_id(client, model, certificate):
    with receiving(certificate, None, 200) as receiver:
        with client.life(model, **LOOPBACK) as service:
            client.hand_over(service, receiver.url)
            until(lambda: receiver.messages)
        with client.life(model, **LOOPBACK) as service:
            until(lambda: client.attempts(service) == {"delivered": 1})
            assert service.stop() == 0
    assert len(receiver.messages) == 2
    assert len(set(ids(receiver))) == 1
    assert all(client.signed(message) for message in receiver.messages)


def test_a_receiver_on_loopback_is_not_called_unless_the_operator_allows_its_network(client, model, certificate):
    with receiving(certificate, None, 200) as receiver:
        with client.life(model) as service:
            for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost"), receiver.url.replace("127.0.0.1", "[::ffff:7f00:1]")):
                status, problem = client.hand_over(service, url)
                assert (status, problem["type"]) == (422, "/problems/invalid")
        assert receiver.connections == 0
        with client.life(model, **LOOPBACK) as service:
            client.hand_over(service, receiver.url)
            until(lambda: receiver.messages)
        with client.life(model) as service:  # it was allowed when the job was handed over, and no longer is
            until(lambda: client.attempts(service) == {"failed": 1})
            assert service.stop() == 0
    assert receiver.connections == 1

"""Asks the screen API through the client that was generated from its own description, and prints what
came as one JSON object: a line of words for each question. What should have come stands in the lab.

usage: screen_client.py URL (answers ID | overload) with blacklist_client in PYTHONPATH
"""

import enum
import json
import sys
import types
import typing

import attrs
import blacklist_client.models as models
from blacklist_client import Client
from blacklist_client.api.screen import screen, screen_batch, screen_by_form, screen_by_query
from blacklist_client.models import (
    CallDirection,
    Decision,
    ErrorObject,
    FlatQuestion,
    Format,
    Identities,
    Question,
    ScreenObject,
)
from blacklist_client.types import Unset

CALLED = "100"
CARRIER = "carrier"


def fits(value, hint):
    """Whether a value is of the type that the generated code promises."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in typing.get_args(hint))
    if origin is list:
        (item,) = typing.get_args(hint)
        return type(value) is list and all(fits(one, item) for one in value)
    if attrs.has(hint):
        return type(value) is hint and not misfits(value)
    return type(value) is hint


def misfits(value):
    """Fields of a generated object that hold something else than they promise."""
    hints = typing.get_type_hints(type(value), localns=vars(models))
    fields = [field.name for field in attrs.fields(type(value)) if field.name != "additional_properties"]
    return [name for name in fields if not fits(getattr(value, name), hints[name])]


def words(answer, raw=None):
    """An answer in one line. `raw` is what came, which the answer must hold wholly."""
    odd = misfits(answer)
    if raw is not None and answer.to_dict() != raw:
        odd.append("not all that came")
    if odd:
        return "misfits: " + ", ".join(odd)
    if isinstance(answer, ErrorObject):
        return "error" if answer.error else "an empty error"
    fields = ("status", "phrase", "reason", "redirect", "rule", "pattern", "list_", "action")
    said = [getattr(answer, name) for name in fields]
    known = [str(value) for value in said if not isinstance(value, Unset)]
    return " | ".join([answer.decision.value, *known])


def told(response):
    """A detailed response: its status, and its answer in words."""
    parsed = response.parsed
    code = response.status_code.value
    if isinstance(parsed, (ScreenObject, ErrorObject)):
        return f"{code} {words(parsed, json.loads(response.content))}"
    if isinstance(parsed, list):
        return f"{code} " + " ; ".join(words(answer) for answer in parsed)
    return f"{code} {parsed!r}"


def question(caller, **more):
    return Question(caller=caller, called=CALLED, **{"trunk": CARRIER, **more})


def singles(client, seen):
    rows = {
        "not listed": "+13105550001",
        "listed": "+14155550101",
        "listed, with a Reason": "+14155550108",
        "diverted to a target": "+14155550107",
        "diverted to the media host": "+14155550106",
    }
    for name, caller in rows.items():
        seen[name] = told(screen.sync_detailed(client=client, body=question(caller)))
    asserted = Identities(p_asserted_identity=["<sip:+14155550101@x>"])
    body = question("+13105550001", trunk="trusted-carrier", identities=asserted)
    seen["an asserted identity"] = told(screen.sync_detailed(client=client, body=body))
    body = question("+13105550001", direction=CallDirection.INBOUND, explain=True)
    answer = screen.sync(client=client, body=body)
    explained = not misfits(answer) and len(answer.steps) > 0
    seen["explained"] = f"{answer.direction.value}, {'steps' if explained else 'no steps'}"
    answer = screen.sync(client=client, body=question("+13105550001"))
    seen["not explained"] = "no steps" if isinstance(answer.steps, Unset) else "steps"


def batches(client, seen):
    body = [question(caller) for caller in ("+14155550101", "+13105550001", "+14155550107")]
    answers = screen_batch.sync(client=client, body=body)
    seen["batch"] = " ; ".join(answer.decision.value for answer in answers)
    odd = [name for answer in answers for name in misfits(answer)]
    seen["batch: misfits"] = ", ".join(odd)
    seen["batch: of none"] = repr(screen_batch.sync(client=client, body=[]))
    body[1].trunk = "nobody"
    seen["batch: one cannot be answered"] = told(screen_batch.sync_detailed(client=client, body=body))
    error = screen_batch.sync(client=client, body=body).error
    seen["batch: which one"] = error.split(":")[0]
    body = [question("+13105550001")] * 1001
    seen["batch: too many"] = told(screen_batch.sync_detailed(client=client, body=body))


def lines(client, seen):
    for name, caller in (("listed", "+14155550101"), ("not listed", "+13105550001")):
        words = {"caller": caller, "called": CALLED, "trunk": CARRIER}
        seen[f"query: {name}"] = told(screen_by_query.sync_detailed(client=client, **words))
        body = FlatQuestion(**words)
        seen[f"form: {name}"] = told(screen_by_form.sync_detailed(client=client, body=body))
    text = screen_by_query.sync(client=client, **words, format_=Format.JSON)
    seen["query: as JSON"] = words_of(text)
    text = screen_by_form.sync(client=client, body=FlatQuestion(**words, format_=Format.JSON))
    seen["form: as JSON"] = words_of(text)


def words_of(text):
    raw = json.loads(text)
    return words(ScreenObject.from_dict(raw), raw)


def refused(client, seen):
    nobody = {"caller": "+13105550001", "called": ""}
    seen["nobody is called"] = told(screen.sync_detailed(client=client, body=Question(**nobody)))
    nowhere = {"caller": "+13105550001", "called": "100", "source": "nowhere"}
    seen["refused"] = told(screen.sync_detailed(client=client, body=Question(**nowhere)))
    body = question("+13105550001", trunk="nobody")
    seen["refused: no such trunk"] = told(screen.sync_detailed(client=client, body=body))
    seen["refused: query"] = told(screen_by_query.sync_detailed(client=client, **nowhere))
    body = FlatQuestion(**nowhere)
    seen["refused: form"] = told(screen_by_form.sync_detailed(client=client, body=body))


def closed(seen):
    for kind in (Decision, CallDirection, Format):
        assert issubclass(kind, enum.Enum)
        seen[f"{kind.__name__} is"] = " ".join(sorted(one.value for one in kind))
    answer = {"outcome": "", "caller": "", "called": "", "direction": "inbound", "trunk": ""}
    try:
        ScreenObject.from_dict({**answer, "decision": "maybe"})
        seen["another decision"] = "parsed"
    except ValueError:
        seen["another decision"] = "refused"
    # What looks over the types must find something where there is something.
    wrong = ScreenObject.from_dict({**answer, "decision": "pass", "status": "603", "caller": None})
    seen["an answer with wrong types"] = words(wrong)


def committed(client, seen, call_id):
    body = question("+14155550101", commit=True, call_id=call_id, transport="tls")
    seen["committed"] = told(screen.sync_detailed(client=client, body=body))


def overload(client, seen):
    body = question("+13105550001", commit=True)
    all_seen = [told(screen.sync_detailed(client=client, body=body)) for _ in range(20)]
    seen["more than there may be"] = " ; ".join(sorted(set(all_seen)))


def main():
    url, what, *more = sys.argv[1:]
    # Nobody's proxy stands between this host and itself.
    client = Client(url, httpx_args={"trust_env": False}, raise_on_unexpected_status=True)
    seen = {}
    if what == "overload":
        overload(client, seen)
    else:
        singles(client, seen)
        batches(client, seen)
        lines(client, seen)
        refused(client, seen)
        closed(seen)
        committed(client, seen, *more)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()

"""A database that fails while something is sent: the client is told, keeps every word, and sends it again."""

import pytest
from django.db import InterfaceError, OperationalError

from reknit.practice import loop
from reknit.practice.checkins.models import Answer, CheckIn

from .conftest import filled


@pytest.mark.parametrize("error", [OperationalError("database or disk is full"), InterfaceError("closed")])
def test_the_words_come_back_and_go_through_at_the_second_try(owner, phone, monkeypatch, error):
    address, sent = owner.at(token=owner.check_in), filled(words="too <fast> today")

    def fail(*_args, **_more):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(loop, "receive_check_in", fail)
        page = phone.post(address, sent)
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    text = page.content.decode()
    assert "too &lt;fast&gt; today" in text
    assert f'name="key" value="{sent["key"]}"' in text
    assert not CheckIn.objects.filter(session=owner.session).exists()
    again = {name: value for name, value in sent.items() if f'name="{name}"' in text}
    assert again == sent
    for _turn in range(2):
        assert phone.post(address, again).status_code == 303
    kept = CheckIn.objects.get(session=owner.session)
    assert Answer.objects.get(check_in=kept, question="words").words == sent["words"]


def test_a_page_that_only_reads_fails_as_ever(owner, phone, monkeypatch):
    monkeypatch.setattr(loop, "open_link", lambda _token: (_ for _ in ()).throw(OperationalError("gone")))
    with pytest.raises(OperationalError):
        phone.get(owner.at())

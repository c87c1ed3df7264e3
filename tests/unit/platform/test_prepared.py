"""A prepared query says what the query builder says, whoever asks and however often."""

import threading

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from reknit.practice.people.models import Clinic, Membership, Role, User
from reknit.practice.prepared import Prepared, insert

SEATS = Prepared(
    lambda clinic, role: (
        Membership.objects.filter(clinic=clinic, role=role).select_related("user").order_by("pk")
    ),
    int,
    str,
)


@pytest.fixture
def clinics(db):
    made = [Clinic.objects.create(name=f"clinic {n}") for n in range(2)]
    for number, clinic in enumerate(made):
        for role in (Role.LEAD, Role.THERAPIST):
            user = User.objects.create_user(email=f"{role}{number}@x.example", name=f"{role} {number}")
            Membership.objects.create(user=user, clinic=clinic, role=role)
    return made


def test_it_holds_what_the_query_set_holds_in_one_query_with_its_relations(clinics):
    for clinic in clinics:
        for role in (Role.LEAD, Role.THERAPIST, Role.SUPERVISOR):
            wanted = list(Membership.objects.filter(clinic=clinic, role=role).order_by("pk"))
            with CaptureQueriesContext(connection) as asked:
                found = SEATS.rows(clinic.pk, role.value)
                assert [seat.user.name for seat in found] == [f"{role} {clinics.index(clinic)}"] * len(wanted)
            assert (found, len(asked)) == (wanted, 1)


def test_values_are_converted_as_ever(clinics):
    ask = Prepared(lambda pk: Clinic.objects.filter(pk=pk).values_list("created_at", F("name")), int)
    assert ask.rows(clinics[1].pk) == [(clinics[1].created_at, "clinic 1")]
    assert ask.first(0) is None


def test_it_changes_only_what_the_query_set_names(clinics):
    close = Prepared(lambda pk: Clinic.objects.filter(pk=pk), int, change={"country": "GB"})
    assert [close.update(clinics[0].pk), close.update(0)] == [1, 0]
    assert list(Clinic.objects.order_by("pk").values_list("country", flat=True)) == ["GB", ""]


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_mix_up_their_parameters():
    clinics = [Clinic.objects.create(name=f"clinic {n}") for n in range(4)]
    ask = Prepared(lambda pk: Clinic.objects.filter(pk=pk).values_list("pk", flat=True), int)
    wrong: list[object] = []

    def go_on(pk):
        wrong.extend(found for _turn in range(50) if (found := ask.rows(pk)) != [pk])
        connection.close()

    threads = [threading.Thread(target=go_on, args=(clinic.pk,)) for clinic in clinics]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_parameter_that_would_not_reach_the_query_is_refused(db):
    with pytest.raises(ValueError, match="parameter"):
        Prepared(lambda _pk: Clinic.objects.all(), int).rows(1)
    with pytest.raises(TypeError):
        SEATS.rows(1)


def test_inserted_records_have_their_keys_and_defaults(clinics):
    user = User.objects.create_user(email="new@x.example")
    seats = [Membership(user=user, clinic=clinic, role=Role.SUPERVISOR) for clinic in clinics]
    insert(seats)
    assert all(seat.pk and not seat._state.adding for seat in seats)
    assert set(Membership.objects.filter(user=user)) == set(seats)
    insert([clinic := Clinic(name="third")])
    clinic.refresh_from_db()
    assert clinic.time_zone == "UTC"

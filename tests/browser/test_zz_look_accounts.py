"""Pictures of the pages, light and dark, at both widths."""
import pytest, re
from tests.browser.conftest import *  # noqa
from tests.browser.test_questionnaires import sign_in
from tests.web.world import build
from reknit.practice.people.models import User
from reknit.practice.rights.models import RetentionRule
from reknit.practice.rights import retention
from reknit.practice.loop import hand_over as moves
from django.core.management import call_command

def test_look(browser, live_server, transactional_db):
    call_command("createcachetable", verbosity=0)
    w = build()
    lead = w.staff["lead"]
    RetentionRule.objects.create(clinic=w.clinic, said_years=1, whole_years=10, law_years=7, law="Health Records Act")
    gone = w.b.pair.relationship
    founder = User.objects.get(email="founder@x.example")
    pages = [
        ("lead", "/clinic/people/"), ("lead", f"/clinic/people/{w.a.pair.therapist.user.pk}/"), ("lead", f"/clinic/people/{lead.pk}/"),
        ("lead", "/clinic/hand-over/"), ("lead", f"/clinic/hand-over/client/{w.a.pair.relationship.pk}/"),
        ("lead", "/clinic/retention/"), ("lead", f"/clinic/retention/{w.a.objects['erasing'].pk}/"), ("lead","/clinic/settings/"),
        ("successor", "/clinic/hand-over/mine/"), ("successor", f"/clinic/hand-over/{w.a.objects['hand_over'].pk}/brought/"), ("successor", "/practice/"),
        ("researcher", "/clinic/research/"), ("lead", "/accounts/sessions/"), ("administrator","/"),
        (None, f"/c/{w.b.token}/moving/"), (None, f"/c/{w.a.token}/moving/"), (None, f"/c/{w.a.token}/messages/"),
        (None, f"/c/{w.a.token}/erase/"), (None, f"/c/{w.b.token}/"),
    ]
    problems = []
    for width, vp in (("1280", DESK), ("390", PHONE)):
        for who, path in pages:
            ctx = browser.new_context(viewport=vp, base_url=live_server.url, locale="en-GB")
            page = ctx.new_page()
            page.on("console", lambda m: problems.append((path, m.text)) if m.type == "error" else None)
            if who:
                sign_in(page, w.staff[who])
            page.goto(path)
            try:
                inspect(page)
            except AssertionError as e:
                problems.append((width, path, str(e)[:600]))
            name = re.sub(r"\W+", "-", f"{who}{path}")[:40]
            page.screenshot(path=f"/tmp/accounts/{name}-{width}.png", full_page=True)
            if width == "1280":
                open("/tmp/accounts/text.txt", "a").write(f"\n=== {path}\n" + page.inner_text("main"))
            if width == "390":
                page.emulate_media(color_scheme="dark")
                page.screenshot(path=f"/tmp/accounts/{name}-{width}-dark.png", full_page=True)
            ctx.close()
    print(problems)
    open("/tmp/accounts/problems.txt","w").write("\n".join(map(str,problems)))

"""What an admin does to accounts in the browser, and what people do to their own."""

import zipfile

from playwright.sync_api import Browser, expect
from tests.acceptance.accounts.walking import (
    POCKET,
    Office,
    ask,
    by_key,
    come_in,
    dialog,
    go,
    options_of,
    section,
    sign_up_by_invitation,
    visitor,
)
from tests.by_hand import PASSWORD
from tests.site import Site


def test_an_account_of_the_enterprise_plan_has_limits_of_its_own(site: Site, browser: Browser, office: Office) -> None:
    with visitor(site, browser) as person:
        token = come_in(person, "/account")
        ask(person, token, "PUT", "/admin/plans", {"on": True})
        go(person, "nav.admin")
        options_of(person, "admin.optionsOf", "plan.name.enterprise", name="An Nguyen")
        line = section(person, "admin.users").get_by_role("listitem").filter(has_text="An Nguyen")
        expect(line).to_contain_text(person.text("plan.name.enterprise"))
        options_of(person, "admin.optionsOf", "limits.open", name="An Nguyen")
        form = dialog(person, "limits.title", name="An Nguyen")
        people = form.get_by_label(person.text("plan.limit.people"))
        people.fill("30")
        form.get_by_role("button", name=person.text("room.save")).click()
        expect(form).not_to_be_visible()

        options_of(person, "admin.optionsOf", "limits.open", name="An Nguyen")
        expect(people).to_have_value("30")
        people.fill("")
        form.get_by_role("button", name=person.text("room.save")).click()
        expect(form).not_to_be_visible()
        ask(person, token, "PUT", "/admin/plans", {"on": False})
        complaints = person.complaints.all()

    assert complaints == []


def test_an_account_is_made_used_by_a_program_taken_along_and_deleted(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser, POCKET) as kim:
        sign_up_by_invitation(kim, office, "Kim Tran", "kim@example.org")
        go(kim, "nav.account")
        kim.button("account.newKey").click()
        kim.page.get_by_label(kim.text("account.keyName")).fill("captions")
        kim.button("account.makeKey").click()
        kim.sees("account.keyOnce")
        keys = section(kim, "account.keys")
        key = keys.locator("code").inner_text()
        kim.button("account.keyKept").click()
        kim.page.reload()
        expect(keys.get_by_role("listitem")).to_have_count(1)
        assert key.startswith("dgm_") and key not in kim.page.content(), "it is shown once"
        assert by_key(kim, key) == 200

        kim.button("account.exportNow").click()
        with kim.page.expect_download() as saving:
            kim.button("account.exportSave").click()
        with zipfile.ZipFile(saving.value.path()) as saved:
            assert any(b"kim@example.org" in saved.read(name) for name in saved.namelist())

        kim.button("account.deleteNow").click()
        sheet = dialog(kim, "account.deleteConfirm")
        sheet.get_by_label(kim.text("account.currentPassword"), exact=True).fill(PASSWORD)
        sheet.get_by_role("button", name=kim.text("account.deleteNow")).click()
        expect(kim.button("signIn.title")).to_be_visible()
        assert by_key(kim, key) in (401, 403), "of an account that is gone, or is about to be"


def test_an_admin_switches_plans_and_closes_an_account(site: Site, browser: Browser, office: Office) -> None:
    an = office.an
    with visitor(site, browser) as vy:
        sign_up_by_invitation(vy, office, "Vy Le", "vy@example.org")
        go(an, "nav.home")
        go(an, "nav.admin")
        for on in (True, False):
            an.page.get_by_text(an.text("admin.plansOn"), exact=True).click()
            an.sees("admin.plansOnText" if on else "admin.plansOffText")
        options_of(an, "admin.optionsOf", "admin.close", name="Vy Le")
        dialog(an, "admin.closeConfirm", name="Vy Le").get_by_role("button", name=an.text("admin.close")).click()
        line = section(an, "admin.users").get_by_role("listitem").filter(has_text="Vy Le")
        expect(line.get_by_text(an.text("admin.isClosed"))).to_be_visible()
        vy.page.reload()

        expect(vy.button("signIn.title")).to_be_visible()

"""`./flsdb rotate-keys` on the running system: records open before, meanwhile and afterwards."""

from __future__ import annotations

from deploy.local.private_files import read_json, write_private
from deploy.secrets import with_new_key
from tests.system.conftest import Live, Person, flsdb, sample_file


def _nhs_number(person: Person) -> str:
    """The NHS number of the newest record, opened."""
    listed = Live.patiently(lambda: person.client.get("/api/records/v1/records"))
    record_id = listed.json()["items"][0]["record_id"]
    path = f"/api/records/v1/records/{record_id}"
    answer = Live.patiently(lambda: person.client.get(path))
    return str(answer.json()["values"]["nhs_number"])


def _key_ids(live: Live) -> list[str]:
    return sorted(read_json(live.layout.secrets)["services"]["master_keys"]["records"]["keys"])


def test_a_rotation_that_was_broken_off_goes_on_and_forgets_the_old_key(live: Live) -> None:
    person = live.new_site("Rotating Keys Hospital")
    live.import_whole(person, sample_file(300, 31, person.site_code))
    before = _nhs_number(person)
    (old,) = _key_ids(live)
    # As it is left by a command that ended right after it had made the new key.
    secrets = read_json(live.layout.secrets)
    key_sets = secrets["services"]["master_keys"]
    key_sets["records"] = with_new_key(key_sets["records"])
    write_private(live.layout.secrets, secrets)

    run = flsdb(live.layout.home, "rotate-keys")

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"going on with {key_sets['records']['current']}" in run.stdout + run.stderr
    assert _key_ids(live) == [key_sets["records"]["current"]] != [old]
    assert _nhs_number(person) == before


def test_every_rotation_has_a_key_of_its_own(live: Live) -> None:
    before = _key_ids(live)
    run = flsdb(live.layout.home, "rotate-keys")
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(_key_ids(live)) == 1
    assert _key_ids(live) != before
